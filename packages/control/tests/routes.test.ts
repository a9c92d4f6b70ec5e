import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { fakeTarget, serviceStatus } from "./fake-target.js";
import { ask, errorOf, serve } from "./serving.js";

const ANSWERS: readonly (readonly [line: string, answer: unknown])[] = [
  ["GET /v1/project", fakeTarget().project()],
  ["GET /v1/services", { services: [serviceStatus("web"), serviceStatus("db")] }],
  ["GET /v1/services?name=db", { services: [serviceStatus("db")] }],
  ["GET /v1/services/web", serviceStatus("web")],
  ["GET /v1/services/w%65b", serviceStatus("web")],
  ["GET http://localhost/v1/services/web", serviceStatus("web")],
  ["GET /v1/services/web/why", { name: "web", sentences: ['service "web" is up'] }],
  ["GET /v1/services/web/processes", { processes: fakeTarget().processes(["web"]) }],
  ["GET /v1/services/web/exec-context", fakeTarget().execContext("web")],
  ["GET /v1/processes?name=web&name=db", { processes: fakeTarget().processes(["web", "db"]) }],
  ["GET /v1/health", { healthy: true, failing: [] }],
];

for (const [line, answer] of ANSWERS) {
  test(`${line} is answered in JSON`, async (t) => {
    const { path } = await serve(t, fakeTarget());
    const { status, headers, text } = await ask(path, line);
    equal(status, 200);
    equal(headers["content-type"], "application/json");
    deepEqual(JSON.parse(text), answer);
  });
}

