import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { ListenOptions, Server, Socket } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import {
  findListeners,
  findUnixListeners,
  openProc,
  ownerOf,
  portOwner,
  unixSocketOwner,
} from "@supervise/process";
import { createKernel } from "@supervise/sys";
import { atEnd, spawnFixture, start, temporaryDirectory } from "@supervise/testkit";
import type { TestScope } from "@supervise/testkit";

const proc = openProc(createKernel());
const ours = [process.pid];
/** A process of no interest. */
const others = [process.ppid];

/** Port 0: of a number that nobody has at any other address either. */
async function listen(t: TestScope, options: ListenOptions, tries = 100): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options, resolve);
  });
  if (options.port === 0 && tries > 0 && findListeners(proc, portOf(server)).length > 1) {
    server.close();
    return await listen(t, options, tries - 1);
  }
  atEnd(t, () => new Promise<void>((resolve) => void server.close(() => resolve())));
  return server;
}

function portOf(server: Server): number {
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  return address.port;
}

test("a listening socket is found with its address and leads to its owner", async (t) => {
  const port = portOf(await listen(t, { host: "127.0.0.1", port: 0 }));
  const [listener, ...more] = findListeners(proc, port);
  assert.deepEqual(more, []);
  assert.equal(listener?.address, "127.0.0.1");
  assert.equal(listener?.family, 4);
  assert.equal(listener?.port, port);
  assert.equal(listener?.uid, process.geteuid?.());
  const inode = listener?.inode ?? 0;
  assert.equal(ownerOf(proc, [inode]), process.pid);
  assert.equal(ownerOf(proc, [inode], ours), process.pid);
  assert.equal(ownerOf(proc, [inode], others), null);
  assert.deepEqual(findListeners(proc, port, 6), []);
});

test("IPv6 addresses are written as people write them", async (t) => {
  let server: Server;
  try {
    server = await listen(t, { host: "::1", port: 0 });
  } catch {
    t.skip("no IPv6 here");
    return;
  }
  const port = portOf(server);
  assert.equal(findListeners(proc, port, 6)[0]?.address, "::1");
  assert.equal(portOwner(proc, port, "::1", ours).kind, "ours");
  assert.equal(portOwner(proc, port, "localhost", ours).kind, "ours");
  assert.equal(portOwner(proc, port, "127.0.0.1", ours).kind, "nobody");
});

test("a wildcard answers for every address", async (t) => {
  const port = portOf(await listen(t, { host: "0.0.0.0", port: 0 }));
  for (const host of ["127.0.0.1", "localhost", "127.0.0.2"])
    assert.deepEqual(portOwner(proc, port, host, ours), { kind: "ours", pid: process.pid });
  assert.deepEqual(portOwner(proc, port, "::1", ours), { kind: "nobody" });
});

test("a port held by a stranger is named with its process", async (t) => {
  const stranger = await spawnFixture(t, "listen-port");
  const port = Number((await stranger.stdout.match(/^port (\d+)$/))[1]);
  const owner = portOwner(proc, port, "127.0.0.1", ours);
  assert.equal(owner.kind, "stranger");
  assert.ok(owner.kind === "stranger");
  assert.equal(owner.pid, stranger.pid);
  assert.match(owner.command ?? "", /listen-port$/);
  assert.deepEqual(portOwner(proc, port, "127.0.0.1", [stranger.pid]), {
    kind: "ours",
    pid: stranger.pid,
  });
});

test("a socket bound to the address itself comes before a wildcard", async (t) => {
  const stranger = await spawnFixture(t, "listen-port");
  const port = Number((await stranger.stdout.match(/^port (\d+)$/))[1]);
  // The other address of the loopback network.
  await listen(t, { host: "127.0.0.2", port });
  assert.equal(portOwner(proc, port, "127.0.0.1", ours).kind, "stranger");
  assert.equal(portOwner(proc, port, "127.0.0.2", ours).kind, "ours");
});

test("a port that nobody listens on is nobody's, connected sockets notwithstanding", async (t) => {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen({ host: "127.0.0.1", port: 0 }, resolve));
  const port = portOf(server);
  const client = connect(port, "127.0.0.1");
  atEnd(t, () => void client.destroy());
  const [accepted] = (await once(server, "connection")) as [Socket];
  atEnd(t, () => void accepted.destroy());
  // The connection, which outlives its listener, also keeps the port from everybody else.
  server.close();
  assert.deepEqual(portOwner(proc, port, "127.0.0.1", ours), { kind: "nobody" });
});

test("a Unix socket is known by its path, blanks included, and by an abstract name", async (t) => {
  const path = join(temporaryDirectory(t), "a socket");
  await listen(t, { path });
  await listen(t, { path: `\0supervise-${process.pid}` });
  assert.deepEqual(unixSocketOwner(proc, path, ours), { kind: "ours", pid: process.pid });
  assert.deepEqual(unixSocketOwner(proc, `@supervise-${process.pid}`, ours), {
    kind: "ours",
    pid: process.pid,
  });
  const stranger = unixSocketOwner(proc, path, others);
  assert.ok(stranger.kind === "stranger");
  assert.equal(stranger.pid, process.pid);
  assert.deepEqual(unixSocketOwner(proc, `${path}2`, ours), { kind: "nobody" });
  assert.ok(findUnixListeners(proc).some((listener) => listener.path === path));
});

test("a Unix socket bound by a relative name is known by its maker's directory", async (t) => {
  const directory = temporaryDirectory(t);
  const script = 'require("net").createServer().listen("./x.sock", () => console.log("ready"))';
  const maker = start(t, process.execPath, ["-e", script], { cwd: directory });
  await maker.stdout.match(/^ready$/);
  assert.deepEqual(unixSocketOwner(proc, join(directory, "x.sock"), [maker.pid]), {
    kind: "ours",
    pid: maker.pid,
  });
  assert.deepEqual(unixSocketOwner(proc, "/elsewhere/x.sock", [maker.pid]), { kind: "nobody" });
});
