import assert from "node:assert/strict";
import { test } from "node:test";
import type { TestContext } from "node:test";
import type { HealthSpec } from "@supervise/model";
import { watchHealth } from "#supervisor/health.js";

interface Scene {
  readonly told: string[];
  readonly failures: readonly (string | null)[];
  readonly asked: () => number;
  readonly pass: (ms: number) => Promise<void>;
  readonly undo: () => void;
}

/** Each character is one test's answer: `+` success, `-` failure; the last one repeats. */
async function scene(
  t: TestContext,
  answers: string,
  startPeriodMs: number,
  startedMs = 0,
): Promise<Scene> {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const told: string[] = [];
  const failures: (string | null)[] = [];
  let nowMs = 0;
  let asked = 0;
  const spec = { intervalMs: 100, startIntervalMs: 10, startPeriodMs, retries: 2 } as HealthSpec;
  const undo = watchHealth({
    spec,
    startedMs,
    monotonicMs: () => nowMs,
    test: async () => {
      const good = (answers[asked] ?? answers.at(-1)) === "+";
      asked += 1;
      return good ? { ok: true } : { ok: false, detail: "exit code 1", output: "" };
    },
    onTest: (failure) => failures.push(failure),
    onChange: (health) => told.push(health),
  });
  await new Promise(setImmediate);
  const pass = async (ms: number): Promise<void> => {
    nowMs += ms;
    t.mock.timers.tick(ms);
    await new Promise(setImmediate);
  };
  return { told, failures, asked: () => asked, pass, undo };
}

test("the first test comes at once and its failure never counts", async (t) => {
  const { told, asked, pass, undo } = await scene(t, "-", 0);
  assert.equal(asked(), 1);
  await pass(100);
  assert.deepEqual(told, []);
  await pass(100);
  assert.deepEqual(told, ["unhealthy"]);
  undo();
});

test("failures in the start period do not count, and come at the start interval", async (t) => {
  const { told, asked, pass, undo } = await scene(t, "-", 35);
  for (let n = 0; n < 3; n += 1) await pass(10);
  assert.equal(asked(), 4);
  assert.deepEqual(told, []);
  undo();
});

test("a success between failures starts the count again, and each change is told once", async (t) => {
  const { told, pass, undo } = await scene(t, "+-+--+", 0);
  for (let n = 0; n < 6; n += 1) await pass(100);
  assert.deepEqual(told, ["healthy", "unhealthy", "healthy"]);
  undo();
});

test("an undone watch asks no more", async (t) => {
  const { asked, pass, undo } = await scene(t, "+", 0);
  undo();
  await pass(1_000);
  assert.equal(asked(), 1);
});

test("the start period of a run that was taken over began with the run", async (t) => {
  const { told, pass, undo } = await scene(t, "-", 100, -100);
  await pass(100);
  await pass(100);
  assert.deepEqual(told, ["unhealthy"]);
  undo();
});

test("what was wrong with a test is told each time, also where it does not count", async (t) => {
  const { told, failures, pass, undo } = await scene(t, "-+-", 0);
  await pass(100);
  await pass(100);
  assert.deepEqual(failures, ["exit code 1", null, "exit code 1"]);
  assert.deepEqual(told, ["healthy"]);
  undo();
});
