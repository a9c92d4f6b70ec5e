import { deepEqual, equal, rejects } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { ControlError, createClient } from "@supervise/control";
import { assertNoLeaks, atEnd, temporaryDirectory, type TestScope } from "@supervise/testkit";
import { fakeTarget, logLine, serviceStatus } from "./fake-target.js";
import { serve } from "./serving.js";

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** What answers every connection with `bytes` and then closes it. */
async function answering(t: TestScope, bytes: string): Promise<string> {
  assertNoLeaks(t);
  const path = join(temporaryDirectory(t), "control");
  const server: Server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => socket.end(bytes));
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  atEnd(t, () => new Promise<void>((resolve) => void server.close(() => resolve())));
  return path;
}

test("every method is understood by the server", async (t) => {
  const target = fakeTarget();
  const { path } = await serve(t, target);
  const client = createClient({ socketPath: path });
  deepEqual(await client.project(), target.project());
  deepEqual(await client.services([]), target.services([]));
  deepEqual(await client.services(["db", "web"]), target.services(["db", "web"]));
  deepEqual(await client.service("web"), serviceStatus("web"));
  deepEqual(await client.why("web"), ['service "web" is up']);
  deepEqual(await client.processes(["web"]), target.processes(["web"]));
  deepEqual(await client.execContext("web"), target.execContext("web"));
  equal(await client.metrics(), "supervise_up 1\n");
  deepEqual(await client.health(), { healthy: true, failing: [] });
  equal((await client.reload()).generation, 2);
  const events = await all(client.events({ after: 1, follow: true }));
  deepEqual(
    events.map(({ seq }) => seq),
    [2, 3],
  );
  const [line] = await all(client.logs({ names: ["web"], lines: 5, follow: false }));
  deepEqual(line, { ...logLine(4, "listening"), skipped: 3 });
  await all(client.logs({ names: [], lines: null, follow: true }));
  equal((await all(client.act({ action: "stop", names: ["web"], wait: true }))).length, 2);
  const signal = { action: "signal", names: ["web"], signal: "SIGHUP", wait: true } as const;
  equal((await all(client.act(signal))).length, 2);
  deepEqual(await all(client.shutDown(true)), [{ type: "end", ok: true }]);
  deepEqual(target.asked, [
    "reload by 0",
    "events 1 true",
    "logs web 5 false",
    "logs web db null true",
    "stop web  true",
    "signal web SIGHUP true",
    "shutdown true by 0",
  ]);
});

test("an action that is not waited for yields nothing", async (t) => {
  const target = fakeTarget();
  const { path } = await serve(t, target);
  const request = { action: "start", names: ["web"], wait: false } as const;
  deepEqual(await all(createClient({ socketPath: path }).act(request)), []);
  deepEqual(target.asked, ["start web  false"]);
});

test("names are carried whole, whatever is in them", async (t) => {
  const seen: string[] = [];
  const why = (name: string): string[] => {
    seen.push(name);
    return [];
  };
  const { path } = await serve(t, fakeTarget({ why }));
  const client = createClient({ socketPath: path });
  const names = ["a/b", "a b", "a?b=c&d#e", "é\u{1F600}", "%41", "*", "..", "+"];
  for (const name of names) await client.why(name);
  deepEqual(seen, names);
});

test("an unhealthy service and a bad configuration are results, no errors", async (t) => {
  const { path } = await serve(
    t,
    fakeTarget({
      services: () => [serviceStatus("web", { state: "failed" })],
      reloadConfiguration: () =>
        Promise.resolve({ applied: false, generation: 1, changes: [], diagnostics: [] }),
    }),
  );
  const client = createClient({ socketPath: path });
  equal((await client.health()).healthy, false);
  equal((await client.reload()).applied, false);
});

test("an error of the server is thrown with its code and hint, by streams too", async (t) => {
  const { path } = await serve(t, fakeTarget());
  const client = createClient({ socketPath: path });
  const error = {
    name: "ControlError",
    code: "unknown-service",
    message: 'cannot find service "x"',
    hint: "the services are web, db",
  };
  await rejects(client.service("x"), error);
  await rejects(all(client.act({ action: "stop", names: ["x"], wait: true })), error);
  await rejects(all(client.logs({ names: ["x"], lines: null, follow: true })), error);
});

