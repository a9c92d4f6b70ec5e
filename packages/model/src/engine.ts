/**
 * The graph layer: what a request means for several services, and what the state of one means for others. Each service has its own
 * machine (`transition`); here are the queue, the index of dependents, the bucket against restart storms and the order of stops.
 *
 * After a step of a machine those that may have something to do because of it are queued and looked at: itself, its dependents that wait
 * for it, its dependencies whose stop it holds back. A look is decided from the present states alone, so that looking once too often
 * changes nothing, and the order of events within one dispatch does not matter.
 */
import type { Action, EngineEvent } from "./event.js";
import type { Configuration, ServiceSpec } from "./spec.js";
import type { Cause, ServiceSnapshot, StateKind } from "./state.js";
import { judgeDependencies } from "./dependency.js";
import { takeToken } from "./restart-bucket.js";
import type { RestartBucket } from "./restart-bucket.js";
import { sameValue } from "./same-value.js";
import { deadlineOf, hasRun } from "./service-machine.js";
import type { ServiceEvent, ServiceMachine } from "./service-machine.js";
import { createServiceNode, isHeldByDependents, linkNodes } from "./service-node.js";
import type { ServiceNode } from "./service-node.js";
import { transition } from "./transition.js";

/** The only source of chance: for the jitter of back-off. Returns a number in [0, 1). */
export interface EngineOptions {
  readonly random: () => number;
}

/** Decides what should happen to all services. One caller, not reentrant: what an action brings about is a later `dispatch`. */
export interface Engine {
  /** Takes in one event and returns what to do, in this order. `nowMs` is monotonic and never goes back. */
  dispatch(event: EngineEvent, nowMs: number): readonly Action[];
  /** Undefined: no such service. The object never changes; a later state is another object. */
  snapshot(name: string): ServiceSnapshot | undefined;
  /** In the order of the configuration; services that left it and still run come last. */
  snapshots(): Iterable<ServiceSnapshot>;
  /** The spec in force: for a service that is restarted for a new spec, the old one until its run has ended. */
  spec(name: string): ServiceSpec | undefined;
  readonly configuration: Configuration;
  readonly shuttingDown: boolean;
  /** Nothing is in motion: no service is starting, stopping or in back-off, and no stop is held back. */
  settled(): boolean;
  /** Another engine in the same state. */
  clone(): Engine;
}

/** An engine in which nothing runs and nothing is wanted yet; `startAll` begins. The configuration has no cycle. */
export function createEngine(configuration: Configuration, options: EngineOptions): Engine {
  return new ServiceGraph(configuration, options);
}

const resting: ReadonlySet<StateKind> = new Set(["down", "failed", "done"]);

function isMoving({ state, stopRequested }: ServiceMachine): boolean {
  return (
    state.kind === "starting" ||
    state.kind === "stopping" ||
    state.kind === "backoff" ||
    stopRequested !== null
  );
}

class ServiceGraph implements Engine {
  #configuration: Configuration;
  #shuttingDown = false;
  #allDownSaid = false;
  #nodes: Map<string, ServiceNode>;
  /** The configuration before, as long as services that left it still run. */
  #former: Configuration | null = null;
  #bucket: RestartBucket;
  /** Services not in `down`, `failed` or `done`: at 0 a shutdown is over. */
  #active = 0;
  #moving = 0;
  /** A service was dropped: the edges to it go too. */
  #unlinked = false;
  #queue: ServiceNode[] = [];
  #touched: ServiceNode[] = [];
  #actions: Action[] = [];
  readonly #options: EngineOptions;

  constructor(configuration: Configuration, options: EngineOptions) {
    this.#configuration = configuration;
    this.#options = options;
    this.#nodes = new Map(
      configuration.services.map((spec) => [spec.name, createServiceNode(spec, 0)]),
    );
    this.#bucket = { tokens: configuration.restartBucket.capacity, atMs: 0 };
    linkNodes(this.#nodes, null);
  }

  get configuration(): Configuration {
    return this.#configuration;
  }

  get shuttingDown(): boolean {
    return this.#shuttingDown;
  }

  snapshot(name: string): ServiceSnapshot | undefined {
    return this.#nodes.get(name)?.machine;
  }

