/**
 * The machine of one service. It has no clock, no randomness and no knowledge of other services: what it must know of them comes as events.
 *
 * What each pair of state and wish means:
 *
 * | state    | wanted up                                              | wanted down                                        |
 * | -------- | ------------------------------------------------------ | -------------------------------------------------- |
 * | down     | never: a start leaves `down` in the same dispatch      | nothing runs, nothing is pending                   |
 * | waiting  | starts once its dependencies are there                 | never: a stop goes to `down` at once               |
 * | starting | a process, not ready yet                               | a stop was asked for; dependents that stop too     |
 * |          |                                                        | still run, so it has not begun                     |
 * | up       | runs (and is ready); with `stopRequested`: a restart   | as above: still serving those that stop before it  |
 * |          | that waits for dependents                              |                                                    |
 * | stopping | its run ends, then a new one starts: at once with      | its run ends, then `down`                          |
 * |          | `startAgain`, else as the restart policy says          |                                                    |
 * | backoff  | the next run starts at `untilMs`                       | never: a stop goes to `down` at once               |
 * | failed   | given up; only a start, a changed spec or, after a     | never: a stop goes to `down`                       |
 * |          | failed dependency, that dependency leads out           |                                                    |
 * | done     | ended well and has nothing more to do                  | never: a stop goes to `down`                       |
 *
 * What must hold: a run is left by one way only, `stopping`, and that only by `treeGone` (or a spawn that failed), so two runs of a
 * service never overlap. A fact with the number of another run, and a deadline that is not due, change nothing.
 */
import type { Action } from "./event.js";
import type { ServiceSpec } from "./spec.js";
import type { Cause, ExitStatus, RunEnd, ServiceState, StopReason } from "./state.js";
import { afterRun, forgetBadRuns } from "./restart-policy.js";
import { deadlineOf, initialHealth } from "./service-machine.js";
import type { BrokenDependency, ServiceEvent, ServiceMachine } from "./service-machine.js";

type Step = readonly [machine: ServiceMachine, actions: readonly Action[]];
type Starting = Extract<ServiceState, { kind: "starting" }>;
type Up = Extract<ServiceState, { kind: "up" }>;
type Stopping = Extract<ServiceState, { kind: "stopping" }>;

const nothing: readonly Action[] = [];

/** From SIGKILL until whoever is left is named. A process that is not in uninterruptible sleep dies within milliseconds. */
export const killDeadlineMs = 5000;

/**
 * The next machine and what to do about it, in this order. The same machine comes back when the event means nothing to it. `chance`, in
 * [0, 1), is used for the jitter of a back-off. `setDeadline` and `changed` are not among the actions: they follow from the machine
 * (`deadlineOf`) and are the graph layer's, once per dispatch.
 */
export function transition(
  machine: ServiceMachine,
  event: ServiceEvent,
  spec: ServiceSpec,
  nowMs: number,
  chance: number,
): Step {
  if ("run" in event && event.run !== machine.run && event.type !== "adopted")
    return [machine, nothing];
  const [next, actions] = step(machine, event, spec, nowMs, chance);
  if (next === machine || (spec.ready === null && spec.health === null)) return [next, actions];
  return [next, withWatches(machine, next, spec, actions)];
}

