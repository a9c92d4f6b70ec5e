import assert from "node:assert/strict";
import { test } from "node:test";
import type { ServiceSpec } from "@supervise/model";
import {
  dependsOn,
  healthcheck,
  makeConfiguration,
  makeSpec,
  readyByNotify,
} from "./support/specs.js";
import { World, code, operator, shutdown } from "./support/world.js";

function one(given: Partial<ServiceSpec> = {}): World {
  const world = new World(makeConfiguration(makeSpec("web", given)));
  world.start("web");
  return world;
}

function up(given: Partial<ServiceSpec> = {}): World {
  const world = one(given);
  world.spawned("web");
  return world;
}

test("a start spawns run 1, and the pid is unknown until the spawn is answered", () => {
  const world = one();
  assert.deepEqual(world.deeds(), ["spawn web"]);
  const { state } = world.snapshot("web");
  assert.ok(state.kind === "starting" && state.pid === null && state.run === 1);
});

test("without a ready check a service is up and ready from the spawn on", () => {
  const world = up();
  assert.equal(world.kind("web"), "up");
  assert.equal(world.snapshot("web").ready, true);
});

test("with a ready check a service is up once it says so, and the watch ends", () => {
  const world = up({ ready: readyByNotify });
  assert.deepEqual(world.deeds(), ["watchReadiness web"]);
  assert.equal(world.kind("web"), "starting");
  world.ready("web");
  assert.deepEqual(world.deeds(), ["endReadiness web"]);
  assert.equal(world.kind("web"), "up");
});

test("a service that is not ready in time is stopped, and then has failed under policy no", () => {
  const world = up({ ready: readyByNotify });
  world.deadline("web");
  assert.equal(world.nowMs, 500);
  assert.deepEqual(world.deeds(), ["endReadiness web", "beginStop web"]);
  world.exits("web");
  const { state } = world.snapshot("web");
  assert.ok(state.kind === "failed" && state.reason.kind === "policy");
  assert.ok(state.reason.last.kind === "exited" && state.reason.last.reason.kind === "notReady");
});

test("a readiness check that cannot succeed any more fails the start at once", () => {
  const world = up({ ready: readyByNotify });
  world.send({ type: "readinessFailed", name: "web", run: 1, detail: "closed" });
  assert.deepEqual(world.deeds(), ["endReadiness web", "beginStop web"]);
});

test("a oneshot is starting until it exits with 0, then done", () => {
  const world = up({ type: "oneshot" });
  assert.equal(world.kind("web"), "starting");
  world.exits("web");
  assert.equal(world.kind("web"), "done");
});

test("a start of a oneshot that is done does nothing; a restart repeats it", () => {
  const world = up({ type: "oneshot" });
  world.exits("web");
  assert.deepEqual(world.start("web"), []);
  world.restart("web");
  assert.deepEqual(world.deeds(), ["spawn web"]);
});

test("a forking service is up when its daemon has taken the command's place", () => {
  const world = up({ type: "forking" });
  assert.equal(world.kind("web"), "starting");
  world.send({ type: "mainMoved", name: "web", run: 1, pid: 7 });
  const { state } = world.snapshot("web");
  assert.ok(state.kind === "up" && state.pid === 7);
});

test("a forking service's readiness is watched only once its daemon is known", () => {
  const world = up({ type: "forking", ready: readyByNotify });
  assert.deepEqual(world.deeds(), []);
  world.send({ type: "mainMoved", name: "web", run: 1, pid: 7 });
  assert.deepEqual(world.deeds(), ["watchReadiness web"]);
});

test("a forking service whose command ends without a daemon has failed, even with code 0", () => {
  const world = up({ type: "forking" });
  world.exits("web", code(0));
  assert.equal(world.kind("web"), "failed");
});

test("MAINPID= moves the main process of a service that is up", () => {
  const world = up();
  world.send({ type: "mainMoved", name: "web", run: 1, pid: 7 });
  const { state } = world.snapshot("web");
  assert.ok(state.kind === "up" && state.pid === 7);
});

test("health is watched while the service is up, and starts as starting", () => {
  const world = up({ health: healthcheck });
  assert.deepEqual(world.deeds(), ["watchHealth web"]);
  assert.equal(world.snapshot("web").health, "starting");
  world.healthy("web");
  assert.equal(world.snapshot("web").health, "healthy");
});

test("an unhealthy service is restarted where its healthcheck says so", () => {
  const world = up({ health: healthcheck, restart: { kind: "always" } });
  world.healthy("web", "unhealthy");
  assert.deepEqual(world.deeds(), ["endHealth web", "beginStop web"]);
  world.exits("web", code(0));
  const { state } = world.snapshot("web");
  assert.ok(
    state.kind === "backoff" &&
      state.last.kind === "exited" &&
      state.last.reason.kind === "unhealthy",
  );
});

