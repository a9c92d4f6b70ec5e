import { deepEqual, equal, ok } from "node:assert/strict";
import { once } from "node:events";
import { readFileSync, statSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { assertNoLeaks, temporaryDirectory, until } from "@supervise/testkit";
import { createKernel, errnoName } from "@supervise/sys";

const kernel = createKernel();

test("a TCP socket listens where it should, and a second one is refused", async (t) => {
  assertNoLeaks(t);
  const fd = kernel.listenTcp("127.0.0.1", 0, 5);
  ok(fd >= 0, errnoName(fd));
  const server = createServer((socket) => socket.end()).listen({ fd });
  await once(server, "listening");
  const address = server.address();
  ok(typeof address === "object" && address !== null);
  equal(address.address, "127.0.0.1");
  equal(errnoName(kernel.listenTcp("127.0.0.1", address.port, 5)), "EADDRINUSE");
  const client = connect(address.port, "127.0.0.1");
  client.resume();
  await once(client, "close");
  server.close();
});

test("an address of IPv6 leaves the port of IPv4 free", (t) => {
  assertNoLeaks(t);
  let fd = kernel.listenTcp("::", 0, 1);
  if (errnoName(fd) === "EAFNOSUPPORT") {
    t.skip("this machine has no IPv6");
    return;
  }
  // Of a number that nobody has at any address of IPv4.
  for (let tries = 0; tries < 100 && isUsed(portOf(fd)); tries += 1) {
    kernel.close(fd);
    fd = kernel.listenTcp("::", 0, 1);
  }
  ok(fd >= 0, errnoName(fd));
  const port = portOf(fd);
  const other = kernel.listenTcp("0.0.0.0", port, 1);
  ok(other >= 0, errnoName(other));
  kernel.close(fd);
  kernel.close(other);
});

test("a Unix socket has the mode that was asked for, whatever the umask says", (t) => {
  assertNoLeaks(t);
  const path = join(temporaryDirectory(t), "socket");
  const fd = kernel.listenUnix(path, 0o666, 1);
  ok(fd >= 0, errnoName(fd));
  equal(statSync(path).mode & 0o777, 0o666);
  equal(errnoName(kernel.listenUnix(path, 0o666, 1)), "EADDRINUSE");
  kernel.close(fd);
});

const refused = [
  ["localhost", 1, 1],
  ["127.0.0.1", 65_536, 1],
  ["127.0.0.1", -1, 1],
  ["127.0.0.1", 1.5, 1],
  ["127.0.0.1", 1, -1],
] as const;
for (const [address, port, backlog] of refused)
  test(`${address} port ${port} with a backlog of ${backlog} is refused`, () => {
    equal(errnoName(kernel.listenTcp(address, port, backlog)), "EINVAL");
  });

for (const session of ["new", "detached"] as const)
  test(`a child of a ${session} session is told its own number as LISTEN_PID`, async (t) => {
    assertNoLeaks(t);
    const pipe = kernel.pipe();
    ok(typeof pipe === "object");
    const result = kernel.spawn({
      files: ["/bin/sh"],
      argv: ["sh", "-c", 'echo "$$ $LISTEN_PID $BEFORE"'],
      env: ["BEFORE=kept"],
      descriptors: [-1, pipe.write, -1],
      session,
      listenPid: true,
    });
    kernel.close(pipe.write);
    ok("pid" in result, JSON.stringify(result));
    const bytes = Buffer.alloc(100);
    const count = await until(() => kernel.read(pipe.read, bytes, 0, bytes.length), {
      is: (seen) => seen > 0,
      what: "the words of the child",
    });
    kernel.close(pipe.read);
    deepEqual(bytes.toString("utf8", 0, count), `${result.pid} ${result.pid} kept\n`);
    await until(() => kernel.reap(() => false)[0], { what: "the end of the child" });
  });

test("exitAtOnce takes exit codes alone", () => {
  for (const code of [-1, 256, 0.5]) equal(errnoName(kernel.exitAtOnce(code)), "EINVAL");
});

/** Has any socket of IPv4 this port? */
function isUsed(port: number): boolean {
  const end = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return readFileSync("/proc/net/tcp", "utf8")
    .split("\n")
    .some((line) => line.trim().split(/\s+/)[1]?.endsWith(end) === true);
}

/** Of our own listening socket, as the kernel's table has it. */
function portOf(fd: number): number {
  const inode = statSync(`/proc/self/fd/${fd}`).ino;
  const row = readFileSync("/proc/net/tcp6", "utf8")
    .split("\n")
    .find((line) => line.trim().split(/\s+/)[9] === String(inode));
  return Number.parseInt(row?.trim().split(/\s+/)[1]?.split(":")[1] ?? "", 16);
}
