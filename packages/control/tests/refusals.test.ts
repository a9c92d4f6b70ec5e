import { deepEqual, doesNotMatch, equal, match, ok } from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { test } from "node:test";
import { until } from "@supervise/testkit";
import { DEFAULT_LIMITS } from "#control/limits.js";
import { fakeTarget, serviceStatus } from "./fake-target.js";
import { ask, connectRaw, errorOf, say, serve } from "./serving.js";

/** One turn of the event loop, also while a test has the timers. */
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

const GET = "GET /v1/project HTTP/1.1\r\nhost: x\r\n\r\n";

/** The status line's number and the code in the body of a raw answer. */
function rawError(answer: string): string {
  const [head = "", body = ""] = answer.split("\r\n\r\n");
  return errorOf({ status: Number(head.split(" ")[1]), text: body });
}

test("what is no HTTP is answered 400 and ends the connection", async (t) => {
  const { path } = await serve(t, fakeTarget());
  for (const bytes of [
    "hello\r\n\r\n",
    "\0\0\0\0",
    "\x16\x03\x01\x02\x00\x01\x00",
    "GET /v1/project HTTP/9.9\r\n\r\n",
    "GET /v1/project HTTP/1.1\r\nhost x\r\n\r\n",
    "POST /v1/reload HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n",
    "POST /v1/reload HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
    "POST /v1/reload HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
  ]) {
    const answer = await say(t, path, bytes);
    equal(rawError(answer), "400 bad-request", JSON.stringify(bytes));
    match(answer, /\r\nconnection: close\r\n/i);
  }
  equal((await ask(path, "GET /v1/project")).status, 200);
});

test("HTTP/1.1 without a host is answered 400, HTTP/1.0 needs none", async (t) => {
  const { path } = await serve(t, fakeTarget());
  const raw = await connectRaw(t, path);
  raw.socket.write("GET /v1/project HTTP/1.1\r\n\r\n");
  await until(() => raw.heard().includes("}\n"), { what: "the answer", log: raw.heard });
  equal(rawError(raw.heard()), "400 bad-request");
  match(await say(t, path, "GET /v1/project HTTP/1.0\r\n\r\n"), /^HTTP\/1\.1 200 /);
});

test("a request that does not come to its end in time is answered 408", async (t) => {
  const { path } = await serve(t, fakeTarget(), { limits: { requestMs: 40 } });
  for (const bytes of [
    "G",
    "GET /v1/project HTTP/1.1\r\nhost:",
    "POST /v1/reload HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{",
  ]) {
    equal(rawError(await say(t, path, bytes)), "408 timeout", bytes);
  }
});

test("a client that says nothing is answered 408", async (t) => {
  const { path } = await serve(t, fakeTarget(), { limits: { requestMs: 20 } });
  const raw = await connectRaw(t, path);
  await raw.closed;
  equal(rawError(raw.heard()), "408 timeout");
});

test("a connection that is kept, and brings no next request, is closed without a word", async (t) => {
  const { path } = await serve(t, fakeTarget());
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const raw = await connectRaw(t, path);
  raw.socket.write(GET);
  while (!raw.heard().endsWith("}\n")) await turn();
  match(raw.heard(), /^HTTP\/1\.1 200 /);
  while (!raw.socket.closed) {
    t.mock.timers.tick(DEFAULT_LIMITS.requestMs);
    await turn();
  }
  t.mock.timers.reset();
  doesNotMatch(raw.heard(), /408/);
});

test("an answer takes longer than a request may, and is not cut", async (t) => {
  let go: (() => void) | undefined;
  const asked = new Promise<void>((resolve) => (go = resolve));
  let answer: (() => void) | undefined;
  const { path } = await serve(
    t,
    fakeTarget({
      reloadConfiguration: () => {
        go?.();
        return new Promise((resolve) => {
          answer = () => resolve({ applied: true, generation: 2, changes: [], diagnostics: [] });
        });
      },
    }),
  );
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const reply = ask(path, "POST /v1/reload");
  await asked;
  t.mock.timers.tick(2 * DEFAULT_LIMITS.requestMs);
  t.mock.timers.reset();
  answer?.();
  equal((await reply).status, 200);
});

test("a head over the limit is answered 431", async (t) => {
  const { path } = await serve(t, fakeTarget(), { limits: { headBytes: 2_000 } });
  const long = "a".repeat(3_000);
  const head = `GET /v1/project HTTP/1.1\r\nhost: x\r\nlong: ${long}\r\n\r\n`;
  equal(rawError(await say(t, path, head)), "431 too-large");
  equal(rawError(await say(t, path, `GET /${long} HTTP/1.1\r\nhost: x\r\n\r\n`)), "431 too-large");
});

