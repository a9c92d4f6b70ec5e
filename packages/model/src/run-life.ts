/** A run from its spawn to the beginning of its end. */
import type { ServiceSpec } from "./spec.js";
import type { Cause } from "./state.js";
import { forgetBadRuns } from "./restart-policy.js";
import { isBorn, killTree, leave } from "./run-stop.js";
import { noActions } from "./service-machine.js";
import type { ServiceEvent, ServiceMachine, Step } from "./service-machine.js";
import { asked } from "./wish.js";

export function spawned(
  machine: ServiceMachine,
  pid: number,
  spec: ServiceSpec,
  nowMs: number,
): Step {
  const { state, run, name } = machine;
  if (state.kind === "starting" && state.pid === null) {
    const deadlineMs =
      spec.ready === null || spec.type === "oneshot" ? null : nowMs + spec.ready.timeoutMs;
    const starting: ServiceMachine = { ...machine, state: { ...state, pid, deadlineMs } };
    if (spec.type === "service" && spec.ready === null)
      return [enterUp(starting, pid, nowMs), noActions];
    return [spec.type === "oneshot" ? { ...starting, ready: true } : starting, noActions];
  }
  if (state.kind === "stopping" && !isBorn(state)) {
    // The stop came between the spawn and its answer.
    const born: ServiceMachine = { ...machine, state: { ...state, pid } };
    return [
      born,
      [state.stage === "signalled" ? { type: "beginStop", name, run } : killTree(machine)],
    ];
  }
  return [machine, noActions];
}

export function mainMoved(
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

export function enterUp(machine: ServiceMachine, pid: number, nowMs: number): ServiceMachine {
  return {
    ...machine,
    ready: true,
    reached: true,
    goodSinceMs: nowMs,
    state: { kind: "up", sinceMs: nowMs, run: machine.run, pid, deadlineMs: null },
  };
}

export function healthChanged(
  machine: ServiceMachine,
  health: "healthy" | "unhealthy",
  detail: string,
  spec: ServiceSpec,
  nowMs: number,
): Step {
  const { state } = machine;
  if (state.kind !== "up" || spec.health === null || machine.health === health)
    return [machine, noActions];
  if (health === "healthy")
    return [{ ...machine, health, goodSinceMs: machine.goodSinceMs ?? nowMs }, noActions];
  const unhealthy = { ...forgetBadRuns(machine, spec, nowMs), health, goodSinceMs: null };
  if (spec.health.onUnhealthy === "none" || machine.stopRequested !== null)
    return [unhealthy, noActions];
  return leave(unhealthy, state, { kind: "unhealthy", detail }, spec, nowMs);
}

export function adopted(
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
    return since(enterUp(ours, pid, nowMs), event.sinceMs ?? nowMs);
  const deadlineMs =
    spec.ready === null || spec.type === "oneshot" ? null : nowMs + spec.ready.timeoutMs;
  return {
    ...ours,
    ready: spec.type === "oneshot",
    state: { kind: "starting", sinceMs: nowMs, run, pid, deadlineMs },
  };
}

/** What a person is told: how long the run has been there. All deadlines count from its adoption. */
function since(machine: ServiceMachine, sinceMs: number): ServiceMachine {
  const { state } = machine;
  return state.kind === "up" ? { ...machine, state: { ...state, sinceMs } } : machine;
}
