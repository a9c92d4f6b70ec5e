/**
 * The graph layer: what the state of one service means for the others. Each has its own machine (`transition`); here are the queue, the
 * index of dependents, the bucket against restart storms and the order of stops.
 *
 * After a step of a machine those that may have something to do because of it are queued and looked at: itself, its dependents that wait
 * for it, its dependencies whose stop it holds back. A look is decided from the present states alone, so that looking once too often
 * changes nothing, and the order of events within one dispatch does not matter.
 */
import type { Action } from "./event.js";
import type { Configuration } from "./spec.js";
import type { StateKind } from "./state.js";
import { judgeDependencies } from "./dependency.js";
import { takeToken } from "./restart-bucket.js";
import type { RestartBucket } from "./restart-bucket.js";
import { isStuck } from "./run-stop.js";
import { deadlineOf, hasRun } from "./service-machine.js";
import type { ServiceEvent, ServiceMachine } from "./service-machine.js";
import { createServiceNode, isHeldByDependents, linkNodes } from "./service-node.js";
import type { ServiceNode } from "./service-node.js";
import { transition } from "./transition.js";
import { withWatches } from "./watches.js";

const resting: ReadonlySet<StateKind> = new Set(["down", "failed", "done"]);

/**
 * Is a shutdown still to wait for it? Survivors of SIGKILL that have been named it does not wait for: no signal reaches them, and nobody can tell when
 * they end.
 */
function isActive({ state }: ServiceMachine): boolean {
  return !resting.has(state.kind) && !isStuck(state);
}

function isMoving({ state, stopRequested }: ServiceMachine): boolean {
  return (
    state.kind === "starting" ||
    state.kind === "stopping" ||
    state.kind === "backoff" ||
    stopRequested !== null
  );
}

/**
 * The services, the edges between them and what a dispatch has gathered so far. Events come in by `step`; `drain` lets them have their
 * consequences, `finish` yields the actions.
 */
export class ServiceGraph {
  configuration: Configuration;
  shuttingDown = false;
  /** In the order of the configuration, gone ones last. */
  nodes: Map<string, ServiceNode>;
  #allDownSaid = false;
  /** The configuration before, as long as services that left it still run. */
  #former: Configuration | null = null;
  #bucket: RestartBucket;
  /** Services that a shutdown waits for: at 0 it is over. */
  #active = 0;
  #moving = 0;
  /** A service was dropped: the edges to it go too. */
  #unlinked = false;
  #queue: ServiceNode[] = [];
  #touched: ServiceNode[] = [];
  #actions: Action[] = [];
  readonly #random: () => number;

  constructor(configuration: Configuration, random: () => number) {
    this.configuration = configuration;
    this.#random = random;
    this.nodes = new Map(
      configuration.services.map((spec) => [spec.name, createServiceNode(spec, 0)]),
    );
    this.#bucket = { tokens: configuration.restartBucket.capacity, atMs: 0 };
    linkNodes(this.nodes, null);
  }

  /** Nothing is starting, stopping or in back-off, and no stop is held back. */
  get settled(): boolean {
    return this.#moving === 0;
  }