test("metrics are answered as text", async (t) => {
  const { path } = await serve(t, fakeTarget());
  const { headers, text } = await ask(path, "GET /metrics");
  equal(headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
  equal(text, "supervise_up 1\n");
});

for (const action of ["start", "stop", "restart", "reload"]) {
  test(`the action ${action} on one service is answered with what comes of it, line by line`, async (t) => {
    const target = fakeTarget();
    const { path } = await serve(t, target);
    const { status, headers, text } = await ask(path, `POST /v1/services/web/${action}`);
    equal(status, 200);
    equal(headers["content-type"], "application/x-ndjson");
    const last = text.trimEnd().split("\n").at(-1) ?? "";
    deepEqual(JSON.parse(last), { type: "end", ok: true });
    deepEqual(target.asked, [`${action} web  true`]);
  });
}

test("a signal carries its name", async (t) => {
  const target = fakeTarget();
  const { path } = await serve(t, target);
  equal((await ask(path, "POST /v1/services/web/signal", { signal: "SIGHUP" })).status, 200);
  deepEqual(target.asked, ["signal web SIGHUP true"]);
});

test("an action on many services names them in the body", async (t) => {
  const target = fakeTarget();
  const { path } = await serve(t, target);
  const body = { action: "stop", names: ["db", "web"] };
  equal((await ask(path, "POST /v1/actions", body)).status, 200);
  equal((await ask(path, "POST /v1/actions", { action: "start" })).status, 200);
  deepEqual(target.asked, ["stop db web  true", "start web db  true"]);
});

test("an action that is not waited for is accepted", async (t) => {
  const target = fakeTarget();
  const { path } = await serve(t, target);
  const { status, text } = await ask(path, "POST /v1/services/web/stop", { wait: false });
  equal(status, 202);
  deepEqual(JSON.parse(text), { accepted: true });
  deepEqual(target.asked, ["stop web  false"]);
});

test("an action that is not waited for and goes on is accepted, and lives longer than its request", async (t) => {
  let over: (() => void) | undefined;
  let signal: AbortSignal | undefined;
  const { path } = await serve(
    t,
    fakeTarget({
      async *act(_request, _caller, given) {
        signal = given;
        await new Promise<void>((resolve) => (over = resolve));
        yield { type: "end", ok: true };
      },
    }),
  );
  equal((await ask(path, "POST /v1/services/web/reload", { wait: false })).status, 202);
  await ask(path, "GET /v1/project");
  equal(signal?.aborted, false);
  over?.();
});

test("an action that is not waited for and is refused at once is an error", async (t) => {
  const { path } = await serve(
    t,
    fakeTarget({
      async *act() {
        const outcome = { name: "web", ok: false, message: "it is shutting down", unchanged: true };
        yield { type: "outcome", outcome };
        yield { type: "end", ok: false };
      },
    }),
  );
  const reply = await ask(path, "POST /v1/services/web/start", { wait: false });
  equal(errorOf(reply), "409 refused");
  equal(JSON.parse(reply.text).error.message, 'service "web": it is shutting down');
});

test("a configuration that can't be applied is a result with status 422", async (t) => {
  const result = { applied: false, generation: 1, changes: [], diagnostics: [] };
  const reloadConfiguration = (): Promise<typeof result> => Promise.resolve(result);
  const { path } = await serve(t, fakeTarget({ reloadConfiguration }));
  const { status, text } = await ask(path, "POST /v1/reload");
  equal(status, 422);
  deepEqual(JSON.parse(text), result);
});

test("a preview carries texts, a scale numbers, and what is refused is a conflict", async (t) => {
  const target = fakeTarget();
  const { path } = await serve(t, target);
  const texts = { "/srv/supervise.yaml": "services: {}" };
  equal((await ask(path, "POST /v1/reload", { preview: true, texts })).status, 200);
  equal(errorOf(await ask(path, "POST /v1/reload", { texts })), "400 bad-value");
  equal(errorOf(await ask(path, "POST /v1/reload", { texts: { a: 1 } })), "400 bad-value");
  equal((await ask(path, "POST /v1/scale", { services: { web: 3 } })).status, 200);
  equal(errorOf(await ask(path, "POST /v1/scale", { services: { nobody: 3 } })), "409 refused");
  for (const services of [undefined, {}, { web: -1 }, { web: 1.5 }, { web: "3" }, ["web"]])
    equal(errorOf(await ask(path, "POST /v1/scale", { services })), "400 bad-value");
  deepEqual(
    target.asked.map((one) => one.replace(/ by [0-9]+$/, "")),
    ["preview of /srv/supervise.yaml", 'scale {"web":3}', 'scale {"nobody":3}'],
  );
});

test("the caller's identity is the kernel's word", async (t) => {
  const target = fakeTarget();
  const peer = (): { pid: number; uid: number; gid: number } => ({ pid: 9, uid: 1000, gid: 5 });
  const { path } = await serve(t, target, { peer, ownUid: 1000 });
  await ask(path, "POST /v1/reload");
  await ask(path, "POST /v1/shutdown", { now: true });
  deepEqual(target.asked, ["reload by 1000", "shutdown true by 1000"]);
});

test("events and logs take their query", async (t) => {
  const target = fakeTarget();
  const { path } = await serve(t, target);
  equal((await ask(path, "GET /v1/events?after=1")).text.trimEnd().split("\n").length, 2);
  await ask(path, "GET /v1/events?follow=true");
  const { text } = await ask(path, "GET /v1/logs?name=web&lines=10&follow=1");
  equal(JSON.parse(text).skipped, 3);
  await ask(path, "GET /v1/logs");
  deepEqual(target.asked, [
    "events 1 false",
    "events 0 true",
    "logs web 10 true",
    "logs web db null false",
  ]);
});

test("failing services make the health 503, and are named", async (t) => {
  const services = (): ReturnType<typeof serviceStatus>[] => [
    serviceStatus("a", { state: "failed", reason: "it gave up" }),
    serviceStatus("b", { state: "failed", wanted: "down" }),
    serviceStatus("c", { health: "unhealthy" }),
    serviceStatus("d", { state: "backoff" }),
  ];
  const { path } = await serve(t, fakeTarget({ services }));
  const { status, text } = await ask(path, "GET /v1/health");
  equal(status, 503);
  deepEqual(JSON.parse(text), {
    healthy: false,
    failing: [
      { name: "a", state: "failed", health: "none", reason: "it gave up" },
      { name: "c", state: "up", health: "unhealthy", reason: "it runs" },
    ],
  });
});

const ERRORS: readonly (readonly [line: string, body: unknown, error: string, allow?: string])[] = [
  ["GET /", undefined, "404 no-such-path"],
  ["GET /v1/services/web/", undefined, "404 no-such-path"],
  ["GET /v1//services", undefined, "404 no-such-path"],
  ["GET //v1/project", undefined, "404 no-such-path"],
  ["GET /v1/x/../project", undefined, "404 no-such-path"],
  ["POST /v1/services/web/explode", {}, "404 no-such-path"],
  ["GET /v1/services/web/explode", undefined, "404 no-such-path"],
  ["GET /v1/services/%ff", undefined, "400 bad-path"],
  ["OPTIONS *", undefined, "400 bad-path"],
  ["GET /v1/services/nope", undefined, "404 unknown-service"],
  ["GET /v1/services/nope/why", undefined, "404 unknown-service"],
  ["GET /v1/services/nope/processes", undefined, "404 unknown-service"],
  ["GET /v1/services/nope/exec-context", undefined, "404 unknown-service"],
  ["GET /v1/services?name=nope", undefined, "404 unknown-service"],
  ["GET /v1/processes?name=nope", undefined, "404 unknown-service"],
  ["GET /v1/logs?name=nope", undefined, "404 unknown-service"],
  ["POST /v1/services/nope/stop", undefined, "404 unknown-service"],
  ["POST /v1/services/nope/stop", { wait: false }, "404 unknown-service"],
  ["POST /v1/actions", { action: "stop", names: ["nope"] }, "404 unknown-service"],
  ["POST /v1/project", undefined, "405 method-not-allowed", "GET"],
  ["DELETE /v1/services/web", undefined, "405 method-not-allowed", "GET"],
  ["OPTIONS /v1/services", undefined, "405 method-not-allowed", "GET"],
  ["GET /v1/services/web/stop", undefined, "405 method-not-allowed", "POST"],
  ["PUT /v1/actions", {}, "405 method-not-allowed", "POST"],
  ["GET /v1/reload", undefined, "405 method-not-allowed", "POST"],
  ["GET /v1/project?verbose=1", undefined, "400 unknown-parameter"],
  ["POST /v1/reload?now=1", undefined, "400 unknown-parameter"],
  ["GET /v1/project", { a: 1 }, "400 unknown-key"],
  ["POST /v1/reload", { now: true }, "400 unknown-key"],
  ["POST /v1/services/web/stop", { names: [] }, "400 unknown-key"],
  ["POST /v1/services/web/stop", { signal: "TERM" }, "400 unknown-key"],
  ["POST /v1/services/web/stop", { wait: "no" }, "400 bad-value"],
  ["POST /v1/services/web/signal", {}, "400 bad-value"],
  ["POST /v1/services/web/signal", { signal: 9 }, "400 bad-value"],
  ["POST /v1/actions", {}, "400 bad-value"],
  ["POST /v1/actions", { action: "explode" }, "400 bad-value"],
  ["POST /v1/actions", { action: "stop", names: "web" }, "400 bad-value"],
  ["POST /v1/actions", { action: "stop", names: ["web", null] }, "400 bad-value"],
  ["POST /v1/actions", { action: "stop", signal: "TERM" }, "400 bad-value"],
  ["POST /v1/actions", '{"__proto__": {}}', "400 unknown-key"],
  ["POST /v1/shutdown", { now: 1 }, "400 bad-value"],
  ["POST /v1/shutdown", "{", "400 bad-json"],
  ["POST /v1/shutdown", "[]", "400 bad-body"],
  ["POST /v1/shutdown", "null", "400 bad-body"],
  ["POST /v1/shutdown", `${"[".repeat(50_000)}${"]".repeat(50_000)}`, "400 bad-body"],
  ["GET /v1/events?after=-1", undefined, "400 bad-value"],
  ["GET /v1/events?after=1&after=2", undefined, "400 bad-value"],
  ["GET /v1/events?follow=maybe", undefined, "400 bad-value"],
  ["GET /v1/logs?lines=many", undefined, "400 bad-value"],
];

test("every wrong request has its own status and code, and the connection serves on", async (t) => {
  const target = fakeTarget();
  const { path, warnings } = await serve(t, target);
  for (const [line, body, error, allow] of ERRORS) {
    const reply = await ask(path, line, body);
    equal(errorOf(reply), error, line);
    equal(reply.headers.allow, allow, line);
    equal(reply.headers["content-type"], "application/json");
  }
  deepEqual(target.asked, []);
  deepEqual(warnings, []);
});

test("HEAD is not allowed, and is told so without a body", async (t) => {
  const { path } = await serve(t, fakeTarget());
  const { status, headers, text } = await ask(path, "HEAD /v1/project");
  deepEqual([status, headers.allow, text], [405, "GET", ""]);
});

test("an error carries the target's hint", async (t) => {
  const { path } = await serve(t, fakeTarget());
  const { text } = await ask(path, "GET /v1/services/nope");
  deepEqual(JSON.parse(text), {
    error: {
      code: "unknown-service",
      message: 'cannot find service "nope"',
      hint: "the services are web, db",
    },
  });
});

test("a name that stands for several services is no one service", async (t) => {
  const services = (): ReturnType<typeof serviceStatus>[] => [
    serviceStatus("web-1"),
    serviceStatus("web-2"),
  ];
  const { path } = await serve(t, fakeTarget({ services }));
  equal(errorOf(await ask(path, "GET /v1/services/web")), "400 ambiguous");
});

test("a fault of the target is answered 500 and told, and the server serves on", async (t) => {
  const circle: Record<string, unknown> = {};
  circle["self"] = circle;
  const { path, warnings } = await serve(
    t,
    fakeTarget({
      metrics: () => {
        throw new Error("boom");
      },
      project: () => circle as never,
      reloadConfiguration: () => Promise.reject(new Error("bang")),
    }),
  );
  for (const line of ["GET /metrics", "GET /v1/project", "POST /v1/reload"]) {
    equal(errorOf(await ask(path, line)), "500 internal", line);
  }
  equal(warnings.length, 3);
  equal(warnings[0], 'Cannot answer GET "/metrics": internal error: boom');
  equal((await ask(path, "GET /v1/services/web")).status, 200);
});
