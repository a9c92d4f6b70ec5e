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
import type { ServiceSpec } from "./spec.js";
import type { RunEnd } from "./state.js";
import { afterRun, restarted } from "./restart-policy.js";
import { adopted, enterUp, healthChanged, mainMoved, spawned } from "./run-life.js";
import { deadlineReached, isBorn, leave, mainExited, runEnd } from "./run-stop.js";
import { initialHealth, noActions } from "./service-machine.js";
import type { ServiceEvent, ServiceMachine, Step } from "./service-machine.js";
import { checksReadiness, withWatches } from "./watches.js";
import { dependenciesJudged, kill, restart, start, stop } from "./wish.js";

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
    return [machine, noActions];
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
      return [start(machine, event.cause, spec, nowMs), noActions];
    case "stop":
      return [stop(machine, event.cause, nowMs), noActions];
    case "restart":
      return [restart(machine, event.cause, nowMs), noActions];
    case "kill":
      return kill(machine, event.cause, nowMs);
    case "stopAllowed":
      if ((state.kind !== "starting" && state.kind !== "up") || machine.stopRequested === null)
        return [machine, noActions];
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
      return [state.kind === "backoff" ? restarted(machine, nowMs) : machine, noActions];
    case "restartDelayed":
      if (state.kind !== "backoff") return [machine, noActions];
      return [{ ...machine, state: { ...state, untilMs: event.untilMs, storm: true } }, noActions];
    case "healthcheckReplaced":
      return [
        {
          ...machine,
          health: initialHealth(spec),
          goodSinceMs: state.kind === "up" ? (machine.goodSinceMs ?? nowMs) : null,
        },
        noActions,
      ];
    case "spawned":
      return spawned(machine, event.pid, spec, nowMs);
    case "spawnFailed": {
      const unborn =
        (state.kind === "starting" && state.pid === null) ||
        (state.kind === "stopping" && !isBorn(state));
      if (!unborn) return [machine, noActions];
      const end: RunEnd = {
        kind: "spawnFailed",
        run: machine.run,
        failure: event.failure,
        atMs: nowMs,
      };
      return [afterRun(machine, end, spec, nowMs, chance), noActions];
    }
    case "mainMoved":
      return [mainMoved(machine, event.pid, spec, nowMs), noActions];
    case "becameReady":
      if (state.kind !== "starting" || state.pid === null || !checksReadiness(machine, spec))
        return [machine, noActions];
      return [enterUp(machine, state.pid, nowMs), noActions];
    case "readinessFailed":
      if (state.kind !== "starting") return [machine, noActions];
      return leave(machine, state, { kind: "notReady", detail: event.detail }, spec, nowMs);
    case "healthChanged":
      return healthChanged(machine, event.health, event.detail, spec, nowMs);
    case "watchdogExpired":
      if (state.kind !== "starting" && state.kind !== "up") return [machine, noActions];
      return leave(machine, state, { kind: "watchdog", timeoutMs: event.timeoutMs }, spec, nowMs);
    case "stoppingAnnounced":
      if (state.kind !== "up" || !machine.ready) return [machine, noActions];
      return [{ ...machine, ready: false }, noActions];
    case "mainExited":
      return mainExited(machine, event, spec, nowMs, chance);
    case "treeGone":
      if (state.kind !== "stopping" || state.status === null) return [machine, noActions];
      return [
        afterRun(machine, runEnd(machine, state, state.status, nowMs), spec, nowMs, chance),
        noActions,
      ];
    case "stopCommandFailed":
      if (state.kind !== "stopping" || state.stage !== "signalled") return [machine, noActions];
      return [
        machine,
        [{ type: "beginStop", name: machine.name, run: machine.run, useSignal: true }],
      ];
    case "survivorsNamed":
      if (state.kind !== "stopping" || state.stage !== "stuck") return [machine, noActions];
      return [{ ...machine, state: { ...state, survivors: event.pids } }, noActions];
    case "adopted":
      return [adopted(machine, event, spec, nowMs), noActions];
    case "deadlineReached":
      return deadlineReached(machine, spec, nowMs);
  }
}
