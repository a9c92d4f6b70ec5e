import type { RestartPolicy, ServiceSpec } from "./spec.js";
import type {
  Blocker,
  FailureReason,
  ServiceSnapshot,
  ServiceState,
  StateKind,
  StopReason,
} from "./state.js";
import {
  describeCause,
  describeEnd,
  describeExit,
  describeForkedAway,
  formatDuration,
} from "./describe.js";
import { killDeadlineMs } from "./run-stop.js";

/** What an explanation may look at. */
export interface ExplainContext {
  readonly snapshot: (name: string) => ServiceSnapshot | undefined;
  readonly spec: (name: string) => ServiceSpec | undefined;
  /** Monotonic, as the times in the states. */
  readonly nowMs: number;
}

const predicates: Readonly<Record<StateKind, string>> = {
  down: "is down",
  waiting: "is waiting",
  starting: "is starting",
  up: "is up",
  stopping: "is stopping",
  backoff: "is in back-off",
  failed: "failed",
  done: "is done",
};

/**
 * Why a service is as it is, in sentences without a full stop: the state and its reason, who wanted it so, what happens next. What it waits
 * for is explained in turn, down to the root.
 */
export function explain(snapshot: ServiceSnapshot, context: ExplainContext): readonly string[] {
  const lines = [sentence(snapshot, context)];
  const { state, last } = snapshot;
  if (state.kind !== "down" && state.kind !== "done") {
    lines.push(`it is wanted ${snapshot.wanted}: asked for ${describeCause(snapshot.wantedBy)}`);
  }
  if (
    last !== null &&
    (state.kind === "down" ||
      state.kind === "starting" ||
      state.kind === "up" ||
      state.kind === "waiting")
  ) {
    lines.push(`run ${last.run} ${describeEnd(last)}, ${ago(last.atMs, context)}`);
  }
  if (snapshot.restarts > 0) {
    lines.push(
      `it was restarted by policy ${snapshot.restarts === 1 ? "once" : `${snapshot.restarts} times`} since it was last asked for`,
    );
  }
  lines.push(...nextStep(snapshot));
  const seen = new Set([snapshot.name]);
  for (const name of obstacles(state)) explainObstacle(name, context, seen, lines);
  return lines;
}

/** One line for a status table: what stands after the colon in the first sentence of `explain`. */
export function reasonLine(snapshot: ServiceSnapshot, context: ExplainContext): string {
  const { state } = snapshot;
  switch (state.kind) {
    case "down":
      return state.cause === null
        ? "not started yet"
        : `stopped ${describeCause(state.cause)}, ${ago(state.sinceMs, context)}`;
    case "waiting":
      return state.on.length === 0
        ? "about to start"
        : state.on.map((blocker) => blockerText(blocker, context)).join(", ");
    case "starting":
      return startingReason(snapshot, state, context);
    case "up":
      return upReason(snapshot, state, context);
    case "stopping":
      return stoppingReason(snapshot, state, context);
    case "backoff": {
      const wait = left(state.untilMs, context);
      const turn = state.storm
        ? `many services restart at once, its turn comes in ${wait}`
        : `next run in ${wait}`;
      return `run ${state.last.run} ${describeEnd(state.last)}; ${turn}`;
    }
    case "failed":
      return failureReason(state.reason, context.spec(snapshot.name)?.restart);
    case "done":
      return `run ${state.last.run} ${describeEnd(state.last)}, ${ago(state.sinceMs, context)}`;
  }
}

function sentence(snapshot: ServiceSnapshot, context: ExplainContext): string {
  return `service "${snapshot.name}" ${predicates[snapshot.state.kind]}: ${reasonLine(snapshot, context)}`;
}

function startingReason(
  snapshot: ServiceSnapshot,
  state: Extract<ServiceState, { kind: "starting" }>,
  context: ExplainContext,
): string {
  if (state.pid === null) return `the process of run ${state.run} is being started`;
  const spec = context.spec(snapshot.name);
  const run = `run ${state.run} (pid ${state.pid})`;
  const limit = state.deadlineMs === null ? "" : `; ${left(state.deadlineMs, context)} left`;
  if (spec?.type === "oneshot")
    return `${run} has been at work for ${since(state.sinceMs, context)}${held(snapshot)}`;
  if (spec?.ready === null)
    return `run ${state.run} (command: pid ${state.pid}) has no daemon in the background yet${held(snapshot)}`;
  return `${run} is not ready yet${limit}${held(snapshot)}`;
}

function upReason(
  snapshot: ServiceSnapshot,
  state: Extract<ServiceState, { kind: "up" }>,
  context: ExplainContext,
): string {
  const health = {
    none: "",
    starting: ", its first healthcheck is not over",
    healthy: ", healthy",
    unhealthy: ", unhealthy",
  };
  const announced = snapshot.ready ? "" : ", has announced that it stops";
  const run = `run ${state.run} (pid ${state.pid}) for ${since(state.sinceMs, context)}`;
  return `${run}${health[snapshot.health]}${announced}${held(snapshot)}`;
}