function step(
  machine: ServiceMachine,
  event: ServiceEvent,
  spec: ServiceSpec,
  nowMs: number,
  chance: number,
): Step {
  const { state } = machine;
  switch (event.type) {
    case "start":
      return [start(machine, event.cause, spec, nowMs), nothing];
    case "stop":
      return [stop(machine, event.cause, nowMs), nothing];
    case "restart":
      return [restart(machine, event.cause, nowMs), nothing];
    case "kill":
      return kill(machine, event.cause, nowMs);
    case "stopAllowed":
      if ((state.kind !== "starting" && state.kind !== "up") || machine.stopRequested === null)
        return [machine, nothing];
      return leave(
        machine,
        state,
        { kind: "requested", cause: machine.stopRequested },
        spec,
        nowMs,
      );
    case "dependenciesJudged":
      return dependenciesJudged(machine, event.on, event.broken, nowMs);
    case "restartGranted":
      return [state.kind === "backoff" ? restarted(machine, nowMs) : machine, nothing];
    case "restartDelayed":
      if (state.kind !== "backoff") return [machine, nothing];
      return [{ ...machine, state: { ...state, untilMs: event.untilMs, storm: true } }, nothing];
    case "healthcheckReplaced":
      return [
        {
          ...machine,
          health: initialHealth(spec),
          goodSinceMs: state.kind === "up" ? (machine.goodSinceMs ?? nowMs) : null,
        },
        nothing,
      ];
    case "spawned":
      return spawned(machine, event.pid, spec, nowMs);
    case "spawnFailed": {
      const unborn =
        (state.kind === "starting" && state.pid === null) ||
        (state.kind === "stopping" && !isBorn(state));
      if (!unborn) return [machine, nothing];
      const end: RunEnd = {
        kind: "spawnFailed",
        run: machine.run,
        failure: event.failure,
        atMs: nowMs,
      };
      return [afterRun(machine, end, spec, nowMs, chance), nothing];
    }
    case "mainMoved":
      return [mainMoved(machine, event.pid, spec, nowMs), nothing];
    case "becameReady":
      if (state.kind !== "starting" || state.pid === null || !checksReadiness(machine, spec))
        return [machine, nothing];
      return [enterUp(machine, state.pid, nowMs), nothing];
    case "readinessFailed":
      if (state.kind !== "starting") return [machine, nothing];
      return leave(machine, state, { kind: "notReady", detail: event.detail }, spec, nowMs);
    case "healthChanged":
      return healthChanged(machine, event.health, event.detail, spec, nowMs);
    case "watchdogExpired":
      if (state.kind !== "starting" && state.kind !== "up") return [machine, nothing];
      return leave(machine, state, { kind: "watchdog", timeoutMs: event.timeoutMs }, spec, nowMs);
    case "stoppingAnnounced":
      if (state.kind !== "up" || !machine.ready) return [machine, nothing];
      return [{ ...machine, ready: false }, nothing];
    case "mainExited":
      return mainExited(machine, event.status, event.treeGone === true, spec, nowMs, chance);
    case "treeGone":
      if (state.kind !== "stopping" || state.status === null) return [machine, nothing];
      return [
        afterRun(machine, runEnd(machine, state, state.status, nowMs), spec, nowMs, chance),
        nothing,
      ];
    case "stopCommandFailed":
      if (state.kind !== "stopping" || state.stage !== "signalled") return [machine, nothing];
      return [
        machine,
        [{ type: "beginStop", name: machine.name, run: machine.run, useSignal: true }],
      ];
    case "survivorsNamed":
      if (state.kind !== "stopping" || state.stage !== "stuck") return [machine, nothing];
      return [{ ...machine, state: { ...state, survivors: event.pids } }, nothing];
    case "adopted":
      return [adopted(machine, event, spec, nowMs), nothing];
    case "deadlineReached":
      return deadlineReached(machine, spec, nowMs);
  }
}

