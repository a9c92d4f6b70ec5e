import assert from "node:assert/strict";
import { test } from "node:test";
import { errnoName } from "@supervise/sys";
import type { SpawnResult } from "@supervise/sys";
import { collected, kernel, ownChildren, ownDescriptors, shell } from "./running.js";

function pidOf(result: SpawnResult | undefined): number {
  assert.ok(result !== undefined && "pid" in result, JSON.stringify(result));
  return result.pid;
}

test("each of many requests becomes its own child, and results stand in their order", async () => {
  const requests = Array.from({ length: 60 }, (_, index) => shell(`exit ${index}`));
  const pids = kernel.beginSpawns(requests).finish().map(pidOf);
  assert.equal(new Set(pids).size, requests.length);
  for (const [index, pid] of pids.entries()) assert.equal((await collected(pid)).code, index);
});

test("a failure among many names its own stage and errno and leaves neither zombie nor descriptor", async () => {
  const children = ownChildren();
  const descriptors = ownDescriptors();
  const results = kernel
    .beginSpawns([
      shell("exit 1"),
      shell("exit 2", { workingDirectory: "/no/such/directory" }),
      shell("exit 3", { capabilityBounding: [64] }),
      { ...shell("exit 4"), files: ["/no/such/file"] },
      shell("exit 5"),
    ])
    .finish();
  const told = results.map((result) =>
    "pid" in result ? "started" : `${result.stage}: ${errnoName(result.errno)}`,
  );
  assert.deepEqual(told, [
    "started",
    "working directory: ENOENT",
    "capabilities: EINVAL",
    "exec: ENOENT",
    "started",
  ]);
  assert.equal((await collected(pidOf(results[0]))).code, 1);
  assert.equal((await collected(pidOf(results[4]))).code, 5);
  assert.deepEqual(ownChildren(), children);
  assert.deepEqual(ownDescriptors(), descriptors);
});

test("no request, no child", () => {
  assert.deepEqual(kernel.beginSpawns([]).finish(), []);
});

test("children that ask for a parent-death signal outlive the call", async () => {
  const pipe = kernel.pipe();
  assert.ok(typeof pipe !== "number");
  kernel.setNonBlocking(pipe.read, false);
  const requests = Array.from({ length: 8 }, () =>
    shell("read line; exit 7", { parentDeathSignal: 9, descriptors: [pipe.read] }),
  );
  const pids = kernel.beginSpawns(requests).finish().map(pidOf);
  // Their input ends only now, long after every thread of the call has ended and would have taken them along.
  kernel.close(pipe.write);
  for (const pid of pids) assert.equal((await collected(pid)).code, 7);
  kernel.close(pipe.read);
});