test("an error in the middle of a stream is thrown after the items before it", async (t) => {
  const { path } = await serve(
    t,
    fakeTarget({
      async *logs() {
        yield logLine(1, "one");
        throw new Error("boom");
      },
    }),
  );
  const stream = createClient({ socketPath: path }).logs({ names: [], lines: null, follow: true });
  const found: string[] = [];
  const read = async (): Promise<void> => {
    for await (const { text } of stream) found.push(text);
  };
  await rejects(read(), { code: "internal", message: "internal error: boom" });
  deepEqual(found, ["one"]);
});

test("without a socket it says so", async (t) => {
  assertNoLeaks(t);
  const path = join(temporaryDirectory(t), "control");
  const hint = "start the supervisor first (supervise up), or name another socket with --socket";
  await rejects(createClient({ socketPath: path }).project(), {
    code: "not-running",
    message: `cannot connect to control socket "${path}": no such socket (ENOENT)`,
    hint,
  });
  const script = `require("node:net").createServer().listen(process.argv[1], () => process.kill(process.pid, "SIGKILL"))`;
  spawnSync(process.execPath, ["-e", script, path]);
  await rejects(createClient({ socketPath: path }).project(), {
    code: "not-running",
    message: `cannot connect to control socket "${path}": nothing is listening (ECONNREFUSED)`,
    hint,
  });
});

test(
  "a socket of another user says so",
  { skip: process.getuid?.() === 0 ? false : "only root can become another user" },
  async (t) => {
    const { path } = await serve(t, fakeTarget());
    chmodSync(dirname(path), 0o755);
    process.seteuid?.(65_534);
    atEnd(t, () => process.seteuid?.(0));
    await rejects(createClient({ socketPath: path }).project(), {
      code: "not-allowed",
      message: `cannot connect to control socket "${path}": permission denied (EACCES)`,
      hint: "ask as root or as the supervisor's own user",
    });
    process.seteuid?.(0);
  },
);

test("a path that is too long for a socket is an error", async () => {
  const client = createClient({ socketPath: `/tmp/${"c".repeat(200)}` });
  await rejects(client.project(), ControlError);
});

test("a connection that breaks is told as such", async (t) => {
  const head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
  for (const bytes of ["", "HTTP/1.1 200 OK\r\n", head, `${head}6\r\n{"a":1`]) {
    const path = await answering(t, bytes);
    const client = createClient({ socketPath: path });
    const lost = {
      code: "connection-lost",
      message: `control socket "${path}": the supervisor went away`,
    };
    await rejects(client.project(), lost, JSON.stringify(bytes));
    await rejects(all(client.events({ after: 0, follow: true })), lost, JSON.stringify(bytes));
  }
});

test("what is not a supervisor's answer is told as such", async (t) => {
  const ok = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n";
  for (const bytes of ["220 mail.example.org\r\n", `${ok}<html`]) {
    const path = await answering(t, bytes);
    const client = createClient({ socketPath: path });
    const bad = {
      code: "bad-answer",
      message: `cannot read the answer of control socket "${path}": it is not a supervisor's`,
    };
    await rejects(client.project(), bad);
    await rejects(all(client.events({ after: 0, follow: true })), bad);
  }
  const path = await answering(t, "HTTP/1.1 500 No\r\ncontent-length: 2\r\n\r\nno");
  await rejects(createClient({ socketPath: path }).project(), {
    code: "bad-answer",
    message: `control socket "${path}" answered 500`,
  });
});

test("an abort ends a stream without an error: before its answer, and in the middle", async (t) => {
  const { path } = await serve(
    t,
    fakeTarget({
      async *logs(_query, signal) {
        yield logLine(1, "one");
        await new Promise<void>((resolve) => {
          signal.addEventListener("abort", () => resolve());
        });
      },
    }),
  );
  const client = createClient({ socketPath: path });
  const query = { names: [], lines: null, follow: true };
  deepEqual(await all(client.logs(query, AbortSignal.abort())), []);
  const controller = new AbortController();
  const found: string[] = [];
  for await (const { text } of client.logs(query, controller.signal)) {
    found.push(text);
    controller.abort();
  }
  deepEqual(found, ["one"]);
});

test("leaving a stream early ends it on the other side", async (t) => {
  let ended: (() => void) | undefined;
  const end = new Promise<void>((resolve) => (ended = resolve));
  const { path } = await serve(
    t,
    fakeTarget({
      async *logs(_query, signal) {
        signal.addEventListener("abort", () => ended?.());
        for (let seq = 1; !signal.aborted; seq += 1) yield logLine(seq, "x".repeat(100));
      },
    }),
  );
  const client = createClient({ socketPath: path });
  for await (const { seq } of client.logs({ names: [], lines: null, follow: true })) {
    if (seq === 3) break;
  }
  await end;
});
