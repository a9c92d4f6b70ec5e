import assert from "node:assert/strict";
import { test } from "node:test";
import type { Configuration, ServiceSpec } from "@supervise/model";
import { dependsOn, healthcheck, makeConfiguration, makeSpec } from "./support/specs.js";
import { World, code } from "./support/world.js";

function running(...services: ServiceSpec[]): World {
  const world = new World(makeConfiguration(...services));
  world.startAll();
  for (let before = -1; before !== world.runs.size;) {
    before = world.runs.size;
    for (const [name, run] of world.runs) if (run.main === "unborn") world.spawned(name);
  }
  return world;
}

function apply(world: World, configuration: Configuration, ...restart: string[]): void {
  world.send({ type: "applyConfiguration", configuration, restart, generation: 2 });
}

const process = makeSpec("x").process;
const otherCommand = { ...process, command: { words: ["/bin/false"] } };

test("an equal configuration changes nothing", () => {
  const world = running(makeSpec("a"), makeSpec("b", { dependencies: [dependsOn("a")] }));
  apply(world, makeConfiguration(makeSpec("a"), makeSpec("b", { dependencies: [dependsOn("a")] })));
  assert.deepEqual(world.last, []);
});

test("new services start in dependency order, and take their place in the order of the text", () => {
  const world = running(makeSpec("b"));
  apply(
    world,
    makeConfiguration(
      makeSpec("a", { dependencies: [dependsOn("c")] }),
      makeSpec("b"),
      makeSpec("c"),
    ),
  );
  assert.deepEqual(world.deeds(), ["spawn c"]);
  assert.equal(world.states(), "a=waiting b=up c=starting");
});

test("gone services stop in reverse order and are then dropped", () => {
  const world = running(
    makeSpec("db"),
    makeSpec("web", { dependencies: [dependsOn("db")] }),
    makeSpec("stays"),
  );
  apply(world, makeConfiguration(makeSpec("stays")));
  assert.deepEqual(world.deeds(), ["beginStop web"]);
  assert.equal(world.states(), "stays=up db=up web=stopping");
  world.exits("web");
  assert.deepEqual(world.deeds(), ["drop web", "beginStop db"]);
  world.exits("db");
  assert.deepEqual(world.deeds(), ["drop db"]);
  assert.equal(world.engine.snapshot("db"), undefined);
  assert.equal(world.states(), "stays=up");
});

test("a gone service that is down, failed, done or in back-off is dropped at once", () => {
  const world = running(
    makeSpec("down"),
    makeSpec("failed"),
    makeSpec("done", { type: "oneshot" }),
    makeSpec("backoff", { restart: { kind: "always" } }),
  );
  world.stop("down");
  world.exits("down");
  world.exits("failed", code(1));
  world.exits("done");
  world.exits("backoff", code(1));
  apply(world, makeConfiguration());
  assert.deepEqual(world.deeds().toSorted(), [
    "drop backoff",
    "drop done",
    "drop down",
    "drop failed",
  ]);
  assert.equal(world.deadlines.size, 0);
});

test("a restart for a new spec stops the run as its old spec says, and starts it by the new one", () => {
  const world = running(makeSpec("web"));
  const spec = makeSpec("web", {
    process: otherCommand,
    stop: { signal: "SIGINT", gracePeriodMs: 9000, command: null },
  });
  apply(world, makeConfiguration(spec), "web");
  assert.equal(world.deadlines.get("web"), 1000);
  assert.equal(world.engine.spec("web")?.stop.signal, "SIGTERM");
  world.exits("web");
  assert.deepEqual(world.deeds(), ["spawn web"]);
  assert.equal(world.engine.spec("web"), spec);
});

test("services restarted together stop in reverse order and start in order", () => {
  const specs = (from: Partial<ServiceSpec>): Configuration =>
    makeConfiguration(
      makeSpec("db", from),
      makeSpec("web", { ...from, dependencies: [dependsOn("db")] }),
    );
  const world = running(...specs({}).services);
  apply(world, specs({ process: otherCommand }), "db", "web");
  assert.deepEqual(world.deeds(), ["beginStop web"]);
  world.exits("web");
  assert.deepEqual(world.deeds(), ["beginStop db"]);
  world.exits("db");
  assert.deepEqual(world.deeds(), ["spawn db"]);
  world.spawned("db");
  assert.deepEqual(world.deeds(), ["spawn web"]);
});

test("a restart by configuration takes dependents with restart: true along", () => {
  const web = makeSpec("web", {
    dependencies: [dependsOn("db", "service_started", { restart: true })],
  });
  const world = running(makeSpec("db"), web);
  apply(world, makeConfiguration(makeSpec("db", { process: otherCommand }), web), "db");
  assert.deepEqual(world.deeds(), ["beginStop web"]);
});

