/** The end of a run: told to stop, drained, killed, and gone. */
import type { Action, EngineEvent } from "./event.js";
import type { ServiceSpec } from "./spec.js";
import type { ExitStatus, RunEnd, ServiceState, StopReason } from "./state.js";
import { formatDuration } from "./describe.js";
import { afterRun, restarted } from "./restart-policy.js";
import { deadlineOf, noActions } from "./service-machine.js";
import type { ServiceMachine, Step } from "./service-machine.js";

type MainExited = Extract<EngineEvent, { type: "mainExited" }>;
type Starting = Extract<ServiceState, { kind: "starting" }>;
type Up = Extract<ServiceState, { kind: "up" }>;
type Stopping = Extract<ServiceState, { kind: "stopping" }>;

/** From SIGKILL until whoever is left is named. A process that is not in uninterruptible sleep dies within milliseconds. */
export const killDeadlineMs = 5000;

/** The stop begins: the process is told, and has its grace period. */
export function leave(
  machine: ServiceMachine,
  state: Starting | Up,
  reason: StopReason,
  spec: ServiceSpec,
  nowMs: number,
): Step {
  const stopping = toStopping(
    machine,
    state,
    reason,
    "signalled",
    nowMs + spec.stop.gracePeriodMs,
    nowMs,
  );
  return [
    stopping,
    state.pid === null ? noActions : [{ type: "beginStop", name: machine.name, run: machine.run }],
  ];
}

export function toStopping(
  machine: ServiceMachine,
  state: Starting | Up,
  reason: StopReason,
  stage: Stopping["stage"],
  deadlineMs: number,
  nowMs: number,
): ServiceMachine {
  const { run, pid } = state;
  return {
    ...machine,
    stopRequested: null,
    state: {
      kind: "stopping",
      sinceMs: nowMs,
      run,
      pid,
      stage,
      reason,
      status: null,
      deadlineMs,
      survivors: [],
    },
  };
}

export function mainExited(
  machine: ServiceMachine,
  { status, treeGone, forkedAway }: MainExited,
  spec: ServiceSpec,
  nowMs: number,
  chance: number,
): Step {
  const { state, name, run } = machine;
  let stopping: Stopping;
  let rest: ServiceMachine = machine;
  if (state.kind === "starting" || state.kind === "up") {
    // It ended by itself; with a stop already asked for, that is what it would have come to.
    const reason: StopReason =
      machine.stopRequested === null
        ? { kind: "exited", status, ...(forkedAway === undefined ? {} : { forkedAway }) }
        : { kind: "requested", cause: machine.stopRequested };
    const deadlineMs = nowMs + spec.stop.gracePeriodMs;
    stopping = {
      kind: "stopping",
      sinceMs: nowMs,
      run,
      pid: null,
      stage: "draining",
      reason,
      status,
      deadlineMs,
      survivors: [],
    };
    rest = { ...machine, stopRequested: null };
  } else if (state.kind === "stopping" && state.status === null) {
    stopping = {
      ...state,
      pid: null,
      status,
      stage: state.stage === "signalled" ? "draining" : state.stage,
    };
  } else {
    return [machine, noActions];
  }
  if (treeGone === true)
    return [afterRun(rest, runEnd(rest, stopping, status, nowMs), spec, nowMs, chance), noActions];
  const drains = stopping.stage === "draining";
  return [
    { ...rest, state: stopping },
    drains ? [{ type: "signalTree", name, run, signal: spec.stop.signal }] : noActions,
  ];
}

export function deadlineReached(machine: ServiceMachine, spec: ServiceSpec, nowMs: number): Step {
  const { state, name, run } = machine;
  const deadlineMs = deadlineOf(state);
  if (deadlineMs === null || nowMs < deadlineMs) return [machine, noActions];
  if (state.kind === "starting") {
    const timeoutMs = spec.ready?.timeoutMs ?? 0;
    return leave(
      machine,
      state,
      { kind: "notReady", detail: `not ready within ${formatDuration(timeoutMs)}` },
      spec,
      nowMs,
    );
  }
  // Back-off is over: the graph layer asks the bucket, unless this wait was for the bucket itself.
  if (state.kind === "backoff")
    return [state.storm ? restarted(machine, nowMs) : machine, noActions];
  if (state.kind !== "stopping") return [machine, noActions];
  if (state.stage === "killed") {
    return [
      { ...machine, state: { ...state, stage: "stuck" } },
      isBorn(state) ? [{ type: "nameSurvivors", name, run }] : noActions,
    ];
  }
  return [
    { ...machine, state: { ...state, stage: "killed", deadlineMs: nowMs + killDeadlineMs } },
    isBorn(state) ? [killTree(machine)] : noActions,
  ];
}

/** SIGKILL did not help in time, and the survivors have been named. */
export function isStuck(state: ServiceState): boolean {
  return state.kind === "stopping" && state.stage === "stuck" && state.survivors.length > 0;
}

/** Has the spawn of a run in `stopping` been answered? Before that there is nothing to signal. */
export function isBorn(state: Stopping): boolean {
  return state.pid !== null || state.status !== null;
}

export function runEnd(
  machine: ServiceMachine,
  state: Stopping,
  status: ExitStatus,
  nowMs: number,
): RunEnd {
  return { kind: "exited", run: machine.run, status, atMs: nowMs, reason: state.reason };
}

export function killTree(machine: ServiceMachine): Action {
  return { type: "killTree", name: machine.name, run: machine.run };
}