test("an unhealthy service under policy no is stopped and has failed", () => {
  const world = up({ health: healthcheck });
  world.healthy("web", "unhealthy");
  world.exits("web");
  assert.equal(world.kind("web"), "failed");
});

test("an unhealthy service with on_unhealthy none goes on, and can get well", () => {
  const world = up({ health: { ...healthcheck, onUnhealthy: "none" } });
  world.healthy("web", "unhealthy");
  assert.equal(world.kind("web"), "up");
  world.healthy("web");
  assert.equal(world.snapshot("web").health, "healthy");
});

test("an expired watchdog stops the run and is a failure", () => {
  const world = up();
  world.send({ type: "watchdogExpired", name: "web", run: 1, timeoutMs: 10 });
  assert.deepEqual(world.deeds(), ["beginStop web"]);
  world.exits("web", code(0));
  assert.equal(world.kind("web"), "failed");
});

test("a service that announces its stop is up and not ready, and its exit with 0 is a success", () => {
  const world = up();
  world.send({ type: "stoppingAnnounced", name: "web", run: 1 });
  assert.equal(world.kind("web"), "up");
  assert.equal(world.snapshot("web").ready, false);
  world.exits("web", code(0));
  assert.equal(world.kind("web"), "done");
});

test("a stop is the stop signal, then down only when the tree is gone", () => {
  const world = up();
  world.stop("web");
  assert.deepEqual(world.deeds(), ["beginStop web"]);
  assert.equal(world.deadlines.get("web"), 1000);
  world.mainExits("web");
  assert.deepEqual(
    world.last.filter(({ type }) => type === "signalTree"),
    [{ type: "signalTree", name: "web", run: 1, signal: "SIGTERM" }],
  );
  assert.equal(world.kind("web"), "stopping");
  assert.equal(world.deadlines.get("web"), 1000, "what is left has no new grace period");
  world.treeGone("web");
  assert.equal(world.kind("web"), "down");
  assert.equal(world.deadlines.size, 0);
});

test("the end of the grace period is SIGKILL to the tree, 5 s later the survivors are named", () => {
  const world = up();
  world.stop("web");
  world.deadline("web");
  assert.deepEqual(world.deeds(), ["killTree web"]);
  world.deadline("web");
  assert.equal(world.nowMs, 6000);
  assert.deepEqual(world.deeds(), ["nameSurvivors web"]);
  world.send({ type: "survivorsNamed", name: "web", run: 1, pids: [4123] });
  const { state } = world.snapshot("web");
  assert.ok(state.kind === "stopping" && state.stage === "stuck");
  assert.deepEqual(state.survivors, [4123]);
  assert.equal(world.deadlines.size, 0, "nothing is polled");
  world.mainExits("web");
  world.treeGone("web");
  assert.equal(world.kind("web"), "down");
});

test("a stop command that fails gives way to the stop signal, within the same grace period", () => {
  const world = up();
  world.stop("web");
  const actions = world.send(
    { type: "stopCommandFailed", name: "web", run: 1, detail: "code 1" },
    400,
  );
  assert.deepEqual(actions, [{ type: "beginStop", name: "web", run: 1, useSignal: true }]);
  assert.equal(world.deadlines.get("web"), 1000);
});

test("a stop between the spawn and its answer signals once there is a process", () => {
  const world = one();
  world.stop("web");
  assert.deepEqual(world.deeds(), []);
  world.spawned("web");
  assert.deepEqual(world.deeds(), ["beginStop web"]);
});

test("a kill between the spawn and its answer kills once there is a process", () => {
  const world = one();
  world.send({ type: "shutDownNow", cause: shutdown });
  assert.deepEqual(world.deeds(), []);
  world.spawned("web");
  assert.deepEqual(world.deeds(), ["killTree web"]);
});

test("a stop before a spawn that fails ends in down", () => {
  const world = one();
  world.stop("web");
  world.send({
    type: "spawnFailed",
    name: "web",
    run: 1,
    failure: { stage: "exec", errno: "ENOENT", transient: false },
  });
  assert.equal(world.kind("web"), "down");
});

test("the unexpected end of the main process drains the rest of its tree within the grace period", () => {
  const world = up();
  world.mainExits("web", code(1));
  assert.deepEqual(world.deeds(), ["signalTree web"]);
  assert.equal(world.deadlines.get("web"), 1000);
  world.treeGone("web");
  assert.equal(world.kind("web"), "failed");
});

