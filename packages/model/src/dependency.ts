import type { Dependency } from "./spec.js";
import type { Blocker } from "./state.js";
import type { BrokenDependency, ServiceMachine } from "./service-machine.js";

/** What a dependency means for the start of its dependent: nothing in the way, wait, or give up until it heals. */
export type DependencyVerdict = "satisfied" | "pending" | { readonly broken: string };

/**
 * Judges one dependency. A dependency that is about to be stopped (a stop was asked for, or it is wanted down) is not there, although it
 * still runs: a dependent that was stopped ahead of it must not start again beneath it.
 */
export function judgeDependency(
  dependency: Dependency,
  target: ServiceMachine | undefined,
): DependencyVerdict {
  if (target === undefined)
    return dependency.required ? { broken: "is not in the configuration" } : "satisfied";
  const { state } = target;
  switch (state.kind) {
    case "failed":
      return dependency.required ? { broken: "failed" } : "satisfied";
    case "down":
      return dependency.required || target.wanted === "up" ? "pending" : "satisfied";
    case "done":
      return "satisfied";
    case "up": {
      if (target.stopRequested !== null || !target.ready) return "pending";
      if (dependency.condition === "service_started") return "satisfied";
      if (dependency.condition === "service_completed_successfully") return "pending";
      return target.health === "healthy" || target.health === "none" ? "satisfied" : "pending";
    }
    case "waiting":
    case "starting":
    case "stopping":
    case "backoff":
      return "pending";
  }
}

const needs = {
  service_started: "started",
  service_healthy: "healthy",
  service_completed_successfully: "completed",
} as const;

const noBlockers: readonly Blocker[] = [];

/** Judges all dependencies of a service. `broken` is the first that will not come; `on` is all that are not there. */
export function judgeDependencies(
  edges: readonly {
    readonly dependency: Dependency;
    readonly target: { readonly machine: ServiceMachine } | undefined;
  }[],
): { readonly on: readonly Blocker[]; readonly broken: BrokenDependency | null } {
  if (edges.length === 0) return { on: noBlockers, broken: null };
  const on: Blocker[] = [];
  let broken: BrokenDependency | null = null;
  for (const { dependency, target } of edges) {
    const verdict = judgeDependency(dependency, target?.machine);
    if (verdict === "satisfied") continue;
    on.push({ name: dependency.name, needs: needs[dependency.condition] });
    if (verdict !== "pending") broken ??= { name: dependency.name, detail: verdict.broken };
  }
  return { on, broken };
}
