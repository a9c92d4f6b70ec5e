import assert from "node:assert/strict";
import { createEngine } from "@supervise/model";
import type {
  Action,
  Cause,
  Configuration,
  Engine,
  EngineEvent,
  ExitStatus,
  ServiceSnapshot,
} from "@supervise/model";

export const operator: Cause = { kind: "operator", by: "root" };
export const shutdown: Cause = { kind: "shutdown", by: "SIGTERM" };
export const code = (value: number): ExitStatus => ({ kind: "code", code: value });

/** One run as the kernel would have it. */
interface Run {
  readonly run: number;
  readonly main: "unborn" | "alive" | "dead";
  readonly told: boolean;
  readonly moved: boolean;
  readonly askedForSurvivors: boolean;
}

export interface Move {
  readonly label: string;
  readonly event: EngineEvent;
  readonly nowMs: number;
}

/**
 * A supervisor and a kernel in memory: carries out the engine's actions, knows which events can come next, and after every dispatch holds
 * the engine to what must always be true. It answers nothing by itself.
 */
export class World {
  readonly engine: Engine;
  nowMs = 0;
  allDown = 0;
  last: readonly Action[] = [];
  readonly runs: Map<string, Run>;
  readonly deadlines: Map<string, number>;
  readonly readiness: Map<string, number>;
  readonly health: Map<string, number>;
  #pids = 100;

  constructor(from: Configuration | World, random: () => number = () => 0.5) {
    if (from instanceof World) {
      this.engine = from.engine.clone();
      this.nowMs = from.nowMs;
      this.allDown = from.allDown;
      this.#pids = from.#pids;
      this.runs = new Map(from.runs);
      this.deadlines = new Map(from.deadlines);
      this.readiness = new Map(from.readiness);
      this.health = new Map(from.health);
    } else {
      this.engine = createEngine(from, { random });
      this.runs = new Map();
      this.deadlines = new Map();
      this.readiness = new Map();
      this.health = new Map();
    }
  }

  clone(): World {
    return new World(this);
  }

  snapshot(name: string): ServiceSnapshot {
    const snapshot = this.engine.snapshot(name);
    assert.ok(snapshot !== undefined, `no service ${name}`);
    return snapshot;
  }

  kind(name: string): string {
    return this.snapshot(name).state.kind;
  }

  /** States of all services: "db=up web=waiting". */
  states(): string {
    return Array.from(this.engine.snapshots(), ({ name, state }) => `${name}=${state.kind}`).join(
      " ",
    );
  }

  send(event: EngineEvent, nowMs: number = this.nowMs): readonly Action[] {
    this.nowMs = Math.max(nowMs, this.nowMs);
    if (event.type === "deadlineReached") this.deadlines.delete(event.name);
    this.#happen(event);
    this.last = this.engine.dispatch(event, this.nowMs);
    for (const action of this.last) this.#carryOut(action);
    this.#check();
    return this.last;
  }

  /** Types of the last actions with their service, `changed` and `setDeadline` left out: "spawn db". */
  deeds(): readonly string[] {
    const told = this.last.filter(({ type }) => type !== "changed" && type !== "setDeadline");
    return told.map((action) => ("name" in action ? `${action.type} ${action.name}` : action.type));
  }

  start(name: string): readonly Action[] {
    return this.send({ type: "startService", name, cause: operator });
  }

  stop(name: string): readonly Action[] {
    return this.send({ type: "stopService", name, cause: operator });
  }

  restart(name: string): readonly Action[] {
    return this.send({ type: "restartService", name, cause: operator });
  }

  startAll(): readonly Action[] {
    return this.send({ type: "startAll", cause: { kind: "policy" } });
  }

  shutDown(): readonly Action[] {
    return this.send({ type: "shutDown", cause: shutdown });
  }