function held(snapshot: ServiceSnapshot): string {
  const cause = snapshot.stopRequested ?? null;
  if (cause === null) return "";
  return `; its ${snapshot.wanted === "up" ? "restart" : "stop"}, asked for ${describeCause(cause)}, waits until its dependents have stopped`;
}

function stoppingReason(
  snapshot: ServiceSnapshot,
  state: Extract<ServiceState, { kind: "stopping" }>,
  context: ExplainContext,
): string {
  const then = snapshot.wanted === "up" ? "; it is wanted up again" : "";
  return `${stopReason(state.reason)}; ${stageText(snapshot, state, context)}${then}`;
}

function stopReason(reason: StopReason): string {
  switch (reason.kind) {
    case "exited":
      return `its main process ${describeExit(reason.status)}${describeForkedAway(reason.forkedAway)}`;
    case "requested":
      return `asked for ${describeCause(reason.cause)}`;
    case "notReady":
      return `it did not become ready (${reason.detail})`;
    case "unhealthy":
      return `it was unhealthy (${reason.detail})`;
    case "watchdog":
      return `its watchdog heard nothing for ${formatDuration(reason.timeoutMs)}`;
  }
}

function stageText(
  snapshot: ServiceSnapshot,
  state: Extract<ServiceState, { kind: "stopping" }>,
  context: ExplainContext,
): string {
  const stop = context.spec(snapshot.name)?.stop;
  const kill = `SIGKILL in ${left(state.deadlineMs, context)}`;
  switch (state.stage) {
    case "signalled": {
      const means =
        stop === undefined
          ? "it was told to stop"
          : stop.command === null
            ? `${stop.signal} was sent`
            : "its stop command was started";
      return `${means} ${ago(state.sinceMs, context)}, ${kill}`;
    }
    case "draining":
      return `others of its processes are left, ${kill}`;
    case "killed":
      return "SIGKILL was sent to all that is left of it";
    case "stuck": {
      const pids = state.survivors.length === 0 ? "" : ` (pid ${state.survivors.join(", ")})`;
      return `still running ${formatDuration(killDeadlineMs)} after SIGKILL${pids}`;
    }
  }
}

function failureReason(reason: FailureReason, policy: RestartPolicy | undefined): string {
  switch (reason.kind) {
    case "policy": {
      const rule = policy === undefined ? "" : `, and its restart policy is "${policy.kind}"`;
      return `run ${reason.last.run} ${describeEnd(reason.last)}${rule}`;
    }
    case "restartLimit":
      return `${countRuns(reason.runs)} ended within ${formatDuration(reason.windowMs)}, over its limit of ${reason.limit}; the last ${describeEnd(reason.last)}`;
    case "onFailureLimit":
      return `${countRuns(reason.limit + 1)} failed in a row, over the limit of its restart policy "on-failure:${reason.limit}"; the last ${describeEnd(reason.last)}`;
    case "dependency":
      return `its dependency "${reason.name}" ${reason.detail}`;
  }
}

function countRuns(count: number): string {
  return count === 1 ? "1 run" : `${count} runs`;
}

function nextStep({ state, wanted }: ServiceSnapshot): readonly string[] {
  if (state.kind === "failed") {
    return state.reason.kind === "dependency"
      ? [`it goes on by itself once "${state.reason.name}" is there`]
      : ["nothing more is tried until it is started again"];
  }
  if (state.kind === "stopping" && state.stage === "stuck") {
    return [
      `it is ${wanted === "up" ? "started again" : "down"} as soon as these processes are gone`,
    ];
  }
  return [];
}

function obstacles(state: ServiceState): readonly string[] {
  if (state.kind === "waiting") return state.on.map(({ name }) => name);
  return state.kind === "failed" && state.reason.kind === "dependency" ? [state.reason.name] : [];
}

function explainObstacle(
  name: string,
  context: ExplainContext,
  seen: Set<string>,
  lines: string[],
): void {
  if (seen.has(name)) return;
  seen.add(name);
  const snapshot = context.snapshot(name);
  if (snapshot === undefined) return;
  lines.push(sentence(snapshot, context));
  for (const next of obstacles(snapshot.state)) explainObstacle(next, context, seen, lines);
}

function blockerText({ name, needs }: Blocker, context: ExplainContext): string {
  switch (needs) {
    case "started":
      return `"${name}" is not ${context.spec(name)?.ready === null ? "up" : "ready"} yet`;
    case "healthy":
      return `"${name}" is not healthy yet`;
    case "completed":
      return `"${name}" has not completed yet`;
  }
}

function since(atMs: number, context: ExplainContext): string {
  return formatDuration(context.nowMs - atMs);
}

function ago(atMs: number, context: ExplainContext): string {
  return `${since(atMs, context)} ago`;
}

function left(atMs: number, context: ExplainContext): string {
  return formatDuration(atMs - context.nowMs);
}
