import assert from "node:assert/strict";
import { test } from "node:test";
import { createEngine, restorableMachine } from "@supervise/model";
import type { Configuration, Engine, EngineEvent } from "@supervise/model";
import { dependsOn, makeConfiguration, makeSpec } from "./support/specs.js";

const CAUSE = { kind: "configuration", generation: 1 } as const;
const OPERATOR = { kind: "operator", by: "pid 7, uid 0" } as const;
const EXITED = { kind: "code", code: 1 } as const;

const CONFIGURATION = makeConfiguration(
  makeSpec("db", { restart: { kind: "always" } }),
  makeSpec("once", { type: "oneshot" }),
  makeSpec("web", { restart: { kind: "always" }, dependencies: [dependsOn("db")] }),
  makeSpec("dead"),
);

/** A life of the project, up to its shutdown. */
const LIFE: readonly EngineEvent[] = [
  { type: "startAll", cause: CAUSE },
  { type: "spawned", name: "db", run: 1, pid: 11 },
  { type: "spawned", name: "once", run: 1, pid: 12 },
  { type: "spawned", name: "web", run: 1, pid: 13 },
  { type: "spawned", name: "dead", run: 1, pid: 14 },
  { type: "mainExited", name: "once", run: 1, status: { kind: "code", code: 0 }, treeGone: true },
  { type: "mainExited", name: "dead", run: 1, status: EXITED, treeGone: true },
  { type: "mainExited", name: "db", run: 1, status: EXITED },
  { type: "treeGone", name: "db", run: 1 },
  { type: "deadlineReached", name: "db" },
  { type: "spawned", name: "db", run: 2, pid: 15 },
  { type: "stopService", name: "web", cause: OPERATOR },
  { type: "mainExited", name: "web", run: 1, status: EXITED, treeGone: true },
  { type: "shutDown", cause: { kind: "signal", signal: "SIGTERM" } },
  { type: "mainExited", name: "db", run: 2, status: EXITED, treeGone: true },
];

/** What the next supervisor makes of what this one has written. */
function successor(engine: Engine, configuration: Configuration, nowMs: number): Engine {
  const next = createEngine(configuration, { random: () => 0.5 });
  const machines = Array.from(engine.snapshots(), ({ name }) => {
    const machine = restorableMachine(
      JSON.parse(JSON.stringify(engine.machine(name))),
      name,
      false,
    );
    assert.ok(machine !== null, name);
    return machine;
  });
  next.dispatch({ type: "restored", machines }, nowMs);
  return next;
}

test("from every moment of a life on, a successor does what its predecessor would have done", () => {
  for (let death = 2; death <= LIFE.length - 2; death += 1) {
    const engine = createEngine(CONFIGURATION, { random: () => 0.5 });
    let nowMs = 0;
    const next = (): number => (nowMs += 1_000);
    for (const event of LIFE.slice(0, death)) engine.dispatch(event, next());
    // What was about to be spawned at the death is asked for anew; here all has been.
    if ([...engine.snapshots()].some(({ state }) => state.kind === "starting" && !state.pid))
      continue;
    const heir = successor(engine, CONFIGURATION, nowMs);
    for (const event of LIFE.slice(death)) {
      next();
      assert.deepEqual(heir.dispatch(event, nowMs), engine.dispatch(event, nowMs), event.type);
      assert.deepEqual([...heir.snapshots()], [...engine.snapshots()], event.type);
    }
  }
});

test("a restored service keeps its deadline, and one that waits is looked at", () => {
  const engine = createEngine(CONFIGURATION, { random: () => 0.5 });
  for (const event of LIFE.slice(0, 9)) engine.dispatch(event, 1_000);
  const db = engine.machine("db");
  const dead = engine.machine("dead");
  assert.ok(db?.state.kind === "backoff" && dead?.state.kind === "failed");
  const heir = createEngine(CONFIGURATION, { random: () => 0.5 });
  assert.deepEqual(heir.dispatch({ type: "restored", machines: [db] }, 1_050), [
    { type: "setDeadline", name: "db", atMs: db.state.untilMs },
    { type: "changed", name: "db" },
  ]);
  heir.dispatch({ type: "restored", machines: [dead] }, 1_050);
  assert.equal(heir.snapshot("dead")?.state.kind, "failed");

  const born = createEngine(CONFIGURATION, { random: () => 0.5 });
  born.dispatch({ type: "startAll", cause: CAUSE }, 0);
  const unborn = restorableMachine(JSON.parse(JSON.stringify(born.machine("db"))), "db", false);
  assert.ok(unborn?.state.kind === "waiting");
  assert.equal(unborn.run, 0, "the number of a run that never was");
  assert.deepEqual(
    createEngine(CONFIGURATION, { random: () => 0.5 })
      .dispatch({ type: "restored", machines: [unborn] }, 1)
      .filter(({ type }) => type === "spawn"),
    [{ type: "spawn", name: "db", run: 1 }],
  );
});

test("what is no machine of the service is not restored", () => {
  const engine = createEngine(CONFIGURATION, { random: () => 0.5 });
  const good = JSON.parse(JSON.stringify(engine.machine("db"))) as Record<string, unknown>;
  assert.ok(restorableMachine(good, "db", false) !== null);
  const bad: readonly unknown[] = [
    null,
    [],
    "db",
    { ...good, name: "web" },
    { ...good, state: null },
    { ...good, state: { kind: "odd", sinceMs: 1 } },
    { ...good, state: { kind: "up" } },
    { ...good, wanted: "maybe" },
    { ...good, run: 1.5 },
    { ...good, recent: 3 },
    { ...good, ready: 1 },
  ];
  for (const value of bad) assert.equal(restorableMachine(value, "db", false), null);
});