  clone(): ServiceGraph {
    const copy = new ServiceGraph(this.configuration, this.#random);
    copy.shuttingDown = this.shuttingDown;
    copy.#allDownSaid = this.#allDownSaid;
    copy.#former = this.#former;
    copy.#bucket = this.#bucket;
    copy.#active = this.#active;
    copy.#moving = this.#moving;
    const twins = new Map(Array.from(this.nodes.values(), (node) => [node, { ...node }]));
    for (const twin of twins.values()) {
      twin.edges = twin.edges.map(({ dependency, target }) => ({
        dependency,
        target: target && twins.get(target),
      }));
      twin.dependents = twin.dependents.flatMap((dependent) => twins.get(dependent) ?? []);
      twin.holds = twin.holds.flatMap((held) => twins.get(held) ?? []);
    }
    copy.nodes = new Map(Array.from(twins.values(), (twin) => [twin.name, twin]));
    return copy;
  }

  /** Takes over another configuration and set of services; the edges between those that left it are kept until they are gone. */
  replace(configuration: Configuration, nodes: Map<string, ServiceNode>): void {
    this.#former = this.configuration;
    this.configuration = configuration;
    this.nodes = nodes;
    linkNodes(nodes, this.#former);
  }

  /** One event for one service. What follows for itself and for others is queued. */
  step(node: ServiceNode, event: ServiceEvent, nowMs: number): void {
    const before = node.machine;
    const endsRun =
      event.type === "mainExited" || event.type === "treeGone" || event.type === "spawnFailed";
    const [after, actions] = transition(
      before,
      event,
      node.spec,
      nowMs,
      endsRun ? this.#random() : 0,
    );
    for (const action of actions) this.#actions.push(action);
    if (after === before) return;
    node.machine = after;
    this.#touch(node);
    this.#count(before, -1);
    this.#count(after, 1);
    if (node.nextSpec !== null && !hasRun(after.state)) {
      node.spec = node.nextSpec;
      node.nextSpec = null;
    }
    this.enqueue(node);
    if (node.dependents.length > 0 && looksDifferent(before, after)) {
      for (const dependent of node.dependents) {
        const { state } = dependent.machine;
        if (
          state.kind === "waiting" ||
          (state.kind === "failed" && state.reason.kind === "dependency")
        ) {
          this.enqueue(dependent);
        }
      }
    }
    for (const held of node.holds) if (held.machine.stopRequested !== null) this.enqueue(held);
  }

  /** Puts a machine in the place of one that has done nothing yet. */
  restore(node: ServiceNode, machine: ServiceMachine): void {
    const before = node.machine;
    node.machine = machine;
    for (const action of withWatches(before, machine, node.spec, [])) this.#actions.push(action);
    this.#touch(node);
    this.#count(before, -1);
    this.#count(machine, 1);
    this.enqueue(node);
  }

  /** An action that belongs to no step. */
  act(action: Action): void {
    this.#actions.push(action);
  }

  /** The supervisor's timer is spent: if the deadline still stands, `finish` sets it again. */
  forgetDeadline(node: ServiceNode): void {
    node.armedMs = null;
    this.#touch(node);
  }

  /** Has a service looked at. */
  enqueue(node: ServiceNode): void {
    if (node.queued) return;
    node.queued = true;
    this.#queue.push(node);
  }

  /** Looks at all that is queued, and at what is queued by that, until nothing has anything to do. */
  drain(nowMs: number): void {
    for (let next = 0; next < this.#queue.length; next++) {
      const node = this.#queue[next];
      if (node === undefined) break;
      node.queued = false;
      this.#look(node, nowMs);
    }
    this.#queue = [];
  }

  /** One `setDeadline` and one `changed` for each service that is otherwise than it was told, however often it changed on the way. */
  finish(): readonly Action[] {
    const touched = this.#touched;
    this.#touched = [];
    for (const node of touched) {
      node.touched = false;
      if (this.nodes.get(node.name) !== node) continue;
      const { name, machine } = node;
      const atMs = deadlineOf(machine.state);
      if (atMs !== node.armedMs) {
        node.armedMs = atMs;
        this.#actions.push({ type: "setDeadline", name, atMs });
      }
      if (machine !== node.told) {
        node.told = machine;
        this.#actions.push({ type: "changed", name });
      }
    }
    if (this.#unlinked) {
      this.#unlinked = false;
      if (!Array.from(this.nodes.values()).some(({ gone }) => gone)) this.#former = null;
      linkNodes(this.nodes, this.#former);
    }
    if (this.shuttingDown && this.#active === 0 && !this.#allDownSaid) {
      this.#allDownSaid = true;
      this.#actions.push({ type: "allDown" });
    }
    const actions = this.#actions;
    this.#actions = [];
    return actions;
  }
  /** What this service has to do now, given how the others stand. */
  #look(node: ServiceNode, nowMs: number): void {
    const { machine } = node;
    const { state } = machine;
    switch (state.kind) {
      case "waiting":
        this.#judge(node, nowMs);
        return;
      case "failed":
        if (state.reason.kind === "dependency") this.#judge(node, nowMs);
        return;
      case "backoff": {
        if (state.storm || nowMs < state.untilMs) return;
        const [bucket, waitMs] = takeToken(this.#bucket, this.configuration.restartBucket, nowMs);
        this.#bucket = bucket;
        this.step(
          node,
          waitMs === 0
            ? { type: "restartGranted" }
            : { type: "restartDelayed", untilMs: nowMs + waitMs },
          nowMs,
        );
        return;
      }
      case "starting":
      case "up":
        if (machine.stopRequested !== null && !isHeldByDependents(node))
          this.step(node, { type: "stopAllowed" }, nowMs);
        return;
      case "down":
        if (node.gone) this.#drop(node);
        return;
      case "done":
      case "stopping":
        return;
    }
  }

  #judge(node: ServiceNode, nowMs: number): void {
    const verdict = judgeDependencies(node.edges);
    this.step(node, { type: "dependenciesJudged", ...verdict }, nowMs);
  }

  #drop(node: ServiceNode): void {
    if (!this.nodes.delete(node.name)) return;
    if (node.armedMs !== null)
      this.#actions.push({ type: "setDeadline", name: node.name, atMs: null });
    this.#actions.push({ type: "drop", name: node.name });
    this.#unlinked = true;
  }

  #touch(node: ServiceNode): void {
    if (node.touched) return;
    node.touched = true;
    this.#touched.push(node);
  }

  #count(machine: ServiceMachine, sign: 1 | -1): void {
    if (isActive(machine)) this.#active += sign;
    if (isMoving(machine)) this.#moving += sign;
  }
}

/** Has anything changed that dependents look at? */
function looksDifferent(before: ServiceMachine, after: ServiceMachine): boolean {
  return (
    before.state.kind !== after.state.kind ||
    before.ready !== after.ready ||
    before.health !== after.health ||
    before.wanted !== after.wanted ||
    before.stopRequested !== after.stopRequested
  );
}