test("a body over the limit is answered 413 before it is sent, where its length is told", async (t) => {
  const { path } = await serve(t, fakeTarget(), { limits: { bodyBytes: 100 } });
  const raw = await connectRaw(t, path);
  raw.socket.write("POST /v1/reload HTTP/1.1\r\nhost: x\r\ncontent-length: 101\r\n\r\n");
  await until(() => raw.heard().includes("}\n"), { what: "the answer", log: raw.heard });
  equal(rawError(raw.heard()), "413 too-large");
  match(raw.heard(), /\r\nconnection: close\r\n/i);
  raw.socket.write("x".repeat(101));
  await raw.closed;
});

test("a client that first sends all of a body over the limit gets its 413", async (t) => {
  const { path } = await serve(t, fakeTarget(), { limits: { bodyBytes: 200_000 } });
  const body = `{"a":"${"x".repeat(1_000_000)}"}`;
  equal(errorOf(await ask(path, "POST /v1/reload", body)), "413 too-large");
  const size = body.length.toString(16);
  const chunked = `POST /v1/reload HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n${size}\r\n${body}\r\n0\r\n\r\n`;
  equal(rawError(await say(t, path, chunked)), "413 too-large");
});

test("a body without end is cut", async (t) => {
  const { path } = await serve(t, fakeTarget(), { limits: { bodyBytes: 1_000 } });
  const raw = await connectRaw(t, path);
  raw.socket.write("POST /v1/reload HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n");
  const more = (): void => {
    while (raw.socket.writable && raw.socket.write(`3e8\r\n${"x".repeat(1_000)}\r\n`));
  };
  raw.socket.on("drain", more);
  more();
  await raw.closed;
  equal(rawError(raw.heard()), "413 too-large");
});

test("a body that just fits is read", async (t) => {
  const body = '{"now":false}';
  const { path } = await serve(t, fakeTarget(), { limits: { bodyBytes: body.length } });
  equal((await ask(path, "POST /v1/shutdown", body)).status, 200);
});

test("a body that is not UTF-8 is no JSON", async (t) => {
  const { path } = await serve(t, fakeTarget());
  const head =
    "POST /v1/reload HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 2\r\n\r\n";
  const bytes = Buffer.concat([Buffer.from(head), Buffer.from([0xff, 0xfe])]);
  equal(rawError(await say(t, path, bytes)), "400 bad-json");
});

test("who expects 100-continue hears it before the body, or the error instead", async (t) => {
  const { path } = await serve(t, fakeTarget(), { limits: { bodyBytes: 100 } });
  const expecting = (line: string, length: number): Promise<string> =>
    new Promise((resolve, reject) => {
      const [method = "", url = ""] = line.split(" ");
      const heard: string[] = [];
      const headers = { expect: "100-continue", "content-length": length };
      const request = httpRequest({ socketPath: path, method, path: url, agent: false, headers });
      request.on("continue", () => {
        heard.push("100");
        request.end("{}");
      });
      request.on("error", reject);
      request.on("response", (response) => {
        heard.push(String(response.statusCode));
        response.resume();
        request.destroy();
        resolve(heard.join(" "));
      });
      request.flushHeaders();
    });
  equal(await expecting("POST /v1/reload", 2), "100 200");
  equal(await expecting("POST /v1/reload", 101), "413");
  equal(await expecting("POST /v1/nowhere", 2), "404");
  const strange =
    "GET /v1/project HTTP/1.1\r\nhost: x\r\nexpect: cake\r\nconnection: close\r\n\r\n";
  equal(rawError(await say(t, path, strange)), "417 bad-expectation");
});

test("CONNECT is refused, and an upgrade is not made", async (t) => {
  const { path } = await serve(t, fakeTarget());
  const tunnel = await say(t, path, "CONNECT web:80 HTTP/1.1\r\nhost: web\r\n\r\n");
  equal(rawError(tunnel), "405 method-not-allowed");
  match(tunnel, /\r\nallow: GET, POST\r\n/i);
  const upgrade = "connection: upgrade, close\r\nupgrade: websocket\r\n\r\n";
  const answer = await say(t, path, `GET /v1/project HTTP/1.1\r\nhost: x\r\n${upgrade}`);
  match(answer, /^HTTP\/1\.1 200 /);
  equal((await ask(path, "GET /v1/project")).status, 200);
});

test("requests that come at once are answered in their order, one after the other", async (t) => {
  const target = fakeTarget();
  const { path } = await serve(t, target);
  const post = (action: string): string =>
    `POST /v1/services/web/${action} HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n`;
  const last = "GET /v1/services/nope HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
  const answer = await say(t, path, post("stop") + GET + post("start") + last);
  const statuses = [...answer.matchAll(/HTTP\/1\.1 (\d+)/g)].map((found) => found[1]);
  deepEqual(statuses, ["200", "200", "200", "404"]);
  deepEqual(target.asked, ["stop web  true", "start web  true"]);
});

