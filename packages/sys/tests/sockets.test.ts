import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { readlinkSync, statSync } from "node:fs";
import { connect, createServer } from "node:net";
import type { Socket } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryDirectory } from "@supervise/testkit";
import { errnoName, socketDescriptor } from "@supervise/sys";
import { kernel, needsRoot, ownDescriptors, pipe, ready } from "./running.js";

function receive(fd: number, maxBytes = 4096) {
  const datagram = kernel.receive(fd, maxBytes);
  assert.ok(typeof datagram === "object", `nothing received: ${JSON.stringify(datagram)}`);
  return datagram;
}

test("a datagram arrives with its sender's credentials and copies of the descriptors", async (t) => {
  const path = join(temporaryDirectory(t), "socket");
  const socket = kernel.datagramSocket(path, 0o622);
  assert.ok(socket >= 0);
  assert.equal(statSync(path).mode & 0o777, 0o622, "whatever the umask is");
  assert.equal(errnoName(kernel.receive(socket, 10) as number), "EAGAIN");
  const { read, write } = pipe();
  const before = ownDescriptors().length;
  assert.equal(kernel.sendTo(path, Buffer.from("READY=1\n"), [read, write]), 8);
  await ready(socket);
  const datagram = receive(socket);
  assert.equal(Buffer.from(datagram.data).toString(), "READY=1\n");
  assert.deepEqual(datagram.sender, {
    pid: process.pid,
    uid: process.getuid?.(),
    gid: process.getgid?.(),
  });
  assert.equal(datagram.truncated, false);
  const links = [read, write, ...datagram.descriptors].map((fd) =>
    readlinkSync(`/proc/self/fd/${fd}`),
  );
  assert.equal(links.length, 4);
  assert.equal(new Set(links).size, 1, "the same pipe");
  for (const fd of [...datagram.descriptors, read, write]) assert.equal(kernel.close(fd), 0);
  assert.equal(ownDescriptors().length, before - 2);
  kernel.close(socket);
  assert.equal(errnoName(kernel.sendTo(path, Buffer.from("x"), [])), "ECONNREFUSED");
});

test("253 descriptors come at once, 254 are refused", (t) => {
  const path = join(temporaryDirectory(t), "socket");
  const socket = kernel.datagramSocket(path, 0o600);
  const fds = (count: number) => Array<number>(count).fill(socket);
  assert.equal(kernel.sendTo(path, Buffer.from("many"), fds(253)), 4);
  const { descriptors } = receive(socket);
  assert.equal(new Set(descriptors).size, 253);
  for (const fd of descriptors) kernel.close(fd);
  assert.equal(errnoName(kernel.sendTo(path, Buffer.from("more"), fds(254))), "EINVAL");
  assert.equal(errnoName(kernel.sendTo(path, Buffer.from("closed"), [9999])), "EBADF");
  kernel.close(socket);
});

test("a datagram larger than asked for is flagged, and the next one is whole", (t) => {
  const path = join(temporaryDirectory(t), "socket");
  const socket = kernel.datagramSocket(path, 0o600);
  for (const text of ["truncated", "whole", ""]) kernel.sendTo(path, Buffer.from(text), []);
  const seen = [receive(socket, 5), receive(socket, 5), receive(socket, 0)];
  assert.deepEqual(
    seen.map(({ data, truncated }) => [Buffer.from(data).toString(), truncated]),
    [
      ["trunc", true],
      ["whole", false],
      ["", false],
    ],
  );
  assert.equal(errnoName(kernel.receive(socket, -1) as number), "EINVAL");
  kernel.close(socket);
});

test("one datagram does not overwrite another that was received before", (t) => {
  const path = join(temporaryDirectory(t), "socket");
  const socket = kernel.datagramSocket(path, 0o600);
  for (const text of ["first", "second"]) kernel.sendTo(path, Buffer.from(text), []);
  const [first, second] = [receive(socket), receive(socket)];
  assert.deepEqual(
    [first, second].map(({ data }) => Buffer.from(data).toString()),
    ["first", "second"],
  );
  kernel.close(socket);
});

