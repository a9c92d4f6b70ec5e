import assert from "node:assert/strict";
import { constants, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryDirectory } from "@supervise/testkit";
import { errnoName } from "@supervise/sys";
import { collected, kernel, ownDescriptors, pipe, shell, spawnOrFail } from "./running.js";

const readWrite = constants.O_RDWR | constants.O_CREAT;

test("a lock that another process holds is busy until that process has ended", async (t) => {
  const path = join(temporaryDirectory(t), "lock");
  const mine = kernel.open(path, readWrite, 0o600);
  assert.equal(kernel.lock(mine), 0);
  const gate = pipe();
  kernel.setNonBlocking(gate.read, false);
  // The child has a copy of the locked descriptor, and keeps the lock when ours is closed.
  const pid = spawnOrFail(shell("read line", { descriptors: [gate.read, -1, -1, mine] }));
  kernel.close(gate.read);
  kernel.close(mine);
  const second = kernel.open(path, readWrite, 0o600);
  assert.equal(errnoName(kernel.lock(second)), "EAGAIN");
  kernel.close(gate.write);
  await collected(pid);
  assert.equal(kernel.lock(second), 0);
  assert.equal(kernel.lock(second), 0, "a second time by the holder");
  kernel.close(second);
});

test("a replaced file has the new text and the mode asked for, and nothing is left aside", (t) => {
  const directory = temporaryDirectory(t);
  const path = join(directory, "file");
  assert.equal(kernel.replaceFile(path, "first, and longer", 0o640), 0);
  const inode = statSync(path).ino;
  assert.equal(kernel.replaceFile(path, Buffer.from("second"), 0o666), 0);
  assert.equal(readFileSync(path, "utf8"), "second");
  assert.equal(statSync(path).mode & 0o7777, 0o666, "whatever the umask is");
  assert.notEqual(statSync(path).ino, inode, "renamed, not rewritten");
  assert.deepEqual(readdirSync(directory), ["file"]);
});

test("a replacement that fails keeps the old file and leaves nothing aside", (t) => {
  const directory = temporaryDirectory(t);
  mkdirSync(join(directory, "taken"));
  const before = ownDescriptors();
  assert.equal(errnoName(kernel.replaceFile(join(directory, "taken"), "text", 0o600)), "EISDIR");
  assert.equal(
    errnoName(kernel.replaceFile(join(directory, "absent/file"), "text", 0o600)),
    "ENOENT",
  );
  assert.equal(
    errnoName(kernel.replaceFile(join(directory, "x".repeat(300)), "text", 0o600)),
    "ENAMETOOLONG",
  );
  assert.deepEqual(readdirSync(directory), ["taken"]);
  assert.deepEqual(ownDescriptors(), before);
});

test("what a killed process of our pid left aside does not stop a replacement", (t) => {
  const directory = temporaryDirectory(t);
  const path = join(directory, "file");
  writeFileSync(`${path}.${process.pid}.new`, "half");
  assert.equal(kernel.replaceFile(path, "whole", 0o600), 0);
  assert.equal(readFileSync(path, "utf8"), "whole");
  assert.deepEqual(readdirSync(directory), ["file"]);
});

test("readFile reads as much as there is, or as the buffer holds", () => {
  const buffer = new Uint8Array(65536);
  const count = kernel.readFile("/proc/self/stat", buffer);
  assert.match(
    Buffer.from(buffer.subarray(0, count)).toString(),
    new RegExp(`^${process.pid} \\(.*\\n$`, "s"),
  );
  assert.equal(kernel.readFile("/proc/self/stat", new Uint8Array(3)), 3);
  assert.equal(kernel.readFile("/proc/self/stat", new Uint8Array(0)), 0);
  assert.equal(errnoName(kernel.readFile("/proc/self/absent", buffer)), "ENOENT");
  assert.equal(errnoName(kernel.readFile("/proc", buffer)), "EISDIR");
  assert.equal(errnoName(kernel.readFile("/proc/self/stat\0", buffer)), "EINVAL");
  assert.equal(errnoName(kernel.readFile(`/${"x".repeat(5000)}`, buffer)), "ENAMETOOLONG");
});