  *snapshots(): Iterable<ServiceSnapshot> {
    for (const node of this.#nodes.values()) yield node.machine;
  }

  spec(name: string): ServiceSpec | undefined {
    return this.#nodes.get(name)?.spec;
  }

  settled(): boolean {
    return this.#moving === 0;
  }

  clone(): Engine {
    const copy = new ServiceGraph(this.#configuration, this.#options);
    copy.#shuttingDown = this.#shuttingDown;
    copy.#allDownSaid = this.#allDownSaid;
    copy.#former = this.#former;
    copy.#bucket = this.#bucket;
    copy.#active = this.#active;
    copy.#moving = this.#moving;
    const twins = new Map(Array.from(this.#nodes.values(), (node) => [node, { ...node }]));
    for (const twin of twins.values()) {
      twin.edges = twin.edges.map(({ dependency, target }) => ({
        dependency,
        target: target && twins.get(target),
      }));
      twin.dependents = twin.dependents.flatMap((dependent) => twins.get(dependent) ?? []);
      twin.holds = twin.holds.flatMap((held) => twins.get(held) ?? []);
    }
    copy.#nodes = new Map(Array.from(twins.values(), (twin) => [twin.name, twin]));
    return copy;
  }

  dispatch(event: EngineEvent, nowMs: number): readonly Action[] {
    this.#actions = [];
    this.#receive(event, nowMs);
    for (let next = 0; next < this.#queue.length; next++) {
      const node = this.#queue[next];
      if (node === undefined) break;
      node.queued = false;
      this.#look(node, nowMs);
    }
    this.#queue = [];
    this.#finish();
    return this.#actions;
  }

  #receive(event: EngineEvent, nowMs: number): void {
    switch (event.type) {
      case "startService":
        if (!this.#shuttingDown) this.#start(event.name, event.cause, nowMs);
        return;
      case "startAll":
        if (!this.#shuttingDown) this.#startAll(event.cause, new Set(event.except), nowMs);
        return;
      case "stopService":
        this.#stop(event.name, event.cause, nowMs);
        return;
      case "restartService":
        if (!this.#shuttingDown) this.#restart(event.name, event.cause, nowMs);
        return;
      case "shutDown":
        this.#shuttingDown = true;
        for (const node of this.#nodes.values())
          this.#step(node, { type: "stop", cause: event.cause }, nowMs);
        return;
      case "shutDownNow":
        this.#shuttingDown = true;
        for (const node of this.#nodes.values())
          this.#step(node, { type: "kill", cause: event.cause }, nowMs);
        return;
      case "applyConfiguration":
        this.#apply(event.configuration, new Set(event.restart), event.generation, nowMs);
        return;
      case "adopted": {
        const node = this.#nodes.get(event.name);
        if (node === undefined) return;
        this.#step(node, event, nowMs);
        if (this.#shuttingDown)
          this.#step(node, { type: "stop", cause: { kind: "shutdown", by: "policy" } }, nowMs);
        return;
      }
      case "deadlineReached": {
        const node = this.#nodes.get(event.name);
        if (node === undefined) return;
        // The timer is spent: if it came early, finishing the dispatch arms it again.
        node.armedMs = null;
        this.#touch(node);
        this.#step(node, event, nowMs);
        this.#enqueue(node);
        return;
      }
      case "spawned":
      case "spawnFailed":
      case "mainMoved":
      case "becameReady":
      case "readinessFailed":
      case "healthChanged":
      case "watchdogExpired":
      case "stoppingAnnounced":
      case "mainExited":
      case "treeGone":
      case "stopCommandFailed":
      case "survivorsNamed": {
        const node = this.#nodes.get(event.name);
        if (node !== undefined) this.#step(node, event, nowMs);
        return;
      }
    }
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
        else if (node.gone) this.#drop(node);
        return;
      case "backoff": {
        if (state.storm || nowMs < state.untilMs) return;
        const [bucket, waitMs] = takeToken(this.#bucket, this.#configuration.restartBucket, nowMs);
        this.#bucket = bucket;
        this.#step(
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
          this.#step(node, { type: "stopAllowed" }, nowMs);
        return;
      case "down":
      case "done":
        if (node.gone) this.#drop(node);
        return;
      case "stopping":
        return;
    }
  }

  #judge(node: ServiceNode, nowMs: number): void {
    const verdict = judgeDependencies(node.edges);
    this.#step(node, { type: "dependenciesJudged", ...verdict }, nowMs);
  }

  #step(node: ServiceNode, event: ServiceEvent, nowMs: number): void {
    const before = node.machine;
    const endsRun =
      event.type === "mainExited" || event.type === "treeGone" || event.type === "spawnFailed";
    const [after, actions] = transition(
      before,
      event,
      node.spec,
      nowMs,
      endsRun ? this.#options.random() : 0,
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
    this.#enqueue(node);
    if (node.dependents.length > 0 && looksDifferent(before, after)) {
      for (const dependent of node.dependents) {
        const { state } = dependent.machine;
        if (
          state.kind === "waiting" ||
          (state.kind === "failed" && state.reason.kind === "dependency")
        ) {
          this.#enqueue(dependent);
        }
      }
    }
    for (const held of node.holds) if (held.machine.stopRequested !== null) this.#enqueue(held);
  }

  /** Starts a service and, below it, every required dependency that is down or has failed. */
  #start(name: string, cause: Cause, nowMs: number): void {
    const node = this.#nodes.get(name);
    if (node === undefined || node.gone) return;
    this.#step(node, { type: "start", cause }, nowMs);
    this.#startDependencies(node, nowMs);
  }

  #startDependencies(node: ServiceNode, nowMs: number): void {
    const seen = new Set([node]);
    for (const user of seen) {
      for (const { dependency, target } of user.edges) {
        if (!dependency.required || target === undefined || seen.has(target)) continue;
        const { machine } = target;
        const runs = machine.state.kind === "up" || machine.state.kind === "done";
        if (runs && machine.wanted === "up") continue;
        seen.add(target);
        if (machine.wanted === "up" && machine.state.kind !== "failed") continue;
        this.#step(
          target,
          { type: "start", cause: { kind: "dependency", name: user.name } },
          nowMs,
        );
      }
    }
  }

  #startAll(cause: Cause, except: ReadonlySet<string>, nowMs: number): void {
    for (const node of this.#nodes.values()) {
      if (!node.gone && !except.has(node.name)) this.#step(node, { type: "start", cause }, nowMs);
    }
  }

  #stop(name: string, cause: Cause, nowMs: number): void {
    const node = this.#nodes.get(name);
    if (node === undefined) return;
    this.#restartDependents(node, nowMs);
    this.#step(node, { type: "stop", cause }, nowMs);
  }

  #restart(name: string, cause: Cause, nowMs: number): void {
    const node = this.#nodes.get(name);
    if (node === undefined || node.gone) return;
    this.#restartDependents(node, nowMs);
    this.#step(node, { type: "restart", cause }, nowMs);
    this.#startDependencies(node, nowMs);
  }

  /** Dependents with `restart: true` are stopped ahead of a service that is stopped by command, and come back after it. */
  #restartDependents(node: ServiceNode, nowMs: number): void {
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
        this.#step(
          dependent,
          { type: "restart", cause: { kind: "dependency", name: stopped.name } },
          nowMs,
        );
      }
    }
  }

  #apply(
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
      const known = this.#nodes.get(spec.name);
      const node = known ?? createServiceNode(spec, nowMs);
      nodes.set(spec.name, node);
      if (known === undefined || known.gone) fresh.push(node);
      else if (
        restart.has(spec.name) ||
        (known.machine.state.kind === "failed" && !sameValue(latestSpec(known), spec))
      ) {
        again.push(node);
      }
      this.#respecify(node, spec, node.gone || restart.has(spec.name), nowMs);
      node.gone = false;
    }
    const gone: ServiceNode[] = [];
    for (const node of this.#nodes.values()) {
      if (nodes.get(node.name) === node) continue;
      node.gone = true;
      nodes.set(node.name, node);
      gone.push(node);
    }
    this.#former = this.#configuration;
    this.#configuration = configuration;
    this.#nodes = nodes;
    linkNodes(nodes, this.#former);
    for (const node of gone) {
      this.#step(node, { type: "stop", cause }, nowMs);
      this.#enqueue(node);
    }
    if (this.#shuttingDown) return;
    for (const node of again) {
      if (node.machine.wanted === "down") continue;
      this.#restartDependents(node, nowMs);
      this.#step(node, { type: "restart", cause }, nowMs);
    }
    for (const node of fresh) this.#step(node, { type: "start", cause }, nowMs);
    for (const node of nodes.values()) this.#enqueue(node);
  }

  /** A spec that asks for a restart waits for the end of the run: the run is stopped as the old one says. */
  #respecify(node: ServiceNode, spec: ServiceSpec, restart: boolean, nowMs: number): void {
    if (hasRun(node.machine.state) && (restart || node.nextSpec !== null)) {
      node.nextSpec = spec;
      return;
    }
    const { name, machine } = node;
    const before = node.spec.health;
    node.spec = spec;
    if (sameValue(before, spec.health)) return;
    const checked = machine.state.kind === "up";
    if (checked && before !== null)
      this.#actions.push({ type: "endHealth", name, run: machine.run });
    this.#step(node, { type: "healthcheckReplaced" }, nowMs);
    if (checked && spec.health !== null)
      this.#actions.push({ type: "watchHealth", name, run: machine.run });
  }

  #drop(node: ServiceNode): void {
    this.#nodes.delete(node.name);
    if (node.armedMs !== null)
      this.#actions.push({ type: "setDeadline", name: node.name, atMs: null });
    this.#actions.push({ type: "drop", name: node.name });
    this.#unlinked = true;
  }

  #enqueue(node: ServiceNode): void {
    if (node.queued) return;
    node.queued = true;
    this.#queue.push(node);
  }

  #touch(node: ServiceNode): void {
    if (node.touched) return;
    node.touched = true;
    this.#touched.push(node);
  }

  #count(machine: ServiceMachine, sign: 1 | -1): void {
    if (!resting.has(machine.state.kind)) this.#active += sign;
    if (isMoving(machine)) this.#moving += sign;
  }

  /** One `setDeadline` and one `changed` for each service that is otherwise than it was told, however often it changed on the way. */
  #finish(): void {
    const touched = this.#touched;
    this.#touched = [];
    for (const node of touched) {
      node.touched = false;
      if (this.#nodes.get(node.name) !== node) continue;
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
      linkNodes(this.#nodes, this.#former);
    }
    if (this.#shuttingDown && this.#active === 0 && !this.#allDownSaid) {
      this.#allDownSaid = true;
      this.#actions.push({ type: "allDown" });
    }
  }
}

function latestSpec(node: ServiceNode): ServiceSpec {
  return node.nextSpec ?? node.spec;
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
