import { doesNotMatch, equal, match } from "node:assert/strict";
import { createServer } from "node:net";
import { rmSync, writeFileSync } from "node:fs";
import { lookup } from "node:dns/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { atEnd, fixture } from "@supervise/testkit";
import type { TestScope } from "@supervise/testkit";
import { freePorts } from "./example-project.js";
import { project } from "./harness.js";

const STAY = { command: ["sleep", "60"] };

/** A port that nobody listens on, and that nobody is given who asks for any. */
const freePort = (): Promise<number> => freePorts(1);

/** Somebody else who listens: this process. */
async function stranger(t: TestScope): Promise<number> {
  const server = createServer((socket) => {
    // Who only looks whether somebody listens has gone before the answer.
    socket.on("error", () => undefined);
    socket.end("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
  });
  atEnd(t, () => new Promise<void>((resolve) => server.close(() => resolve())));
  return port;
}

test("a newline on its descriptor makes a service ready", async (t) => {
  const it = project(t, {
    told: { command: [fixture("notify-fd"), "5"], ready: { fd: 5 } },
    closed: {
      command: ["sh", "-c", "exec 4>&-; exec sleep 60"],
      ready: { fd: 4 },
      stop_grace_period: "1s",
    },
  });
  const { events } = await it.up();
  await events.state("told", "up");
  await events.state("closed", "failed");
  match((await it.run("why", "closed")).stdout, /descriptor/);
});

test("a line of output makes a service ready, on stderr too, though it came in pieces", async (t) => {
  const it = project(t, {
    out: {
      command: ["sh", "-c", "printf 'listen'; sleep 0.05; printf 'ing on 80\\n'; exec sleep 60"],
      ready: { log: "^listening on \\d+$" },
    },
    err: {
      command: ["sh", "-c", "echo listening >&2; exec sleep 60"],
      ready: { log: "listening" },
    },
    not: { command: ["sh", "-c", "echo listen; exec sleep 60"], ready: { log: "listening" } },
  });
  const { events } = await it.up();
  await events.state("out", "up");
  await events.state("err", "up");
  equal((await it.client.service("not")).state, "starting");
});

test("an open port and an answer over HTTP make a service ready", async (t) => {
  const tcp = await freePorts(2);
  const http = tcp + 1;
  const it = project(t, {
    tcp: {
      command: [fixture("listen-port"), tcp],
      ready: { tcp: `127.0.0.1:${tcp}`, interval: "20ms" },
    },
    http: {
      command: [fixture("listen-port"), http],
      ready: { http: `http://127.0.0.1:${http}/health`, interval: "20ms" },
    },
  });
  const { events } = await it.up();
  await Promise.all([events.state("tcp", "up"), events.state("http", "up")]);
});

test("a Unix socket, a file and a command make a service ready", async (t) => {
  const listen =
    'require("node:net").createServer().listen("it.sock"); setTimeout(() => {}, 60_000)';
  const it = project(t, {
    unix: {
      command: [process.execPath, "-e", listen],
      ready: { unix: "it.sock", interval: "20ms" },
    },
    file: {
      command: ["sh", "-c", "sleep 0.1; touch there; exec sleep 60"],
      ready: { file: "there", interval: "20ms" },
    },
    command: {
      command: ["sh", "-c", "sleep 0.1; touch done; exec sleep 60"],
      ready: { command: ["test", "-e", "done"], interval: "20ms" },
    },
  });
  const { events } = await it.up();
  await Promise.all(["unix", "file", "command"].map((name) => events.state(name, "up")));
  rmSync(join(it.directory, "it.sock"), { force: true });
});

test("a service that is not ready in time has failed to start; it is ended and why says what was missing", async (t) => {
  const port = await freePort();
  const it = project(t, {
    stay: STAY,
    late: { ...STAY, ready: { tcp: `127.0.0.1:${port}`, timeout: "2s", interval: "20ms" } },
    again: {
      ...STAY,
      ready: { file: "never", timeout: "100ms", interval: "20ms" },
      restart: "always",
      restart_delay: "60s",
    },
  });
  const { events } = await it.up();
  await events.state("late", "failed");
  await events.state("again", "backoff");
  const late = (await it.run("why", "late")).stdout;
  match(late, /2 s/);
  match(late, /nothing is listening/);
  match((await it.run("why", "again")).stdout, /never/);
  equal((await it.client.processes(["late", "again"])).length, 0);
});

for (const kind of ["tcp", "http"] as const) {
  test(`a ${kind} port that a stranger holds is no readiness, and its holder is named`, async (t) => {
    const port = await stranger(t);
    const it = project(t, {
      web: {
        ...STAY,
        ready: {
          [kind]: kind === "tcp" ? `127.0.0.1:${port}` : `http://127.0.0.1:${port}/`,
          interval: "20ms",
          timeout: "1h",
        },
      },
    });
    const { events } = await it.up();
    await events.find("a warning", (entry) => entry.kind === "warning" && entry.service === "web");
    const status = await it.client.service("web");
    equal(status.ready, false);
    const why = (await it.run("why", "web")).stdout;
    match(why, new RegExp(`port ${port}.* pid ${process.pid}\\b|pid ${process.pid}\\b.*${port}`));
    match(status.reason + (await it.run("status")).stdout, new RegExp(String(process.pid)));
  });
}

test("a stranger is known behind a host name of this machine, too", async (t) => {
  const name = hostname();
  const address = await lookup(name).catch(() => null);
  if (address?.address.startsWith("127.") !== true)
    return t.skip(`the host's name "${name}" has no loopback address here`);
  const port = await stranger(t);
  const it = project(t, {
    web: { ...STAY, ready: { tcp: `${name}:${port}`, interval: "20ms", timeout: "1h" } },
  });
  const { events } = await it.up();
  const warning = (entry: { readonly kind: string; readonly service: string | null }): boolean =>
    entry.service === "web" && (entry.kind === "warning" || entry.kind === "ready");
  match((await events.find("a warning", warning)).message, /is held by pid/);
  equal((await it.client.service("web")).ready, false);
});

test("why and status name the stranger on the port of a service that ended because of it", async (t) => {
  const port = await stranger(t);
  const it = project(t, {
    web: {
      // As a server does that can't bind; not before the supervisor has looked.
      command: ["sh", "-c", "until [ -e looked ]; do sleep 0.05; done; exit 1"],
      ready: { tcp: port, interval: "20ms", timeout: "1h" },
    },
    stay: STAY,
    // It ends by itself as well, and nobody is on its port.
    other: { command: ["false"], ready: { tcp: `127.0.0.2:${await freePort()}` } },
  });
  const { events } = await it.up();
  await events.find("a warning", (entry) => entry.kind === "warning" && entry.service === "web");
  writeFileSync(join(it.directory, "looked"), "");
  await events.state("web", "failed");
  const held = new RegExp(`port ${port} is held by pid ${process.pid} `);
  match((await it.run("why", "web")).stdout, held);
  match((await it.client.service("web")).reason, held);
  await events.state("other", "failed");
  doesNotMatch((await it.run("why", "other")).stdout, /lacks|port/);
});

test("a port that a child of the service holds is the service's own", async (t) => {
  const port = await freePort();
  const it = project(t, {
    web: {
      command: ["sh", "-c", `setsid ${fixture("listen-port")} ${port} & wait`],
      ready: { tcp: `127.0.0.1:${port}`, interval: "20ms" },
    },
  });
  await (await it.up()).events.state("web", "up");
});

test("a service that ends before it is ready has failed to start, and its dependents never begin", async (t) => {
  const it = project(t, {
    stay: STAY,
    web: { command: ["sh", "-c", "echo oops >&2; exit 4"], ready: { notify: true } },
    after: { ...STAY, depends_on: ["web"] },
  });
  const { events } = await it.up();
  await events.state("web", "failed");
  await events.state("after", "failed");
  equal((await it.client.service("after")).run, 0);
  match((await it.run("why", "web")).stdout, /code 4/);
  equal((await it.client.service("stay")).state, "up");
});
