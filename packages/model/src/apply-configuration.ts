import type { Configuration, ServiceSpec } from "./spec.js";
import type { Cause } from "./state.js";
import { restartDependents } from "./requests.js";
import { sameValue } from "./same-value.js";
import type { ServiceGraph } from "./service-graph.js";
import { hasRun } from "./service-machine.js";
import { createServiceNode } from "./service-node.js";
import type { ServiceNode } from "./service-node.js";

/** Takes over a configuration that was found good: new services start, gone ones stop, the others go on or are restarted. */
export function applyConfiguration(
  graph: ServiceGraph,
  configuration: Configuration,
  restart: ReadonlySet<string>,
  generation: number,
  nowMs: number,
): void {
  const cause: Cause = { kind: "configuration", generation };
  const nodes = new Map<string, ServiceNode>();
  const fresh: ServiceNode[] = [];
  const again: ServiceNode[] = [];
  for (const spec of configuration.services) {
    const known = graph.nodes.get(spec.name);
    const node = known ?? createServiceNode(spec, nowMs);
    nodes.set(spec.name, node);
    if (known === undefined || known.gone) fresh.push(node);
    else if (
      restart.has(spec.name) ||
      (known.machine.state.kind === "failed" && !sameValue(latestSpec(known), spec))
    ) {
      again.push(node);
    }
    respecify(graph, node, spec, node.gone || restart.has(spec.name), nowMs);
    node.gone = false;
  }
  const gone: ServiceNode[] = [];
  for (const node of graph.nodes.values()) {
    if (nodes.get(node.name) === node) continue;
    node.gone = true;
    nodes.set(node.name, node);
    gone.push(node);
  }
  graph.replace(configuration, nodes);
  for (const node of gone) {
    graph.step(node, { type: "stop", cause }, nowMs);
    graph.enqueue(node);
  }
  if (graph.shuttingDown) return;
  for (const node of again) {
    if (node.machine.wanted === "down") continue;
    restartDependents(graph, node, nowMs);
    graph.step(node, { type: "restart", cause }, nowMs);
  }
  for (const node of fresh) graph.step(node, { type: "start", cause }, nowMs);
  for (const node of nodes.values()) graph.enqueue(node);
}

/**
 * A run that is to be restarted is stopped as its old spec says, and the new one waits for its end. A run that goes on takes over at once all
 * that can be, and stays what it was started as; the rest waits for the next run, whenever that comes.
 */
function respecify(
  graph: ServiceGraph,
  node: ServiceNode,
  next: ServiceSpec,
  restart: boolean,
  nowMs: number,
): void {
  const runs = hasRun(node.machine.state);
  const ends =
    restart || node.machine.state.kind === "stopping" || node.machine.stopRequested !== null;
  if (runs && ends) {
    node.nextSpec = next;
    return;
  }
  const { type, process, ready, watchdogMs, pidfile } = node.spec;
  const started = { type, process, ready, watchdogMs, pidfile };
  const merged = { ...next, ...started };
  node.nextSpec = runs && !sameValue(merged, next) ? next : null;
  const spec = node.nextSpec === null ? next : merged;
  const { name, machine } = node;
  const before = node.spec.health;
  node.spec = spec;
  if (sameValue(before, spec.health)) return;
  const checked = machine.state.kind === "up";
  if (checked && before !== null) graph.act({ type: "endHealth", name, run: machine.run });
  graph.step(node, { type: "healthcheckReplaced" }, nowMs);
  if (checked && spec.health !== null) graph.act({ type: "watchHealth", name, run: machine.run });
}

function latestSpec(node: ServiceNode): ServiceSpec {
  return node.nextSpec ?? node.spec;
}
