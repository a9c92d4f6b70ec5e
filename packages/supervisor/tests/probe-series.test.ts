import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "@supervise/testkit";
import { startProbeSeries } from "#supervisor/readiness/probe.js";
import type { ProbeResult } from "#supervisor/readiness/probe.js";

test("a series asks until the first success, and tells a detail only when it changed", async () => {
  const told: string[] = [];
  const answers: ProbeResult[] = [
    { ok: false, detail: "refused" },
    { ok: false, detail: "refused" },
    { ok: false, detail: "silent" },
    { ok: true },
  ];
  const undo = startProbeSeries({
    probe: async () => {
      const answer = answers.shift();
      assert.ok(answer, "asked after the success");
      return answer;
    },
    intervalMs: 1,
    onReady: () => told.push("ready"),
    onDetail: (detail) => told.push(detail),
  });
  await until(() => told.includes("ready"), { what: "the series to succeed" });
  undo();
  assert.deepEqual(told, ["refused", "silent", "ready"]);
});

test("an undone series aborts its probe, and tells nothing of its answer", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const told: string[] = [];
  const answer: { give: (result: ProbeResult) => void } = { give: () => {} };
  const signals: AbortSignal[] = [];
  const undo = startProbeSeries({
    probe: (signal) => {
      signals.push(signal);
      return new Promise((resolve) => {
        answer.give = resolve;
      });
    },
    intervalMs: 1,
    onReady: () => told.push("ready"),
    onDetail: (detail) => told.push(detail),
  });
  undo();
  answer.give({ ok: false, detail: "late" });
  await new Promise(setImmediate);
  t.mock.timers.tick(1_000);
  assert.deepEqual(told, []);
  assert.equal(signals.length, 1);
  assert.equal(signals[0]?.aborted, true);
});