  spawned(...names: string[]): void {
    for (const name of names) {
      this.send({ type: "spawned", name, run: this.snapshot(name).run, pid: this.#pids++ });
    }
  }

  /** The main process ends; nothing else of its tree is left. */
  exits(name: string, status: ExitStatus = code(0)): readonly Action[] {
    return this.send({
      type: "mainExited",
      name,
      run: this.snapshot(name).run,
      status,
      treeGone: true,
    });
  }

  mainExits(name: string, status: ExitStatus = code(0)): readonly Action[] {
    return this.send({ type: "mainExited", name, run: this.snapshot(name).run, status });
  }

  treeGone(name: string): readonly Action[] {
    return this.send({ type: "treeGone", name, run: this.snapshot(name).run });
  }

  ready(name: string): readonly Action[] {
    return this.send({ type: "becameReady", name, run: this.snapshot(name).run });
  }

  healthy(name: string, health: "healthy" | "unhealthy" = "healthy"): readonly Action[] {
    return this.send({
      type: "healthChanged",
      name,
      run: this.snapshot(name).run,
      health,
      detail: "exit code 1",
    });
  }

  /** Its deadline comes. */
  deadline(name: string): readonly Action[] {
    const atMs = this.deadlines.get(name);
    assert.ok(
      atMs !== undefined,
      `${name} has no deadline in ${JSON.stringify(this.snapshot(name).state)}`,
    );
    return this.send({ type: "deadlineReached", name }, atMs);
  }

  /** Whatever was told to stop does so, until no process is left that was. Fails when a stop that was asked for never begins. */
  settle(): void {
    for (let rounds = 0; this.runs.size > 0; rounds++) {
      const before = this.runs.size;
      for (const [name, run] of [...this.runs]) {
        if (run.main === "unborn") this.spawned(name);
        if (this.runs.get(name)?.told === true && run.main !== "dead")
          this.mainExits(name, { kind: "signal", signal: "SIGTERM", coreDumped: false });
        if (this.runs.get(name)?.main === "dead") this.treeGone(name);
      }
      assert.ok(this.runs.size < before || rounds < 3, `these never stop: ${this.states()}`);
    }
  }

  /** All that the outside can do next; commands of an operator are not among it. */
  moves(): readonly Move[] {
    const moves: Move[] = [];
    const { nowMs } = this;
    const add = (label: string, event: EngineEvent, atMs: number = nowMs): number =>
      moves.push({ label, event, nowMs: atMs });
    for (const [name, { run, main, moved, askedForSurvivors }] of this.runs) {
      const forking = this.engine.spec(name)?.type === "forking" && !moved;
      if (main === "unborn") {
        add("spawned", { type: "spawned", name, run, pid: this.#pids++ });
        for (const transient of [true, false]) {
          add("spawn failed", {
            type: "spawnFailed",
            name,
            run,
            failure: { stage: "exec", errno: "EAGAIN", transient },
          });
        }
      } else if (main === "alive") {
        for (const value of forking ? [1] : [0, 1]) {
          add(`exit ${value}`, { type: "mainExited", name, run, status: code(value) });
          add(`exit ${value}, gone`, {
            type: "mainExited",
            name,
            run,
            status: code(value),
            treeGone: true,
          });
        }
        if (forking) add("moved", { type: "mainMoved", name, run, pid: this.#pids++ });
        add("announced", { type: "stoppingAnnounced", name, run });
        add("watchdog", { type: "watchdogExpired", name, run, timeoutMs: 10 });
        add("stop command failed", { type: "stopCommandFailed", name, run, detail: "" });
      } else {
        add("tree gone", { type: "treeGone", name, run });
      }
      if (askedForSurvivors) add("survivors", { type: "survivorsNamed", name, run, pids: [1] });
    }
    for (const [name, run] of this.readiness) {
      add("ready", { type: "becameReady", name, run });
      add("not ready", { type: "readinessFailed", name, run, detail: "" });
    }
    for (const [name, run] of this.health) {
      add("healthy", { type: "healthChanged", name, run, health: "healthy", detail: "" });
      add("unhealthy", { type: "healthChanged", name, run, health: "unhealthy", detail: "" });
    }
    for (const [name, atMs] of this.deadlines)
      add("deadline", { type: "deadlineReached", name }, Math.max(atMs, nowMs));
    return moves;
  }

  #happen(event: EngineEvent): void {
    if (!("run" in event)) return;
    const current = this.runs.get(event.name);
    if (event.type === "adopted") {
      const { state } = this.snapshot(event.name);
      if (state.kind !== "down" && state.kind !== "waiting") return;
      const forking = this.engine.spec(event.name)?.type === "forking";
      this.runs.set(event.name, {
        run: event.run,
        main: "alive",
        told: false,
        moved: forking,
        askedForSurvivors: false,
      });
    }
    if (current?.run !== event.run) return;
    const next = (change: Partial<Run>): unknown =>
      this.runs.set(event.name, { ...current, ...change });
    if (event.type === "spawned") next({ main: "alive" });
    if (event.type === "mainMoved") next({ moved: true });
    if (event.type === "survivorsNamed") next({ askedForSurvivors: false });
    if (event.type === "mainExited") next({ main: "dead" });
    const gone =
      event.type === "treeGone"
        ? current.main === "dead"
        : event.type === "mainExited" && event.treeGone === true;
    if (event.type === "spawnFailed" || gone) {
      this.runs.delete(event.name);
    }
  }

  #carryOut(action: Action): void {
    switch (action.type) {
      case "spawn":
        assert.ok(!this.runs.has(action.name), `${action.name} is started while it runs`);
        assert.ok(!this.engine.shuttingDown, `${action.name} is started during a shutdown`);
        this.runs.set(action.name, {
          run: action.run,
          main: "unborn",
          told: false,
          moved: false,
          askedForSurvivors: false,
        });
        return;
      case "beginStop":
        this.#checkOrder(action.name);
        this.#tell(action.name, action.run, { told: true });
        return;
      case "signalTree":
      case "killTree":
        this.#tell(action.name, action.run, { told: true });
        return;
      case "nameSurvivors":
        this.#tell(action.name, action.run, { askedForSurvivors: true });
        return;
      case "watchReadiness":
        assert.ok(!this.readiness.has(action.name), "readiness is watched twice");
        this.readiness.set(action.name, action.run);
        return;
      case "endReadiness":
        assert.equal(this.readiness.get(action.name), action.run);
        this.readiness.delete(action.name);
        return;
      case "watchHealth":
        assert.ok(!this.health.has(action.name), "health is watched twice");
        this.health.set(action.name, action.run);
        return;
      case "endHealth":
        assert.equal(this.health.get(action.name), action.run);
        this.health.delete(action.name);
        return;
      case "setDeadline":
        if (action.atMs === null) this.deadlines.delete(action.name);
        else this.deadlines.set(action.name, action.atMs);
        return;
      case "changed":
      case "drop":
        return;
      case "allDown":
        this.allDown += 1;
        assert.equal(this.allDown, 1, "all down is said once");
        for (const name of this.runs.keys())
          assert.ok(this.#isStuck(name), `all down is said while ${name} runs`);
        return;
    }
  }

  /** SIGKILL did not end it, and it has been told who is left: a shutdown waits for no such run. */
  #isStuck(name: string): boolean {
    const state = this.engine.snapshot(name)?.state;
    return state?.kind === "stopping" && state.stage === "stuck" && state.survivors.length > 0;
  }

  #tell(name: string, run: number, change: Partial<Run>): void {
    const current = this.runs.get(name);
    assert.equal(current?.run, run, `${name}: run ${run} is not the one there is`);
    assert.notEqual(current.main, "unborn", `${name} is signalled before it has a process`);
    this.runs.set(name, { ...current, ...change });
  }

  /** In a shutdown nothing is told to stop beneath a dependent that still runs. */
  #checkOrder(name: string): void {
    const { state } = this.snapshot(name);
    if (
      state.kind !== "stopping" ||
      state.reason.kind !== "requested" ||
      state.reason.cause.kind !== "shutdown"
    )
      return;
    for (const spec of this.engine.configuration.services) {
      if (!spec.dependencies.some((dependency) => dependency.name === name)) continue;
      const above = this.snapshot(spec.name).state;
      const serves =
        above.kind === "starting" ||
        above.kind === "up" ||
        (above.kind === "stopping" && above.stage !== "stuck");
      assert.ok(!serves, `${name} is stopped while ${spec.name} is ${above.kind}`);
    }
  }

  #check(): void {
    for (const { name, state, wanted, stopRequested } of this.engine.snapshots()) {
      const run = this.runs.get(name);
      const where = `${name} in ${state.kind}`;
      if (state.kind === "starting" || state.kind === "up" || state.kind === "stopping") {
        assert.equal(run?.run, state.run, `${where} has no process`);
        if (state.kind !== "stopping")
          assert.notEqual(run.main, "dead", `${where} has no main process`);
        if (state.kind === "up") assert.equal(run.main, "alive", `${where} was not spawned`);
      } else {
        assert.equal(run, undefined, `${where} has a process`);
        assert.ok(stopRequested === null, `${where} has a stop that waits`);
      }
      if (state.kind === "down") assert.equal(wanted, "down", `${where} is wanted up`);
      if (["waiting", "backoff", "failed", "done"].includes(state.kind))
        assert.equal(wanted, "up", `${where} is wanted down`);
      const deadline =
        state.kind === "backoff"
          ? state.untilMs
          : state.kind === "stopping" && state.stage === "stuck"
            ? null
            : "deadlineMs" in state
              ? state.deadlineMs
              : null;
      assert.equal(
        this.deadlines.get(name) ?? null,
        deadline,
        `${where}: the deadline that is set is not its own`,
      );
      assert.equal(
        this.health.has(name),
        state.kind === "up" && this.engine.spec(name)?.health !== null,
        `${where}: healthcheck`,
      );
      if (state.kind !== "starting")
        assert.ok(!this.readiness.has(name), `${where}: readiness is watched`);
    }
  }
}