test("a start during a stop starts again when the tree is gone, whatever the policy", () => {
  const world = up();
  world.stop("web");
  world.start("web");
  assert.deepEqual(world.deeds(), []);
  world.mainExits("web", code(1));
  world.treeGone("web");
  assert.deepEqual(world.deeds(), ["spawn web"]);
  assert.equal(world.snapshot("web").run, 2);
});

test("a stop, a start and a stop again end in down", () => {
  const world = up();
  world.stop("web");
  world.start("web");
  world.stop("web");
  world.exits("web");
  assert.equal(world.kind("web"), "down");
});

test("a start of what runs, and a stop of what is down, do nothing", () => {
  const world = up();
  assert.deepEqual(world.start("web"), []);
  world.stop("web");
  world.exits("web");
  assert.deepEqual(world.stop("web"), []);
});

test("a restart is a stop and a new run, without policy and back-off", () => {
  const world = up({ restart: { kind: "no" } });
  world.restart("web");
  assert.deepEqual(world.deeds(), ["beginStop web"]);
  world.exits("web", code(1));
  assert.deepEqual(world.deeds(), ["spawn web"]);
  assert.equal(world.snapshot("web").restarts, 0);
});

test("facts of another run and late or early deadlines change nothing", () => {
  const world = up({
    restart: { kind: "always" },
    restartDelay: { initialMs: 0, factor: 2, maxMs: 1, jitter: 0, resetAfterMs: 1 },
  });
  world.exits("web", code(1));
  world.spawned("web");
  const before = world.snapshot("web");
  for (const type of ["treeGone", "becameReady", "stoppingAnnounced"] as const) {
    assert.deepEqual(world.send({ type, name: "web", run: 1 }), []);
  }
  assert.deepEqual(world.send({ type: "mainExited", name: "web", run: 1, status: code(0) }), []);
  assert.deepEqual(world.send({ type: "deadlineReached", name: "web" }), []);
  assert.equal(world.snapshot("web"), before);
  assert.deepEqual(world.send({ type: "treeGone", name: "nobody", run: 1 }), []);
});

test("a timer that fires too early is armed again", () => {
  const world = up();
  world.stop("web");
  const actions = world.send({ type: "deadlineReached", name: "web" }, 999);
  assert.deepEqual(actions, [{ type: "setDeadline", name: "web", atMs: 1000 }]);
});

test("an adopted process is up without a spawn, and its next run is numbered after it", () => {
  const world = new World(makeConfiguration(makeSpec("web", { restart: { kind: "always" } })));
  world.send({ type: "adopted", name: "web", run: 7, pid: 99, ready: true });
  assert.deepEqual(world.deeds(), []);
  const { state } = world.snapshot("web");
  assert.ok(state.kind === "up" && state.pid === 99 && state.run === 7);
  world.startAll();
  assert.deepEqual(world.deeds(), []);
  world.restart("web");
  world.exits("web");
  assert.equal(world.snapshot("web").run, 8);
});

test("an adopted process has been up for as long as it has run", () => {
  const world = new World(makeConfiguration(makeSpec("web")));
  world.send({ type: "adopted", name: "web", run: 7, pid: 99, ready: true, sinceMs: -400 }, 50);
  const { state } = world.snapshot("web");
  assert.ok(state.kind === "up" && state.sinceMs === -400);
});

test("an adopted process that was not ready yet is watched, with a new time limit", () => {
  const world = new World(makeConfiguration(makeSpec("web", { ready: readyByNotify })));
  world.send({ type: "adopted", name: "web", run: 7, pid: 99, ready: false }, 50);
  assert.deepEqual(world.deeds(), ["watchReadiness web"]);
  assert.equal(world.deadlines.get("web"), 550);
});

test("an adopted oneshot is at work until it exits", () => {
  const world = new World(makeConfiguration(makeSpec("web", { type: "oneshot" })));
  world.send({ type: "adopted", name: "web", run: 7, pid: 99, ready: true });
  assert.equal(world.kind("web"), "starting");
  world.exits("web");
  assert.equal(world.kind("web"), "done");
});

test("a second adoption of a service that runs is ignored", () => {
  const world = up();
  assert.deepEqual(world.send({ type: "adopted", name: "web", run: 9, pid: 99, ready: true }), []);
  assert.equal(world.snapshot("web").run, 1);
});

