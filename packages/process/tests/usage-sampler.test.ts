import assert from "node:assert/strict";
import { test } from "node:test";
import { createUsageSampler } from "@supervise/process";
import type { Measured } from "@supervise/process";
import { start } from "@supervise/testkit";

test("the use of processors is known from the second sample on, memory from the first", async (t) => {
  const busy = start(t, "sh", ["-c", "echo ready; while :; do :; done"]);
  await busy.stdout.match(/^ready$/);
  const sampler = createUsageSampler();
  const first = (await sampler.sample([busy.pid, process.pid])).get(busy.pid);
  assert.equal(first?.cpuPercent, null);
  assert.ok(first.residentBytes > 100_000 && first.elapsedMs >= 0);
  const second = (await sampler.sample([busy.pid])).get(busy.pid);
  assert.ok(second !== undefined && second.cpuPercent !== null && second.cpuPercent >= 0);
  assert.ok(second.cpuMs >= first.cpuMs);
});

test("a process that is gone is missing, alone and among others", async () => {
  const sampler = createUsageSampler();
  const gone = 4_194_305;
  assert.deepEqual(await sampler.sample([gone]), new Map());
  assert.deepEqual([...(await sampler.sample([gone, process.pid])).keys()], [process.pid]);
  assert.deepEqual(await sampler.sample([]), new Map());
});

test("one that was gone is not asked about again at once, for its descriptor would answer for whoever has the number", async () => {
  const asked: (readonly number[])[] = [];
  const measured: Measured = { cpu: 12, memory: 4096, ctime: 50, elapsed: 200, timestamp: 0 };
  const sampler = createUsageSampler((pids) => {
    asked.push(pids);
    return Promise.resolve({ 1: measured, 2: null });
  });
  await sampler.sample([1, 2]);
  const again = await sampler.sample([1, 2]);
  assert.deepEqual(asked, [[1, 2], [1]]);
  assert.deepEqual(again.get(1), {
    cpuPercent: 12,
    averageCpuPercent: 25,
    residentBytes: 4096,
    cpuMs: 50,
    elapsedMs: 200,
  });
});