test("only the read end of a pipe is non-blocking, both are close-on-exec, and the size is the one asked for", () => {
  const before = ownDescriptors();
  const { read, write } = pipe(1 << 17);
  const flags = (fd: number): number =>
    Number.parseInt(
      /flags:\s*(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "utf8"))?.[1] ?? "",
      8,
    );
  const closeOnExec = 0o2000000;
  assert.equal(
    flags(read) & (constants.O_NONBLOCK | closeOnExec),
    constants.O_NONBLOCK | closeOnExec,
  );
  assert.equal(flags(write) & (constants.O_NONBLOCK | closeOnExec), closeOnExec);
  kernel.setCloseOnExec(read, false);
  kernel.setNonBlocking(read, false);
  assert.equal(flags(read) & (constants.O_NONBLOCK | closeOnExec), 0);
  kernel.setCloseOnExec(read, true);
  kernel.setNonBlocking(write, true);
  assert.equal(kernel.write(write, new Uint8Array(1 << 18), 0, 1 << 18), 1 << 17);
  assert.equal(errnoName(kernel.write(write, new Uint8Array(1), 0, 1)), "EAGAIN");
  kernel.close(read);
  assert.equal(errnoName(kernel.write(write, new Uint8Array(1), 0, 1)), "EPIPE");
  kernel.close(write);
  assert.equal(errnoName(kernel.close(write)), "EBADF");
  assert.deepEqual(ownDescriptors(), before);
  assert.equal(
    errnoName(kernel.pipe(2 ** 31 - 1) as number),
    hasNoPipeLimit() ? "EINVAL" : "EPERM",
  );
  assert.deepEqual(ownDescriptors(), before);
});

/** CAP_SYS_RESOURCE, number 24, lifts the limit of a pipe's size, and 2 GiB is then refused as such. */
function hasNoPipeLimit(): boolean {
  const effective = /CapEff:\s*(\w+)/.exec(readFileSync("/proc/self/status", "latin1"))?.[1] ?? "0";
  return ((BigInt(`0x${effective}`) >> 24n) & 1n) === 1n;
}

test("a part outside the buffer is refused, never read or written", () => {
  const { read, write } = pipe();
  const bytes = Uint8Array.from([1, 2, 3, 4]);
  for (const [offset, length] of [
    [0, 5],
    [4, 1],
    [5, 0],
    [-1, 1],
    [0, -1],
    [0.5, 1],
    [0, Number.NaN],
    [2, 2 ** 53],
  ] as const) {
    assert.equal(
      errnoName(kernel.write(write, bytes, offset, length)),
      "EINVAL",
      `${offset} ${length}`,
    );
    assert.equal(
      errnoName(kernel.read(read, bytes, offset, length)),
      "EINVAL",
      `${offset} ${length}`,
    );
  }
  assert.equal(kernel.write(write, bytes.subarray(1), 1, 2), 2);
  const into = new Uint8Array(6);
  assert.equal(kernel.read(read, into, 2, 4), 2);
  assert.deepEqual([...into], [0, 0, 3, 4, 0, 0]);
  kernel.close(read);
  kernel.close(write);
});

test("open makes close-on-exec descriptors, and unlink removes", (t) => {
  const path = join(temporaryDirectory(t), "file");
  assert.equal(errnoName(kernel.open(path, constants.O_RDONLY, 0)), "ENOENT");
  const fd = kernel.open(path, readWrite | constants.O_EXCL, 0o600);
  assert.match(readFileSync(`/proc/self/fdinfo/${fd}`, "utf8"), /flags:\s*02/);
  assert.equal(errnoName(kernel.open(path, readWrite | constants.O_EXCL, 0o600)), "EEXIST");
  kernel.close(fd);
  assert.equal(kernel.unlink(path), 0);
  assert.equal(errnoName(kernel.unlink(path)), "ENOENT");
});

test("without a free descriptor every call says EMFILE, and a spawn still works", async (t) => {
  const directory = temporaryDirectory(t);
  const { soft, hard } = kernel.getLimit(7);
  // The lowest free number becomes the limit, and numbers below it are all taken.
  const lowest = kernel.open("/dev/null", constants.O_RDONLY, 0);
  kernel.close(lowest);
  kernel.setLimit(7, lowest, hard);
  const results = [
    kernel.pipe(),
    kernel.open("/dev/null", constants.O_RDONLY, 0),
    kernel.readFile("/proc/self/stat", new Uint8Array(9)),
    kernel.replaceFile(join(directory, "file"), "text", 0o600),
    kernel.datagramSocket(join(directory, "socket"), 0o600),
    kernel.openPty(80, 24),
    kernel.pidfdOpen(process.pid),
  ];
  const spawned = kernel.spawn(shell("exit 4"));
  kernel.setLimit(7, soft, hard);
  assert.deepEqual(results, Array(results.length).fill(-24));
  assert.ok("pid" in spawned, JSON.stringify(spawned));
  assert.equal((await collected(spawned.pid)).code, 4);
  assert.deepEqual(readdirSync(directory), []);
});