test("a service that loses a gone dependency and is restarted stops before it", () => {
  const world = running(makeSpec("cache"), makeSpec("web", { dependencies: [dependsOn("cache")] }));
  apply(world, makeConfiguration(makeSpec("web", { process: otherCommand })), "web");
  assert.deepEqual(world.deeds(), ["beginStop web"]);
  world.exits("web");
  assert.deepEqual(world.deeds(), ["spawn web", "beginStop cache"]);
});

test("a dependency turned round by a reload does not make two stops wait for each other", () => {
  const world = running(
    makeSpec("x"),
    makeSpec("gone", { dependencies: [dependsOn("x")] }),
    makeSpec("live", { dependencies: [dependsOn("gone")] }),
  );
  apply(
    world,
    makeConfiguration(makeSpec("x", { dependencies: [dependsOn("live")] }), makeSpec("live")),
    "x",
    "live",
  );
  assert.deepEqual(world.deeds(), ["beginStop gone"]);
  world.exits("gone");
  assert.deepEqual(world.deeds(), ["drop gone", "beginStop x"]);
  world.exits("x");
  assert.deepEqual(world.deeds(), ["beginStop live"]);
  world.exits("live");
  assert.deepEqual(world.deeds(), ["spawn live"]);
});

test("a service that was stopped by the operator stays down, with its new spec", () => {
  const world = running(makeSpec("web"));
  world.stop("web");
  world.exits("web");
  apply(world, makeConfiguration(makeSpec("web", { process: otherCommand })), "web");
  assert.deepEqual(world.deeds(), []);
  assert.equal(world.engine.spec("web")?.process, otherCommand);
});

test("a failed service with a changed spec is tried again, one with the same spec is not", () => {
  const world = running(makeSpec("changed"), makeSpec("same"));
  world.exits("changed", code(1));
  world.exits("same", code(1));
  apply(
    world,
    makeConfiguration(makeSpec("changed", { restart: { kind: "always" } }), makeSpec("same")),
  );
  assert.deepEqual(world.deeds(), ["spawn changed"]);
});

test("a service that waits is looked at again when its dependencies change", () => {
  const world = new World(
    makeConfiguration(makeSpec("db"), makeSpec("web", { dependencies: [dependsOn("db")] })),
  );
  world.startAll();
  apply(world, makeConfiguration(makeSpec("db"), makeSpec("web")));
  assert.deepEqual(world.deeds(), ["spawn web"]);
});

test("a healthcheck is taken over in place: the old one ends, the new one begins", () => {
  const world = running(makeSpec("web", { health: healthcheck }));
  world.healthy("web");
  apply(world, makeConfiguration(makeSpec("web", { health: { ...healthcheck, intervalMs: 5 } })));
  assert.deepEqual(world.deeds(), ["endHealth web", "watchHealth web"]);
  assert.equal(world.snapshot("web").health, "starting");
  apply(world, makeConfiguration(makeSpec("web")));
  assert.deepEqual(world.deeds(), ["endHealth web"]);
  assert.equal(world.snapshot("web").health, "none");
});

test("what a run was started as waits for its next run, the rest is taken over at once", () => {
  const world = running(makeSpec("web"));
  const next = makeSpec("web", {
    process: otherCommand,
    restart: { kind: "always" },
    restartDelay: { initialMs: 0, factor: 1, maxMs: 0, jitter: 0, resetAfterMs: 1 },
  });
  apply(world, makeConfiguration(next));
  assert.deepEqual(world.engine.spec("web")?.process, process);
  assert.deepEqual(world.engine.spec("web")?.restart, { kind: "always" });
  world.exits("web", code(1));
  assert.deepEqual(world.deeds(), ["spawn web"]);
  assert.equal(world.engine.spec("web"), next);
});

test("a service that comes back while its gone run still stops starts once that has ended", () => {
  const world = running(makeSpec("web"), makeSpec("other"));
  apply(world, makeConfiguration(makeSpec("other")));
  assert.deepEqual(world.deeds(), ["beginStop web"]);
  apply(world, makeConfiguration(makeSpec("web", { process: otherCommand }), makeSpec("other")));
  assert.deepEqual(world.deeds(), []);
  world.exits("web");
  assert.deepEqual(world.deeds(), ["spawn web"]);
  assert.equal(world.engine.spec("web")?.process, otherCommand);
});

test("a configuration that comes during a stop does not change how that stop goes on", () => {
  const world = running(makeSpec("web"));
  world.stop("web");
  const spec = makeSpec("web", { stop: { signal: "SIGINT", gracePeriodMs: 1, command: null } });
  apply(world, makeConfiguration(spec));
  world.mainExits("web");
  assert.deepEqual(
    world.last.filter(({ type }) => type === "signalTree"),
    [{ type: "signalTree", name: "web", run: 1, signal: "SIGTERM" }],
  );
  world.treeGone("web");
  assert.equal(world.engine.spec("web"), spec);
});