function start(
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

function restart(machine: ServiceMachine, cause: Cause, nowMs: number): ServiceMachine {
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
function asked(machine: ServiceMachine, cause: Cause): ServiceMachine {
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

/** To the next run, by way of `waiting`, where the dependencies are looked at before anything else. */
function nextRun(machine: ServiceMachine, nowMs: number): ServiceMachine {
  return { ...machine, state: { kind: "waiting", sinceMs: nowMs, on: [] } };
}

function restarted(machine: ServiceMachine, nowMs: number): ServiceMachine {
  return nextRun({ ...machine, restarts: machine.restarts + 1 }, nowMs);
}

function stop(machine: ServiceMachine, cause: Cause, nowMs: number): ServiceMachine {
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

function kill(machine: ServiceMachine, cause: Cause, nowMs: number): Step {
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
      return [stopping, state.pid === null ? nothing : [killTree(machine)]];
    }
    case "stopping":
      if (state.stage === "killed" || state.stage === "stuck") return [unwanted, nothing];
      return [
        { ...unwanted, state: { ...state, stage: "killed", deadlineMs: nowMs + killDeadlineMs } },
        isBorn(state) ? [killTree(machine)] : nothing,
      ];
    case "down":
    case "waiting":
    case "backoff":
    case "failed":
    case "done":
      return [unwanted, nothing];
  }
}

function dependenciesJudged(
  machine: ServiceMachine,
  on: Extract<ServiceState, { kind: "waiting" }>["on"],
  broken: BrokenDependency | null,
  nowMs: number,
): Step {
  const { state } = machine;
  const healing =
    state.kind === "failed" && state.reason.kind === "dependency" ? state.reason : null;
  if (state.kind !== "waiting" && healing === null) return [machine, nothing];
  if (broken !== null) {
    if (healing !== null && healing.name === broken.name && healing.detail === broken.detail)
      return [machine, nothing];
    return [
      {
        ...machine,
        state: { kind: "failed", sinceMs: nowMs, reason: { kind: "dependency", ...broken } },
      },
      nothing,
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
    if (same) return [machine, nothing];
    const sinceMs = state.kind === "waiting" ? state.sinceMs : nowMs;
    return [{ ...machine, state: { kind: "waiting", sinceMs, on } }, nothing];
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

function spawned(machine: ServiceMachine, pid: number, spec: ServiceSpec, nowMs: number): Step {
  const { state, run, name } = machine;
  if (state.kind === "starting" && state.pid === null) {
    const deadlineMs =
      spec.ready === null || spec.type === "oneshot" ? null : nowMs + spec.ready.timeoutMs;
    const starting: ServiceMachine = { ...machine, state: { ...state, pid, deadlineMs } };
    if (spec.type === "service" && spec.ready === null)
      return [enterUp(starting, pid, nowMs), nothing];
    return [spec.type === "oneshot" ? { ...starting, ready: true } : starting, nothing];
  }
  if (state.kind === "stopping" && !isBorn(state)) {
    // The stop came between the spawn and its answer.
    const born: ServiceMachine = { ...machine, state: { ...state, pid } };
    return [
      born,
      [state.stage === "signalled" ? { type: "beginStop", name, run } : killTree(machine)],
    ];
  }
  return [machine, nothing];
}

function mainMoved(
  machine: ServiceMachine,
  pid: number,
  spec: ServiceSpec,
  nowMs: number,
): ServiceMachine {
  const { state } = machine;
  switch (state.kind) {
    case "starting": {
      const moved: ServiceMachine = { ...machine, moved: true, state: { ...state, pid } };
      return spec.type === "forking" && spec.ready === null ? enterUp(moved, pid, nowMs) : moved;
    }
    case "up":
      return { ...machine, state: { ...state, pid } };
    case "stopping":
      return state.status === null ? { ...machine, state: { ...state, pid } } : machine;
    case "down":
    case "waiting":
    case "backoff":
    case "failed":
    case "done":
      return machine;
  }
}

function enterUp(machine: ServiceMachine, pid: number, nowMs: number): ServiceMachine {
  return {
    ...machine,
    ready: true,
    reached: true,
    goodSinceMs: nowMs,
    state: { kind: "up", sinceMs: nowMs, run: machine.run, pid, deadlineMs: null },
  };
}

function healthChanged(
  machine: ServiceMachine,
  health: "healthy" | "unhealthy",
  detail: string,
  spec: ServiceSpec,
  nowMs: number,
): Step {
  const { state } = machine;
  if (state.kind !== "up" || spec.health === null || machine.health === health)
    return [machine, nothing];
  if (health === "healthy")
    return [{ ...machine, health, goodSinceMs: machine.goodSinceMs ?? nowMs }, nothing];
  const unhealthy = { ...forgetBadRuns(machine, spec, nowMs), health, goodSinceMs: null };
  if (spec.health.onUnhealthy === "none" || machine.stopRequested !== null)
    return [unhealthy, nothing];
  return leave(unhealthy, state, { kind: "unhealthy", detail }, spec, nowMs);
}

/** The stop begins: the process is told, and has its grace period. */
function leave(
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
    state.pid === null ? nothing : [{ type: "beginStop", name: machine.name, run: machine.run }],
  ];
}

function toStopping(
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

function mainExited(
  machine: ServiceMachine,
  status: ExitStatus,
  treeGone: boolean,
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
        ? { kind: "exited", status }
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
    return [machine, nothing];
  }
  if (treeGone)
    return [afterRun(rest, runEnd(rest, stopping, status, nowMs), spec, nowMs, chance), nothing];
  const drains = stopping.stage === "draining";
  return [
    { ...rest, state: stopping },
    drains ? [{ type: "signalTree", name, run, signal: spec.stop.signal }] : nothing,
  ];
}

function adopted(
  machine: ServiceMachine,
  event: Extract<ServiceEvent, { type: "adopted" }>,
  spec: ServiceSpec,
  nowMs: number,
): ServiceMachine {
  const { state } = machine;
  if (state.kind !== "down" && state.kind !== "waiting") return machine;
  const { run, pid } = event;
  const cause: Cause = state.kind === "down" ? { kind: "policy" } : machine.wantedBy;
  const ours: ServiceMachine = { ...asked(machine, cause), run, moved: spec.type === "forking" };
  if (spec.type !== "oneshot" && (event.ready || spec.ready === null))
    return enterUp(ours, pid, nowMs);
  const deadlineMs =
    spec.ready === null || spec.type === "oneshot" ? null : nowMs + spec.ready.timeoutMs;
  return {
    ...ours,
    ready: spec.type === "oneshot",
    state: { kind: "starting", sinceMs: nowMs, run, pid, deadlineMs },
  };
}

function deadlineReached(machine: ServiceMachine, spec: ServiceSpec, nowMs: number): Step {
  const { state, name, run } = machine;
  const deadlineMs = deadlineOf(state);
  if (deadlineMs === null || nowMs < deadlineMs) return [machine, nothing];
  if (state.kind === "starting") {
    const timeoutMs = spec.ready?.timeoutMs ?? 0;
    return leave(
      machine,
      state,
      { kind: "notReady", detail: `not ready within ${timeoutMs} ms` },
      spec,
      nowMs,
    );
  }
  // Back-off is over: the graph layer asks the bucket, unless this wait was for the bucket itself.
  if (state.kind === "backoff") return [state.storm ? restarted(machine, nowMs) : machine, nothing];
  if (state.kind !== "stopping") return [machine, nothing];
  if (state.stage === "killed") {
    return [
      { ...machine, state: { ...state, stage: "stuck" } },
      isBorn(state) ? [{ type: "nameSurvivors", name, run }] : nothing,
    ];
  }
  return [
    { ...machine, state: { ...state, stage: "killed", deadlineMs: nowMs + killDeadlineMs } },
    isBorn(state) ? [killTree(machine)] : nothing,
  ];
}

/** Has the spawn of a run in `stopping` been answered? Before that there is nothing to signal. */
function isBorn(state: Stopping): boolean {
  return state.pid !== null || state.status !== null;
}

function runEnd(
  machine: ServiceMachine,
  state: Stopping,
  status: ExitStatus,
  nowMs: number,
): RunEnd {
  return { kind: "exited", run: machine.run, status, atMs: nowMs, reason: state.reason };
}

function killTree(machine: ServiceMachine): Action {
  return { type: "killTree", name: machine.name, run: machine.run };
}

function checksReadiness(machine: ServiceMachine, spec: ServiceSpec): boolean {
  if (spec.ready === null || spec.type === "oneshot" || machine.state.kind !== "starting")
    return false;
  return machine.state.pid !== null && (spec.type !== "forking" || machine.moved);
}

function checksHealth(machine: ServiceMachine, spec: ServiceSpec): boolean {
  return spec.health !== null && machine.state.kind === "up";
}

/** Watches are held as long as the state asks for them: ends first, so that nothing is watched twice. */
function withWatches(
  before: ServiceMachine,
  after: ServiceMachine,
  spec: ServiceSpec,
  actions: readonly Action[],
): readonly Action[] {
  const { name } = after;
  const all: Action[] = [];
  const readiness = checksReadiness(after, spec);
  const health = checksHealth(after, spec);
  if (checksReadiness(before, spec) && !readiness)
    all.push({ type: "endReadiness", name, run: before.run });
  if (checksHealth(before, spec) && !health) all.push({ type: "endHealth", name, run: before.run });
  all.push(...actions);
  if (readiness && !checksReadiness(before, spec))
    all.push({ type: "watchReadiness", name, run: after.run });
  if (health && !checksHealth(before, spec))
    all.push({ type: "watchHealth", name, run: after.run });
  return all;
}