test("behind a stream that does not end, only so many requests may wait", async (t) => {
  let streams = 0;
  const { path } = await serve(
    t,
    fakeTarget({
      async *events(_query, signal) {
        streams += 1;
        await new Promise<void>((resolve) => {
          signal.addEventListener("abort", () => resolve());
        });
        yield* [];
      },
    }),
    { limits: { pipelined: 3 } },
  );
  const follow = "GET /v1/events?follow HTTP/1.1\r\nhost: x\r\n\r\n";
  const raw = await connectRaw(t, path);
  raw.socket.write(follow.repeat(1_000));
  await raw.closed;
  ok(streams <= 1);
  equal((await ask(path, "GET /v1/project")).status, 200);
});

test("garbage behind a request whose answer has begun cuts the connection", async (t) => {
  let aborted = false;
  const { path } = await serve(
    t,
    fakeTarget({
      async *events(_query, signal) {
        yield { seq: 1 } as never;
        await new Promise<void>((resolve) => {
          signal.addEventListener("abort", () => resolve());
        });
        aborted = true;
      },
    }),
  );
  const raw = await connectRaw(t, path);
  raw.socket.write("GET /v1/events?follow HTTP/1.1\r\nhost: x\r\n\r\n");
  await until(() => raw.heard().includes('"seq":1'), { what: "the first item", log: raw.heard });
  raw.socket.write("garbage\r\n\r\n");
  await raw.closed;
  doesNotMatch(raw.heard(), /bad-request/);
  await until(() => aborted, { what: "the stream's end" });
});

for (const [who, peer] of [
  ["another user", () => ({ pid: 1, uid: 1001, gid: 0 })],
  ["a peer that nobody knows", () => null],
] as const) {
  test(`${who} is refused with 403, whatever is asked`, async (t) => {
    const target = fakeTarget();
    const { path } = await serve(t, target, { peer, ownUid: 1000 });
    equal(errorOf(await ask(path, "POST /v1/reload")), "403 not-allowed");
    const raw = await connectRaw(t, path);
    await until(() => raw.heard().includes("}\n"), { what: "the answer" });
    raw.socket.end();
    await raw.closed;
    deepEqual(target.asked, []);
  });
}

test("where the peer can't be told the connection is refused and the reason is told", async (t) => {
  const peer = (): never => {
    throw new Error("no such option");
  };
  const { path, warnings } = await serve(t, fakeTarget(), { peer });
  equal(errorOf(await ask(path, "GET /v1/project")), "403 not-allowed");
  match(warnings[0] ?? "", /^Cannot tell who connects .*: no such option$/);
});

test("beyond the limit of connections a client is told 503, and there is room again when others end", async (t) => {
  const { path } = await serve(t, fakeTarget());
  const hanging = await Promise.all(
    Array.from({ length: 200 }, async () => {
      const raw = await connectRaw(t, path);
      raw.socket.write("GET /v1/pro");
      return raw;
    }),
  );
  const full = await ask(path, "GET /v1/project").catch(() => null);
  if (full !== null) equal(errorOf(full), "503 too-many");
  await until(() => hanging.filter((raw) => raw.heard().includes("503")).length, {
    is: (told) => told >= 60,
    what: "the 503 of those beyond the limit",
  });
  equal(hanging.filter((raw) => raw.heard() === "").length >= 128, true);
  for (const raw of hanging) raw.socket.destroy();
  await Promise.all(hanging.map((raw) => raw.closed));
  const after = await until(() => ask(path, "GET /v1/project"), {
    is: (reply) => reply.status === 200,
    what: "an answer",
  });
  equal(after.status, 200);
});

test("a client that never reads a large answer is cut, and its place is free", async (t) => {
  const services = (): ReturnType<typeof serviceStatus>[] =>
    Array.from({ length: 10_000 }, (_, index) => serviceStatus(`web-${index}`));
  const limits = { connections: 1, stalledMs: 100 };
  const { path } = await serve(t, fakeTarget({ services }), { limits });
  const raw = await connectRaw(t, path);
  raw.socket.pause();
  equal((await ask(path, "GET /v1/project")).status, 503);
  raw.socket.write("GET /v1/services HTTP/1.1\r\nhost: x\r\n\r\n");
  await until(() => ask(path, "GET /v1/project"), {
    is: ({ status }) => status === 200,
    what: "the place of the client that was cut",
  });
});

test("what a refused client still sends is read away and not taken for requests", async (t) => {
  let requests = 0;
  const { path } = await serve(t, fakeTarget(), {
    onListening: (server) => void server.on("request", () => (requests += 1)),
  });
  const raw = await connectRaw(t, path);
  const flood = GET.repeat(100_000);
  raw.socket.write(flood);
  await raw.closed;
  // The parser goes to the end of what it has been given, which is at most 64 KiB.
  ok(requests <= 2 * (65_536 / GET.length), `${requests} requests were taken`);
  equal((await ask(path, "GET /v1/project")).status, 200);
});
