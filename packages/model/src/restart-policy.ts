import type { RestartDelay, ServiceSpec } from "./spec.js";
import type { RunEnd } from "./state.js";
import { initialHealth } from "./service-machine.js";
import type { ServiceMachine } from "./service-machine.js";

/**
 * Shortest delay after a spawn that failed for want of something (EAGAIN, EMFILE, ENOMEM): without it, `restart_delay: 0` would ask the
 * kernel in a loop for what it has just refused.
 */
export const transientDelayMs = 100;

/** Delay before the `attempt`-th run in a row (from 1), in milliseconds; `chance` in [0, 1) places it within the jitter. */
export function backoffDelay(delay: RestartDelay, attempt: number, chance: number): number {
  // 0 * Infinity is no delay.
  if (delay.initialMs === 0) return 0;
  const nominal = Math.min(delay.maxMs, delay.initialMs * delay.factor ** (attempt - 1));
  return Math.max(0, Math.round(nominal * (1 + delay.jitter * (2 * chance - 1))));
}

/** Code 0, of a run that got where it was meant to: a service that ends before it was up has not succeeded. */
export function succeeded(end: RunEnd, spec: ServiceSpec, reached: boolean): boolean {
  if (end.kind === "spawnFailed" || end.reason.kind !== "exited") return false;
  return (
    end.status.kind === "code" && end.status.code === 0 && (spec.type === "oneshot" || reached)
  );
}

/** Is a success the end of it, or only the end of a run? */
function successIsFinal(spec: ServiceSpec): boolean {
  switch (spec.restart.kind) {
    case "no":
    case "on-failure":
      return true;
    case "unless-stopped":
      return spec.type === "oneshot";
    case "always":
      return false;
  }
}

/** The counters of a machine whose run was good for long enough start anew. */
export function forgetBadRuns(
  machine: ServiceMachine,
  spec: ServiceSpec,
  nowMs: number,
): ServiceMachine {
  const { goodSinceMs } = machine;
  if (goodSinceMs === null || nowMs - goodSinceMs < spec.restartDelay.resetAfterMs) return machine;
  return { ...machine, attempt: 0, failures: 0 };
}

/** What follows the end of a run, all its processes gone: the wish first, then the restart policy. */
export function afterRun(
  machine: ServiceMachine,
  end: RunEnd,
  spec: ServiceSpec,
  nowMs: number,
  chance: number,
): ServiceMachine {
  const ended: ServiceMachine = {
    ...forgetBadRuns(machine, spec, nowMs),
    last: end,
    ready: false,
    health: initialHealth(spec),
    stopRequested: null,
    startAgain: false,
    reached: false,
    moved: false,
    goodSinceMs: null,
  };
  if (machine.wanted === "down") {
    return {
      ...ended,
      state: { kind: "down", sinceMs: nowMs, cause: machine.wantedBy, last: end },
    };
  }
  if (machine.startAgain) return { ...ended, state: { kind: "waiting", sinceMs: nowMs, on: [] } };
  if (end.kind === "spawnFailed" && end.failure.transient) {
    const attempt = ended.attempt + 1;
    const delayMs = Math.max(transientDelayMs, backoffDelay(spec.restartDelay, attempt, chance));
    return backOff(ended, end, attempt, nowMs, delayMs);
  }
  const success = succeeded(end, spec, machine.reached);
  if (success && successIsFinal(spec))
    return { ...ended, state: { kind: "done", sinceMs: nowMs, last: end } };
  if (spec.restart.kind === "no") {
    return {
      ...ended,
      state: { kind: "failed", sinceMs: nowMs, reason: { kind: "policy", last: end } },
    };
  }
  let failures = ended.failures;
  if (spec.restart.kind === "on-failure" && spec.restart.limit !== null) {
    failures += 1;
    if (failures > spec.restart.limit) {
      const reason = { kind: "onFailureLimit", limit: spec.restart.limit, last: end } as const;
      return { ...ended, state: { kind: "failed", sinceMs: nowMs, reason } };
    }
  }
  let recent = ended.recent;
  if (spec.restartLimit !== null) {
    const { count, windowMs } = spec.restartLimit;
    recent = [...recent.filter((atMs) => nowMs - atMs < windowMs), nowMs];
    if (recent.length > count) {
      const reason = {
        kind: "restartLimit",
        runs: recent.length,
        windowMs,
        limit: count,
        last: end,
      } as const;
      return { ...ended, recent: [], state: { kind: "failed", sinceMs: nowMs, reason } };
    }
  }
  const attempt = ended.attempt + 1;
  const counted = { ...ended, failures, recent };
  return backOff(counted, end, attempt, nowMs, backoffDelay(spec.restartDelay, attempt, chance));
}

function backOff(
  machine: ServiceMachine,
  last: RunEnd,
  attempt: number,
  nowMs: number,
  delayMs: number,
): ServiceMachine {
  return {
    ...machine,
    attempt,
    state: {
      kind: "backoff",
      sinceMs: nowMs,
      untilMs: nowMs + delayMs,
      attempt,
      last,
      storm: false,
    },
  };
}

/** To the next run, by way of `waiting`, where the dependencies are looked at before anything else. */
export function nextRun(machine: ServiceMachine, nowMs: number): ServiceMachine {
  return { ...machine, state: { kind: "waiting", sinceMs: nowMs, on: [] } };
}

/** To the next run by policy, back-off being over. */
export function restarted(machine: ServiceMachine, nowMs: number): ServiceMachine {
  return nextRun({ ...machine, restarts: machine.restarts + 1 }, nowMs);
}