test("the restart path of a service without delay is one dispatch: the spawn and the change", () => {
  const delay = { initialMs: 0, factor: 2, maxMs: 1000, jitter: 0.1, resetAfterMs: 1000 };
  const world = up({ restart: { kind: "always" }, restartDelay: delay });
  assert.deepEqual(world.exits("web", code(1)), [
    { type: "spawn", name: "web", run: 2 },
    { type: "changed", name: "web" },
  ]);
});

test("a stop names who asked", () => {
  const world = up();
  world.stop("web");
  world.exits("web");
  const { state } = world.snapshot("web");
  assert.ok(state.kind === "down");
  assert.deepEqual(state.cause, operator);
});

const laterFacts = [
  { type: "spawned", name: "web", run: 1, pid: 5 },
  {
    type: "spawnFailed",
    name: "web",
    run: 1,
    failure: { stage: "exec", errno: "ENOENT", transient: true },
  },
  { type: "mainMoved", name: "web", run: 1, pid: 5 },
  { type: "becameReady", name: "web", run: 1 },
  { type: "readinessFailed", name: "web", run: 1, detail: "" },
  { type: "healthChanged", name: "web", run: 1, health: "unhealthy", detail: "" },
  { type: "watchdogExpired", name: "web", run: 1, timeoutMs: 1 },
  { type: "stoppingAnnounced", name: "web", run: 1 },
  { type: "mainExited", name: "web", run: 1, status: code(1) },
  { type: "treeGone", name: "web", run: 1 },
  { type: "stopCommandFailed", name: "web", run: 1, detail: "" },
  { type: "survivorsNamed", name: "web", run: 1, pids: [5] },
] as const;

for (const fact of laterFacts) {
  test(`${fact.type} of a run that has ended changes nothing, in any state without a run`, () => {
    const down = up();
    down.stop("web");
    down.exits("web");
    const failed = up();
    failed.exits("web", code(1));
    const done = up();
    done.exits("web", code(0));
    const backoff = up({ restart: { kind: "always" } });
    backoff.exits("web", code(1));
    const waiting = new World(
      makeConfiguration(makeSpec("db"), makeSpec("web", { dependencies: [dependsOn("db")] })),
    );
    waiting.send({ type: "adopted", name: "web", run: 1, pid: 9, ready: true });
    waiting.restart("web");
    waiting.exits("web");
    for (const [kind, world] of Object.entries({ down, failed, done, backoff, waiting })) {
      assert.equal(world.kind("web"), kind);
      assert.deepEqual(world.send(fact), [], kind);
    }
  });
}

test("facts that come twice, or that the stage has passed, change nothing", () => {
  const world = up();
  assert.deepEqual(world.send({ type: "spawned", name: "web", run: 1, pid: 5 }), []);
  assert.deepEqual(world.treeGone("web"), [], "the main process has not ended");
  assert.deepEqual(world.ready("web"), []);
  assert.deepEqual(world.healthy("web"), [], "there is no healthcheck");
  world.mainExits("web", code(1));
  assert.deepEqual(world.mainExits("web", code(0)), []);
  assert.deepEqual(world.send({ type: "mainMoved", name: "web", run: 1, pid: 5 }), []);
  assert.deepEqual(world.send({ type: "stopCommandFailed", name: "web", run: 1, detail: "" }), []);
  assert.deepEqual(world.send({ type: "survivorsNamed", name: "web", run: 1, pids: [5] }), []);
});

test("a daemon that moves while it is told to stop is followed", () => {
  const world = up();
  world.stop("web");
  world.send({ type: "mainMoved", name: "web", run: 1, pid: 77 });
  const { state } = world.snapshot("web");
  assert.ok(state.kind === "stopping" && state.pid === 77);
});

test("a restart during a stop starts again, whatever the policy", () => {
  const world = up();
  world.stop("web");
  world.restart("web");
  world.exits("web", code(1));
  assert.deepEqual(world.deeds(), ["spawn web"]);
});

test("a restart that was called off does not follow the next end of the service", () => {
  const world = new World(
    makeConfiguration(
      makeSpec("db"),
      makeSpec("web", { dependencies: [dependsOn("db", "service_started", { restart: true })] }),
    ),
  );
  world.startAll();
  world.spawned("db");
  world.spawned("web");
  world.restart("db");
  world.stop("db");
  world.start("db");
  world.exits("db", code(1));
  assert.equal(world.kind("db"), "failed");
});

test("a oneshot without a check counts as ready from the spawn on, until its run ends", () => {
  const world = one({ type: "oneshot" });
  assert.equal(world.snapshot("web").ready, false);
  world.spawned("web");
  assert.equal(world.snapshot("web").ready, true);
  world.exits("web");
  assert.equal(world.snapshot("web").ready, false);
});
