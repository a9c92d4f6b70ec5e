/** What of a run is being watched, as its state asks for it. */
import type { Action } from "./event.js";
import type { ServiceSpec } from "./spec.js";
import type { ServiceMachine } from "./service-machine.js";

export function checksReadiness(machine: ServiceMachine, spec: ServiceSpec): boolean {
  if (spec.ready === null || spec.type === "oneshot" || machine.state.kind !== "starting")
    return false;
  return machine.state.pid !== null && (spec.type !== "forking" || machine.moved);
}

function checksHealth(machine: ServiceMachine, spec: ServiceSpec): boolean {
  return spec.health !== null && machine.state.kind === "up";
}

/** Watches are held as long as the state asks for them: ends first, so that nothing is watched twice. */
export function withWatches(
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
