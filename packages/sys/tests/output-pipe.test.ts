import assert from "node:assert/strict";
import { fstatSync, readFileSync, readdirSync, readlinkSync } from "node:fs";
import { test } from "node:test";
import { errnoName } from "@supervise/sys";
import { until } from "@supervise/testkit";
import { collected, kernel, ownDescriptors, ready, shell, spawnOrFail } from "./running.js";

/** O_NONBLOCK of fcntl(2), as /proc/PID/fdinfo shows flags: in octal. */
const NON_BLOCKING = 0o4000;

function flagsOf(fd: number): number {
  const line = /^flags:\t(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "latin1"));
  return Number.parseInt(line?.[1] ?? "", 8);
}

function outputPipe(): { readonly read: number; readonly child: number; readonly inode: number } {
  const pipe = kernel.outputPipe();
  if (typeof pipe === "number") throw new Error(`no pipe: ${pipe}`);
  return pipe;
}

test("an output pipe's reader never waits, and its writer does and can read as well", () => {
  const before = ownDescriptors();
  const { read, child, inode } = outputPipe();
  assert.notEqual(flagsOf(read) & NON_BLOCKING, 0);
  assert.equal(flagsOf(child) & NON_BLOCKING, 0);
  assert.equal(flagsOf(child) & 3, 2, "O_RDWR");
  assert.equal(fstatSync(read).ino, inode);
  assert.equal(readlinkSync(`/proc/self/fd/${child}`), `pipe:[${inode}]`);
  kernel.close(read);
  kernel.close(child);
  assert.deepEqual(ownDescriptors(), before);
});

test("once room is reserved, long-lived read ends leave the low numbers to what a child needs", async () => {
  const before = ownDescriptors();
  assert.equal(kernel.reserveDescriptors(600), 0);
  await until(
    () => {
      const { read, child } = outputPipe();
      kernel.close(read);
      kernel.close(child);
      return read >= 256 && child < 256;
    },
    { what: "a read end of a high number" },
  );
  assert.deepEqual(ownDescriptors(), before);
});

test("a writer outlives its reader without SIGPIPE", async () => {
  const { read, child } = outputPipe();
  const pid = spawnOrFail(
    shell("read go; echo one; echo two; exit 7", { descriptors: [child, child, child] }),
  );
  kernel.close(read);
  assert.equal(kernel.write(child, Buffer.from("go\n"), 0, 3), 3);
  kernel.close(child);
  const ended = await collected(pid);
  assert.equal(ended.code, 7);
});

test("of thousands of our descriptors a child has exactly those it was given", async () => {
  const many = Array.from({ length: 1_000 }, () => outputPipe());
  const [input, output] = many.slice(-2);
  assert.ok(input !== undefined && output !== undefined);
  const pid = spawnOrFail(
    shell("echo ready; read line", { descriptors: [input.child, output.child] }),
  );
  await ready(output.read);
  const held = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
  assert.deepEqual(held, [`pipe:[${input.inode}]`, `pipe:[${output.inode}]`]);
  kernel.write(input.child, Buffer.from("\n"), 0, 1);
  assert.equal((await collected(pid)).code, 0);
  for (const { read, child } of many) {
    assert.equal(kernel.close(read), 0, "ours are still ours");
    assert.equal(kernel.close(child), 0);
  }
});

/** Bytes that it takes until nobody can write without waiting. */
function fill(fd: number): number {
  const bytes = new Uint8Array(4096);
  let filled = 0;
  for (let count = 0; count >= 0; filled += Math.max(count, 0))
    count = kernel.write(fd, bytes, 0, bytes.length);
  return filled;
}

test("a pipe that was widened holds as much as was told", () => {
  const pipe = kernel.pipe();
  if (typeof pipe === "number") throw new Error(`no pipe: ${pipe}`);
  assert.equal(kernel.setNonBlocking(pipe.write, true), 0);
  const filled = fill(pipe.write);
  const held = kernel.widenPipe(pipe.read, 4 * filled);
  assert.equal(held, 4 * filled);
  assert.equal(fill(pipe.write), 3 * filled);
  assert.equal(errnoName(kernel.widenPipe(pipe.read, 4096)), "EBUSY");
  kernel.close(pipe.read);
  kernel.close(pipe.write);
  assert.equal(errnoName(kernel.widenPipe(0x7fffffff, 4096)), "EBADF");
});
