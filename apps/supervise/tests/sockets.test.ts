import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { createKernel } from "@supervise/sys";
import { until } from "@supervise/testkit";
import { freePorts } from "./example-project.js";
import { kill, project } from "./harness.js";
import { keep, needsInit } from "./keeper-harness.js";

const program = join(import.meta.dirname, "programs/serve-passed.js");
const command = [process.execPath, program];

type Place = { readonly port: number } | { readonly path: string };

interface Told {
  readonly pid: number;
  readonly fd: number;
  readonly name: string;
  readonly forUs: boolean;
  readonly nonBlocking: boolean;
}

/** What the service behind a socket says; "" where it was cut off. */
async function answerText(place: Place, word = "who\n"): Promise<string> {
  const socket = connect({ host: "127.0.0.1", ...place });
  let text = "";
  socket.on("data", (bytes: Buffer) => (text += bytes.toString()));
  socket.on("error", () => undefined);
  socket.write(word);
  await once(socket, "close");
  return text;
}

async function ask(place: Place): Promise<Told> {
  return JSON.parse(await answerText(place)) as Told;
}

test("sockets are passed from descriptor 3 on, with their names, to the process that is meant", async (t) => {
  const port = await freePorts(1);
  const it = project(t, {
    web: {
      command,
      sockets: { http: port, admin: { unix: "admin.sock", mode: "0600", backlog: 5 } },
    },
  });
  await it.up();
  const path = join(it.directory, "admin.sock");
  const pid = await it.pid("web");
  const told = { pid, forUs: true, nonBlocking: false };
  deepEqual(await ask({ port: port }), { ...told, fd: 3, name: "http" });
  deepEqual(await ask({ path }), { ...told, fd: 4, name: "admin" });
  equal(statSync(path).mode & 0o777, 0o600);
  equal((await it.run("down")).code, 0);
  ok(!existsSync(path), "the file of the Unix socket is left");
});

test("who connects while the service is away is served by its next run", async (t) => {
  const port = await freePorts(1);
  const it = project(t, {
    web: { command, sockets: { http: port }, restart: "always", restart_delay: "0s" },
  });
  await it.up();
  const first = await ask({ port });
  equal(await answerText({ port }, "die\n"), "");
  notEqual((await ask({ port })).pid, first.pid);
  equal((await it.run("stop", "web")).code, 0);
  const waiting = ask({ port });
  equal((await it.run("start", "web")).code, 0);
  equal((await waiting).pid, await it.pid("web"));
});

test("replicas share their socket", async (t) => {
  const port = await freePorts(1);
  const it = project(t, { web: { command, scale: 2, sockets: { http: port } } });
  await it.up();
  const pids = [await it.pid("web-1"), await it.pid("web-2")];
  ok(pids.includes((await ask({ port })).pid));
  equal((await it.run("stop", "web-1")).code, 0);
  equal((await ask({ port })).pid, pids[1]);
});

test("a reload keeps the sockets that stay, binds new ones and closes those that are gone", async (t) => {
  const http = await freePorts(2);
  const other = http + 1;
  const path = "old.sock";
  const it = project(t, {
    web: { command, sockets: { http, old: { unix: path } } },
  });
  await it.up();
  const first = await ask({ port: http });
  ok(existsSync(join(it.directory, path)));
  it.write({ web: { command, sockets: { http, new: other } } });
  equal((await it.run("reload")).code, 0);
  await until(async () => (await it.pid("web")) !== first.pid, { what: "another run" });
  equal((await ask({ port: http })).fd, 3);
  equal((await ask({ port: other })).name, "new");
  ok(!existsSync(join(it.directory, path)), "the file of the old socket is left");
});

test("a socket that is taken keeps the service from starting, and is tried again", async (t) => {
  const holder = createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  const address = holder.address();
  ok(typeof address === "object" && address !== null);
  const { port } = address;
  const it = project(t, {
    web: { command, sockets: { http: port }, restart: "always", restart_delay: "50ms" },
  });
  await it.up();
  await until(async () => (await it.client.service("web")).restarts > 0, { what: "another try" });
  match(
    (await it.run("why", "web")).stdout,
    new RegExp(`binding socket "http" to 127.0.0.1:${port}: .* \\(EADDRINUSE\\)`),
  );
  holder.close();
  await once(holder, "close");
  await until(async () => (await it.client.service("web")).state === "up", { what: "web" });
  equal((await ask({ port })).name, "http");
});

test("the file of a dead Unix socket is replaced", async (t) => {
  const it = project(t, { web: { command, sockets: { a: { unix: "a.sock" } } } });
  const path = join(it.directory, "a.sock");
  const kernel = createKernel();
  kernel.close(kernel.listenUnix(path, 0o600, 1));
  ok(existsSync(path));
  await it.up();
  equal((await ask({ path })).name, "a");
});

test("any other file in the place of a Unix socket stays", async (t) => {
  const it = project(t, { web: { command, sockets: { a: { unix: "a.sock" } } } });
  const path = join(it.directory, "a.sock");
  writeFileSync(path, "mine");
  await it.up();
  await until(async () => (await it.client.service("web")).reason, {
    is: (reason) => /binding socket "a" to .*: address already in use/.test(reason),
    what: "the refusal",
  });
  equal(readFileSync(path, "utf8"), "mine");
  equal((await it.run("down")).code, 0);
  equal(readFileSync(path, "utf8"), "mine");
});

test(
  "the keeper keeps the sockets over the death of the supervisor and of the service",
  { skip: needsInit },
  async (t) => {
    const port = await freePorts(1);
    const it = project(t, {
      web: {
        command,
        sockets: { http: port, local: { unix: "local.sock" } },
        restart: "always",
        restart_delay: "0s",
      },
    });
    const path = join(it.directory, "local.sock");
    const kept = keep(t, it);
    const first = await until(() => it.pid("web"), { what: "web" });
    const { ino } = statSync(path);
    await kept.crash("SIGKILL");
    equal((await ask({ port })).pid, first);
    kill(first, "SIGKILL");
    notEqual((await ask({ port })).pid, first);
    notEqual((await ask({ path })).pid, first);
    equal(statSync(path).ino, ino, "the same socket");
    equal((await kept.end()).code, 0);
    ok(!existsSync(path), "the file of the Unix socket is left");
  },
);
