/** What a command for one service means for it and for those around it. */
import type { Cause } from "./state.js";
import type { ServiceGraph } from "./service-graph.js";
import { hasRun } from "./service-machine.js";
import type { ServiceNode } from "./service-node.js";

/** Starts a service and, below it, every required dependency that is down or has failed. */
export function startService(graph: ServiceGraph, name: string, cause: Cause, nowMs: number): void {
  const node = graph.nodes.get(name);
  if (node === undefined || node.gone) return;
  // A stop that has not begun may stand in the way of a new spec: then it is not called off, the service starts again after it.
  const renewed = node.nextSpec !== null && node.machine.wanted === "down";
  graph.step(node, { type: renewed ? "restart" : "start", cause }, nowMs);
  startDependencies(graph, node, nowMs);
}

function startDependencies(graph: ServiceGraph, node: ServiceNode, nowMs: number): void {
  const seen = new Set([node]);
  for (const user of seen) {
    for (const { dependency, target } of user.edges) {
      if (!dependency.required || target === undefined || seen.has(target)) continue;
      const { machine } = target;
      const runs = machine.state.kind === "up" || machine.state.kind === "done";
      if (runs && machine.wanted === "up") continue;
      seen.add(target);
      if (machine.wanted === "up" && machine.state.kind !== "failed") continue;
      graph.step(target, { type: "start", cause: { kind: "dependency", name: user.name } }, nowMs);
    }
  }
}

/** Starts every service of the configuration but those excepted. Their dependencies are among them, so none is asked for twice. */
export function startAll(
  graph: ServiceGraph,
  cause: Cause,
  except: ReadonlySet<string>,
  nowMs: number,
): void {
  for (const node of graph.nodes.values()) {
    if (!node.gone && !except.has(node.name)) graph.step(node, { type: "start", cause }, nowMs);
  }
}

/** Stops a service and nothing else, but for the dependents that ask to go with it. */
export function stopService(graph: ServiceGraph, name: string, cause: Cause, nowMs: number): void {
  const node = graph.nodes.get(name);
  if (node === undefined) return;
  restartDependents(graph, node, nowMs);
  graph.step(node, { type: "stop", cause }, nowMs);
}

/** A new run, whether one stands or not; what it depends on is started where it is down or has failed. */
export function restartService(
  graph: ServiceGraph,
  name: string,
  cause: Cause,
  nowMs: number,
): void {
  const node = graph.nodes.get(name);
  if (node === undefined || node.gone) return;
  restartDependents(graph, node, nowMs);
  graph.step(node, { type: "restart", cause }, nowMs);
  startDependencies(graph, node, nowMs);
}

/** Dependents with `restart: true` are stopped ahead of a service that is stopped by command, and come back after it. */
export function restartDependents(graph: ServiceGraph, node: ServiceNode, nowMs: number): void {
  const seen = new Set([node]);
  for (const stopped of seen) {
    if (!hasRun(stopped.machine.state)) continue;
    for (const dependent of stopped.dependents) {
      const follows = dependent.edges.some(
        ({ dependency, target }) => target === stopped && dependency.restart,
      );
      const { state, wanted } = dependent.machine;
      if (!follows || wanted === "down" || (state.kind !== "starting" && state.kind !== "up"))
        continue;
      seen.add(dependent);
      graph.step(
        dependent,
        { type: "restart", cause: { kind: "dependency", name: stopped.name } },
        nowMs,
      );
    }
  }
}