test("a leading @ names an abstract socket, and a name that is taken is refused", () => {
  const path = `@supervise-sys-${process.pid}`;
  const socket = kernel.datagramSocket(path, 0o600);
  assert.ok(socket >= 0);
  assert.equal(errnoName(kernel.datagramSocket(path, 0o600)), "EADDRINUSE");
  assert.equal(kernel.sendTo(path, Buffer.from("hello"), []), 5);
  assert.equal(receive(socket).data.length, 5);
  kernel.close(socket);
  assert.equal(errnoName(kernel.datagramSocket(`/${"x".repeat(200)}`, 0o600)), "ENAMETOOLONG");
  assert.equal(errnoName(kernel.datagramSocket("", 0o600)), "EINVAL");
  assert.equal(errnoName(kernel.datagramSocket("/nowhere/socket", 0o600)), "ENOENT");
});

test("a credential that does not fit in 31 bits keeps its value", { skip: needsRoot }, (t) => {
  const path = join(temporaryDirectory(t), "socket");
  const socket = kernel.datagramSocket(path, 0o600);
  const fixture = new URL("fixtures/send-as.js", import.meta.url).pathname;
  const { status, stderr } = spawnSync(process.execPath, [fixture, path, "4000000001"], {
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
  assert.equal(receive(socket).sender?.gid, 4_000_000_001);
  kernel.close(socket);
});

test("the peer of a connection is known by its pid, uid and gid", async (t) => {
  const path = join(temporaryDirectory(t), "socket");
  const server = createServer().listen(path);
  await once(server, "listening");
  const client = connect(path);
  const [accepted] = (await once(server, "connection")) as [Socket];
  const fd = socketDescriptor(accepted) ?? -1;
  assert.deepEqual(kernel.peerCredentials(fd), {
    pid: process.pid,
    uid: process.getuid?.(),
    gid: process.getgid?.(),
  });
  const message = Buffer.from("over the connection");
  assert.equal(kernel.send(fd, message, []), message.length);
  const [received] = (await once(client, "data")) as [Buffer];
  assert.deepEqual(received, message);
  client.destroy();
  accepted.destroy();
  assert.equal(socketDescriptor(accepted), null);
  server.close();
  const { read, write } = pipe();
  assert.equal(errnoName(kernel.peerCredentials(read) as number), "ENOTSOCK");
  kernel.close(read);
  kernel.close(write);
});

test("a connected socket sends to whoever bound the path, and says what is there instead", async (t) => {
  const directory = temporaryDirectory(t);
  const path = join(directory, "datagrams");
  const bound = kernel.datagramSocket(path, 0o600);
  const sender = kernel.connectSocket(path, "datagram");
  assert.ok(bound >= 0 && sender >= 0);
  assert.equal(kernel.send(sender, Buffer.from("hello"), []), 5);
  await ready(bound);
  const { data, sender: from } = receive(bound);
  assert.deepEqual([Buffer.from(data).toString(), from?.pid], ["hello", process.pid]);
  assert.equal(errnoName(kernel.connectSocket(path, "stream")), "EPROTOTYPE");
  kernel.close(bound);
  assert.equal(errnoName(kernel.connectSocket(path, "datagram")), "ECONNREFUSED");
  assert.equal(errnoName(kernel.send(sender, Buffer.from("x"), [])), "ECONNREFUSED");
  kernel.close(sender);
  assert.equal(errnoName(kernel.connectSocket(join(directory, "none"), "stream")), "ENOENT");

  const server = createServer().listen(join(directory, "stream"));
  await once(server, "listening");
  const accepted = once(server, "connection");
  const stream = kernel.connectSocket(join(directory, "stream"), "stream");
  assert.equal(kernel.send(stream, Buffer.from("line"), []), 4);
  const [socket] = (await accepted) as [Socket];
  const [bytes] = (await once(socket, "data")) as [Buffer];
  assert.equal(bytes.toString(), "line");
  assert.equal(
    errnoName(kernel.connectSocket(join(directory, "stream"), "datagram")),
    "EPROTOTYPE",
  );
  kernel.close(stream);
  await once(socket, "end");
  server.close();
  await once(server, "close");
});
