import assert from "node:assert/strict";
import { test } from "node:test";
import type {
  ExitStatus,
  ServiceMachine,
  ServiceSpec,
  ServiceState,
  Wanted,
} from "@supervise/model";
import type { ServiceRecord } from "@supervise/process";
import { fateOf, type Fate, type Found } from "#supervisor/fates.js";

type Policy = ServiceSpec["restart"]["kind"];

const LAST = {
  kind: "exited",
  run: 3,
  status: { kind: "code", code: 1 },
  atMs: 5,
  reason: { kind: "exited", status: { kind: "code", code: 1 } },
} as const;
const UP: ServiceState = { kind: "up", sinceMs: 1, run: 3, pid: 9, deadlineMs: null };
const STOPPING: ServiceState = {
  kind: "stopping",
  sinceMs: 1,
  run: 3,
  pid: 9,
  stage: "signalled",
  reason: { kind: "requested", cause: { kind: "operator", by: "me" } },
  status: null,
  deadlineMs: 99,
  survivors: [],
};
const DONE: ServiceState = { kind: "done", sinceMs: 1, last: LAST };
const FAILED: ServiceState = {
  kind: "failed",
  sinceMs: 1,
  reason: { kind: "policy", last: LAST },
};
const DOWN: ServiceState = { kind: "down", sinceMs: 1, cause: null, last: null };

interface Given {
  readonly state: ServiceState;
  readonly policy?: Policy;
  readonly wanted?: Wanted;
  readonly by?: "operator" | "shutdown";
  readonly lives?: boolean;
  readonly status?: ExitStatus;
  readonly changed?: boolean;
  /** Without a main process in its record. */
  readonly unborn?: boolean;
  readonly startAgain?: boolean;
}

function found(given: Given): Found {
  const { state, policy = "always", wanted = "up", by = "operator", lives = false } = given;
  const machine = {
    name: "web",
    run: 3,
    state,
    wanted,
    wantedBy: { kind: by, by: "me" },
    startAgain: given.startAgain ?? false,
    stopRequested: null,
  } as unknown as ServiceMachine;
  const main = given.unborn === true ? null : { pid: 9 };
  return {
    record: { service: "web", run: 3, wanted, main } as unknown as ServiceRecord,
    spec: {
      name: "web",
      type: "service",
      ready: null,
      restart: { kind: policy },
    } as unknown as ServiceSpec,
    machine,
    lives,
    status: given.status ?? { kind: "unknown" },
    changed: given.changed ?? false,
  };
}

const TABLE: readonly (readonly [what: string, given: Given, fate: Fate["kind"]])[] = [
  ["what lives is adopted", { state: UP, lives: true }, "adopt"],
  ["also where it has changed", { state: UP, lives: true, changed: true }, "adopt"],
  ["a stop goes on", { state: STOPPING, wanted: "down", lives: true }, "stopOn"],
  ["what ended unseen meets its policy", { state: UP }, "ended"],
  ["whatever that is", { state: UP, policy: "no" }, "ended"],
  ["a run that nobody saw born is started", { state: UP, unborn: true }, "start"],
  ["what has changed is started", { state: UP, changed: true, policy: "no" }, "start"],
  ["a restart that had begun is finished", { state: STOPPING, startAgain: true }, "start"],
  ["what was stopped is started", { state: STOPPING, wanted: "down" }, "start"],
  ["done stays done", { state: DONE, policy: "no" }, "rest"],
  ["done and changed is run again", { state: DONE, policy: "no", changed: true }, "start"],
  ["failed stays failed where it is to run once", { state: FAILED, policy: "no" }, "rest"],
  ["and is tried again otherwise", { state: FAILED, policy: "on-failure" }, "start"],
  ["what is down is started", { state: DOWN, wanted: "down" }, "start"],
  [
    "an operator's stop is remembered by its policy",
    { state: DOWN, wanted: "down", policy: "unless-stopped" },
    "leave",
  ],
  [
    "a shutdown is no operator's stop",
    { state: DOWN, wanted: "down", by: "shutdown", policy: "unless-stopped" },
    "start",
  ],
];

for (const [what, given, expected] of TABLE)
  test(`beside a survivor: ${what}`, () => {
    assert.equal(fateOf(found(given), true).kind, expected);
  });

test("where nothing lives all is started, but for what its operator had stopped", () => {
  for (const [, given] of TABLE) {
    if (given.lives === true) continue;
    const { kind } = fateOf(found(given), false);
    const remembered = given.policy === "unless-stopped" && given.by !== "shutdown";
    assert.equal(kind, remembered ? "leave" : "start");
  }
});

test("of what ended unseen the status is unknown, unless its main process had ended before", () => {
  const unseen = fateOf(found({ state: UP }), true);
  assert.ok(unseen.kind === "ended" && unseen.machine.state.kind === "stopping");
  assert.deepEqual(unseen.machine.state.status, { kind: "unknown" });
  const status = { kind: "code", code: 7 } as const;
  const seen = fateOf(found({ state: { ...STOPPING, pid: null, status }, unborn: true }), true);
  assert.ok(seen.kind === "ended" && seen.machine.state.kind === "stopping");
  assert.deepEqual(seen.machine.state.status, status);
});

test("of what ended unseen and was not collected the status is known, and a good end is one", () => {
  const status = { kind: "code", code: 0 } as const;
  const fate = fateOf(found({ state: UP, status }), true);
  assert.ok(fate.kind === "ended" && fate.machine.state.kind === "stopping");
  assert.deepEqual(fate.machine.state.status, status);
  assert.deepEqual(fate.machine.state.reason, { kind: "exited", status });
  assert.equal(fate.machine.reached, true);
});

test("a stop that goes on is followed by a start, but where the policy remembers the operator's wish", () => {
  const again = fateOf(found({ state: STOPPING, wanted: "down", lives: true }), true);
  assert.ok(again.kind === "stopOn");
  assert.deepEqual([again.machine.wanted, again.machine.startAgain], ["up", true]);
  const kept = fateOf(
    found({ state: STOPPING, wanted: "down", lives: true, policy: "unless-stopped" }),
    true,
  );
  assert.ok(kept.kind === "stopOn");
  assert.deepEqual([kept.machine.wanted, kept.machine.startAgain], ["down", false]);
});
