import type { Configuration, Dependency, ServiceSpec } from "./spec.js";
import { createServiceMachine, hasRun } from "./service-machine.js";
import type { ServiceMachine } from "./service-machine.js";
import { findCycle } from "./graph.js";

/** One service in the graph. The graph layer is its only writer. */
export interface ServiceNode {
  readonly name: string;
  /** In force for the current run; `nextSpec` takes its place when that run has ended. */
  spec: ServiceSpec;
  nextSpec: ServiceSpec | null;
  /** Not in the configuration any more: stops, and is then dropped. */
  gone: boolean;
  machine: ServiceMachine;
  /** What the supervisor was told last. */
  told: ServiceMachine;
  /** Deadline that the supervisor holds for it. */
  armedMs: number | null;
  edges: readonly ServiceEdge[];
  /** Those whose stop comes before this one's. */
  dependents: readonly ServiceNode[];
  /** Index in `dependents` of the one that was last seen to hold back this one's stop. */
  holder: number;
  /** Those whose stop comes after this one's: the other direction of `dependents`. */
  holds: readonly ServiceNode[];
  /** Waits to be looked at. */
  queued: boolean;
  /** Changed since the dispatch began. */
  touched: boolean;
}

/** A dependency with its service; undefined: not in the configuration. */
export interface ServiceEdge {
  readonly dependency: Dependency;
  readonly target: ServiceNode | undefined;
}

export function createServiceNode(spec: ServiceSpec, nowMs: number): ServiceNode {
  const machine = createServiceMachine(spec, nowMs);
  return {
    name: spec.name,
    spec,
    nextSpec: null,
    gone: false,
    machine,
    told: machine,
    armedMs: null,
    edges: [],
    dependents: [],
    holder: 0,
    holds: [],
    queued: false,
    touched: false,
  };
}

/**
 * Builds the edges and the index of dependents. Services of the configuration have the dependencies of their newest spec, gone ones keep
 * those they ran with, so that gone services stop in reverse order too. `former` adds to the dependents of gone services the live ones that
 * depended on them: they are stopped first if they are restarted by the same reload. Were that to close a circle, a stop would wait for
 * itself, so it is left out then.
 */
export function linkNodes(
  nodes: ReadonlyMap<string, ServiceNode>,
  former: Configuration | null,
): void {
  const dependents = new Map<ServiceNode, Set<ServiceNode>>();
  for (const node of nodes.values()) dependents.set(node, new Set());
  for (const node of nodes.values()) {
    const { dependencies } = node.nextSpec ?? node.spec;
    node.edges = dependencies.map((dependency) => ({
      dependency,
      target: nodes.get(dependency.name),
    }));
    for (const edge of node.edges)
      if (edge.target !== undefined) dependents.get(edge.target)?.add(node);
  }
  const extra = former === null ? [] : formerEdges(nodes, former);
  if (extra.length > 0) {
    const names = new Map<string, string[]>();
    for (const [node, users] of dependents)
      names.set(
        node.name,
        Array.from(users, (user) => user.name),
      );
    for (const [node, user] of extra) names.get(node.name)?.push(user.name);
    if (findCycle(Array.from(names, ([name, dependsOn]) => ({ name, dependsOn }))) === null) {
      for (const [node, user] of extra) dependents.get(node)?.add(user);
    }
  }
  const holds = new Map<ServiceNode, ServiceNode[]>();
  for (const [node, users] of dependents) {
    node.dependents = [...users];
    node.holder = 0;
    for (const user of users) {
      const list = holds.get(user);
      if (list === undefined) holds.set(user, [node]);
      else list.push(node);
    }
  }
  for (const node of nodes.values()) node.holds = holds.get(node) ?? [];
}

function formerEdges(
  nodes: ReadonlyMap<string, ServiceNode>,
  former: Configuration,
): readonly (readonly [gone: ServiceNode, dependent: ServiceNode])[] {
  const edges: (readonly [ServiceNode, ServiceNode])[] = [];
  for (const spec of former.services) {
    const dependent = nodes.get(spec.name);
    if (dependent === undefined || dependent.gone) continue;
    for (const { name } of spec.dependencies) {
      const target = nodes.get(name);
      if (target?.gone === true) edges.push([target, dependent]);
    }
  }
  return edges;
}

/**
 * Does a dependent that is itself being stopped still run? Then this one's stop has not begun. One that is stuck after SIGKILL serves
 * nobody and uses nothing: it holds back no other. The look begins where the last one found somebody, or a thousand dependents that end
 * one after the other would be looked through a thousand times.
 */
export function isHeldByDependents(node: ServiceNode): boolean {
  const count = node.dependents.length;
  for (let step = 0; step < count; step++) {
    const index = (node.holder + step) % count;
    const dependent = node.dependents[index];
    if (dependent === undefined || !holdsBack(dependent.machine)) continue;
    node.holder = index;
    return true;
  }
  return false;
}

function holdsBack({ state, stopRequested }: ServiceMachine): boolean {
  if (!hasRun(state)) return false;
  return state.kind === "stopping" ? state.stage !== "stuck" : stopRequested !== null;
}
