/** What commands and dependencies ask of a service. */
import type { ServiceSpec } from "./spec.js";
import type { Cause, ServiceState } from "./state.js";
import { nextRun } from "./restart-policy.js";
import { isBorn, killDeadlineMs, killTree, toStopping } from "./run-stop.js";
import { noActions } from "./service-machine.js";
import type { BrokenDependency, ServiceMachine, Step } from "./service-machine.js";

export function start(
  machine: ServiceMachine,
  cause: Cause,
  spec: ServiceSpec,
  nowMs: number,
): ServiceMachine {
  const { state } = machine;
  switch (state.kind) {
    case "starting":
    case "up":
      // It runs. A stop that has not begun is called off; a restart that has not begun is not.
      if (machine.wanted === "up") return machine;
      return { ...machine, wanted: "up", wantedBy: cause, stopRequested: null };
    case "waiting":
      return machine;
    case "done":
      // A oneshot that is done has started, as far as anybody can ask; `restart` repeats it.
      return spec.type === "oneshot" ? machine : nextRun(asked(machine, cause), nowMs);
    case "stopping":
      return { ...asked(machine, cause), startAgain: true };
    case "down":
    case "backoff":
    case "failed":
      return nextRun(asked(machine, cause), nowMs);
  }
}

export function restart(machine: ServiceMachine, cause: Cause, nowMs: number): ServiceMachine {
  const wanting = asked(machine, cause);
  switch (machine.state.kind) {
    case "starting":
    case "up":
      return { ...wanting, stopRequested: cause, startAgain: true };
    case "stopping":
      return { ...wanting, startAgain: true };
    case "waiting":
      return wanting;
    case "down":
    case "backoff":
    case "failed":
    case "done":
      return nextRun(wanting, nowMs);
  }
}

/** Wanted up by a command: what went wrong before does not count any more. */
export function asked(machine: ServiceMachine, cause: Cause): ServiceMachine {
  return {
    ...machine,
    wanted: "up",
    wantedBy: cause,
    attempt: 0,
    failures: 0,
    recent: [],
    restarts: 0,
  };
}

export function stop(machine: ServiceMachine, cause: Cause, nowMs: number): ServiceMachine {
  if (machine.wanted === "down") return machine;
  const unwanted: ServiceMachine = {
    ...machine,
    wanted: "down",
    wantedBy: cause,
    startAgain: false,
  };
  switch (machine.state.kind) {
    case "starting":
    case "up":
      return { ...unwanted, stopRequested: cause };
    case "stopping":
      return unwanted;
    case "down":
    case "waiting":
    case "backoff":
    case "failed":
    case "done":
      return { ...unwanted, state: { kind: "down", sinceMs: nowMs, cause, last: machine.last } };
  }
}

export function kill(machine: ServiceMachine, cause: Cause, nowMs: number): Step {
  const unwanted = stop(machine, cause, nowMs);
  const { state } = unwanted;
  switch (state.kind) {
    case "starting":
    case "up": {
      const stopping = toStopping(
        unwanted,
        state,
        { kind: "requested", cause },
        "killed",
        nowMs + killDeadlineMs,
        nowMs,
      );
      return [stopping, state.pid === null ? noActions : [killTree(machine)]];
    }
    case "stopping":
      if (state.stage === "killed" || state.stage === "stuck") return [unwanted, noActions];
      return [
        { ...unwanted, state: { ...state, stage: "killed", deadlineMs: nowMs + killDeadlineMs } },
        isBorn(state) ? [killTree(machine)] : noActions,
      ];
    case "down":
    case "waiting":
    case "backoff":
    case "failed":
    case "done":
      return [unwanted, noActions];
  }
}

export function dependenciesJudged(
  machine: ServiceMachine,
  on: Extract<ServiceState, { kind: "waiting" }>["on"],
  broken: BrokenDependency | null,
  nowMs: number,
): Step {
  const { state } = machine;
  const healing =
    state.kind === "failed" && state.reason.kind === "dependency" ? state.reason : null;
  if (state.kind !== "waiting" && healing === null) return [machine, noActions];
  if (broken !== null) {
    if (healing !== null && healing.name === broken.name && healing.detail === broken.detail)
      return [machine, noActions];
    return [
      {
        ...machine,
        state: { kind: "failed", sinceMs: nowMs, reason: { kind: "dependency", ...broken } },
      },
      noActions,
    ];
  }
  if (on.length > 0) {
    const same =
      state.kind === "waiting" &&
      state.on.length === on.length &&
      on.every(
        (blocker, index) =>
          state.on[index]?.name === blocker.name && state.on[index].needs === blocker.needs,
      );
    if (same) return [machine, noActions];
    const sinceMs = state.kind === "waiting" ? state.sinceMs : nowMs;
    return [{ ...machine, state: { kind: "waiting", sinceMs, on } }, noActions];
  }
  const run = machine.run + 1;
  return [
    {
      ...machine,
      run,
      state: { kind: "starting", sinceMs: nowMs, run, pid: null, deadlineMs: null },
    },
    [{ type: "spawn", name: machine.name, run }],
  ];
}
