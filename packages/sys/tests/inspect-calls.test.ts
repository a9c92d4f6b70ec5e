import assert from "node:assert/strict";
import { closeSync, openSync, readFileSync, readdirSync, readlinkSync, symlinkSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { createKernel } from "@supervise/sys";
import { atEnd, temporaryDirectory } from "@supervise/testkit";

const kernel = createKernel();
const buffer = Buffer.alloc(64);

test("a link's target is read as it is, cut where the buffer ends, and a failure is an errno", (t) => {
  const path = join(temporaryDirectory(t), "link");
  symlinkSync("to nowhere", path);
  assert.equal(kernel.readLink(path, buffer), 10);
  assert.equal(buffer.toString("utf8", 0, 10), "to nowhere");
  assert.equal(kernel.readLink(path, buffer.subarray(0, 4)), 4);
  assert.equal(kernel.readLink(`${path}s`, buffer), -2);
  assert.equal(kernel.readLink("/", buffer), -22);
  assert.equal(kernel.readLink(`/${"x".repeat(5000)}`, buffer), -36);
});

test("descriptors are listed in order, with target, fdinfo and file", (t) => {
  const fd = openSync("/dev/null", "a");
  atEnd(t, () => closeSync(fd));
  const listed = kernel.descriptorList("/proc/self");
  assert.ok(typeof listed !== "number");
  const numbers = readdirSync("/proc/self/fd").map(Number);
  const seen = listed.map((one) => one.fd);
  assert.deepEqual(
    seen,
    seen.toSorted((one, other) => one - other),
  );
  assert.ok(numbers.filter((number) => seen.includes(number)).length >= numbers.length - 1);
  const one = listed.find((each) => each.fd === fd);
  assert.deepEqual(
    [one?.target, one?.info, one?.file?.major, one?.file?.minor],
    [readlinkSync(`/proc/self/fd/${fd}`), readFileSync(`/proc/self/fdinfo/${fd}`, "latin1"), 1, 3],
  );
});

test("more descriptors than the first buffer holds are all listed", (t) => {
  const fds = Array.from({ length: 1500 }, () => openSync("/dev/null", "r"));
  atEnd(t, () => {
    for (const fd of fds) closeSync(fd);
  });
  const listed = kernel.descriptorList("/proc/self");
  assert.ok(typeof listed !== "number");
  const seen = new Set(listed.map(({ fd }) => fd));
  assert.ok(fds.every((fd) => seen.has(fd)));
});

test("descriptors of a process that is not there are an errno, as is a path that is too long", () => {
  assert.equal(kernel.descriptorList("/proc/4194305"), -2);
  assert.equal(kernel.descriptorList(`/${"x".repeat(100)}`), -36);
});

test("a socket names its protocol, and netlink tells of sockets", async (t) => {
  const server = createServer((peer) => peer.destroy());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  atEnd(t, () => new Promise<void>((resolve) => void server.close(() => resolve())));
  const listed = kernel.descriptorList("/proc/self");
  assert.ok(typeof listed !== "number");
  const protocols = listed
    .filter(({ target }) => target.startsWith("socket:"))
    .map(({ fd }) => {
      const count = kernel.fileAttribute(`/proc/self/fd/${fd}`, "system.sockprotoname", buffer);
      return buffer.toString("latin1", 0, count);
    });
  assert.ok(protocols.includes("TCP\0"), protocols.join());
  assert.equal(kernel.fileAttribute("/dev/null", "system.sockprotoname", buffer), -95);
  const netlink = kernel.netlinkSocket(4);
  assert.ok(netlink >= 0);
  assert.match(readlinkSync(`/proc/self/fd/${netlink}`), /^socket:/);
  kernel.close(netlink);
  assert.equal(kernel.netlinkSocket(9999), -93);
});
