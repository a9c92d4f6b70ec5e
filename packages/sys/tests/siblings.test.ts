import assert from "node:assert/strict";
import { readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { assertNoLeaks, atEnd } from "@supervise/testkit";
import { ended, kernel } from "./running.js";

const ENOENT = -2;

function parentOf(pid: number): number {
  return Number(/^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]);
}

test("a sibling is its spawner's parent's child, and so is what is left of a failed one", async (t) => {
  assertNoLeaks(t);
  const out = kernel.pipe();
  assert.ok(typeof out !== "number");
  kernel.setNonBlocking(out.read, false);
  const spawner = kernel.spawn({
    files: [process.execPath],
    argv: [process.execPath, join(import.meta.dirname, "fixtures/spawn-siblings.js")],
    // The two others are of a build with sanitizers.
    env: ["SUPERVISE_SYS_ADDON", "LD_PRELOAD", "ASAN_OPTIONS"].flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [`${name}=${value}`];
    }),
    descriptors: [-1, out.write, 2],
    session: "new",
  });
  kernel.close(out.write);
  assert.ok("pid" in spawner);
  await ended(spawner.pid);
  const bytes = new Uint8Array(4096);
  const length = kernel.read(out.read, bytes, 0, bytes.length);
  kernel.close(out.read);
  const told = JSON.parse(Buffer.from(bytes.subarray(0, length)).toString()) as {
    one: { pid: number };
    failed: { stage: string; errno: number; failedPid: number };
    batch: { pid?: number; failedPid?: number; errno?: number }[];
    noted: number[];
    children: unknown[];
  };
  const living = [told.one.pid, told.batch[2]?.pid ?? 0];
  // Number 0 would be our own process group.
  assert.ok(living.every((pid) => pid > 0));
  atEnd(t, () => living.forEach((pid) => kernel.kill(pid, 9)));
  for (const pid of living) assert.equal(parentOf(pid), process.pid);
  assert.deepEqual(
    [told.failed.stage, told.failed.errno, told.batch[1]?.errno],
    ["exec", ENOENT, ENOENT],
  );
  assert.deepEqual(told.children, []);
  // Those that failed too.
  assert.deepEqual(told.noted, [
    told.one.pid,
    told.failed.failedPid,
    told.batch[0]?.pid,
    told.batch[1]?.failedPid,
    told.batch[2]?.pid,
  ]);

  for (const pid of living) kernel.kill(pid, 9);
  const dead = [told.failed.failedPid, told.batch[0]?.pid, told.batch[1]?.failedPid, ...living];
  for (const pid of dead) await ended(pid ?? 0);
  const codes = new Map(kernel.reap(() => false).map(({ pid, code }) => [pid, code]));
  assert.deepEqual(
    dead.map((pid) => codes.get(pid ?? 0)),
    [127, 0, 127, null, null],
  );
});

test("a memory file keeps what was written, at one offset for all its descriptors", (t) => {
  assertNoLeaks(t);
  const fd = kernel.memoryFile("some records");
  const copy = kernel.duplicate(fd);
  assert.ok(fd >= 0 && copy >= 0 && copy !== fd);
  assert.equal(kernel.write(fd, Buffer.from("one\n"), 0, 4), 4);
  assert.equal(kernel.write(copy, Buffer.from("two\n"), 0, 4), 4);
  writeSync(copy, "ONE", 0);
  assert.equal(readFileSync(`/proc/self/fd/${fd}`, "latin1"), "ONE\ntwo\n");
  for (const each of [fd, copy]) kernel.close(each);
  assert.equal(kernel.duplicate(fd), -9);
  assert.equal(kernel.memoryFile("x".repeat(300)), -36);
});

test("a pair of sockets keeps the bounds of messages and carries descriptors", (t) => {
  assertNoLeaks(t);
  const pair = kernel.socketPair();
  assert.ok(typeof pair !== "number");
  const [ours, theirs] = pair;
  assert.equal(kernel.send(ours, Buffer.from("first"), [ours]), 5);
  assert.equal(kernel.send(ours, Buffer.from("second"), []), 6);
  const first = kernel.receive(theirs, 64);
  const second = kernel.receive(theirs, 64);
  assert.ok(typeof first !== "number" && typeof second !== "number");
  assert.deepEqual([Buffer.from(first.data).toString(), first.descriptors.length], ["first", 1]);
  assert.equal(Buffer.from(second.data).toString(), "second");
  for (const each of [ours, ...first.descriptors]) kernel.close(each);
  const end = kernel.receive(theirs, 64);
  assert.ok(typeof end !== "number" && end.data.length === 0);
  kernel.close(theirs);
});
