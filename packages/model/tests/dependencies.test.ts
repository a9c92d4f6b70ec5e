import assert from "node:assert/strict";
import { test } from "node:test";
import {
  dependsOn,
  healthcheck,
  makeConfiguration,
  makeSpec,
  readyByNotify,
} from "./support/specs.js";
import { pair } from "./support/pair.js";
import { World, code } from "./support/world.js";

test("a service waits for its dependency, and says for what", () => {
  const world = pair({});
  assert.equal(world.states(), "db=starting web=waiting");
  const { state } = world.snapshot("web");
  assert.ok(state.kind === "waiting");
  assert.deepEqual(state.on, [{ name: "db", needs: "started" }]);
  world.spawned("db");
  assert.deepEqual(world.deeds(), ["spawn web"]);
});

test("service_started waits for readiness where the dependency has a ready check", () => {
  const world = pair({ ready: readyByNotify });
  world.spawned("db");
  assert.equal(world.kind("web"), "waiting");
  world.ready("db");
  assert.deepEqual(world.deeds(), ["endReadiness db", "spawn web"]);
});

test("service_started is satisfied by a oneshot that is done, not by one at work", () => {
  const world = pair({ type: "oneshot" });
  world.spawned("db");
  assert.equal(world.kind("web"), "waiting");
  world.exits("db");
  assert.deepEqual(world.deeds(), ["spawn web"]);
});

test("service_healthy waits for the first healthy result", () => {
  const world = pair({ health: healthcheck }, "service_healthy");
  world.spawned("db");
  assert.equal(world.kind("web"), "waiting");
  world.healthy("db");
  assert.deepEqual(world.deeds(), ["spawn web"]);
});

test("service_healthy of a service without healthcheck is its readiness", () => {
  const world = pair({ ready: readyByNotify }, "service_healthy");
  world.spawned("db");
  world.ready("db");
  assert.equal(world.kind("web"), "starting");
});

test("service_completed_successfully waits for the end, not for up", () => {
  const world = pair({}, "service_completed_successfully");
  world.spawned("db");
  assert.equal(world.states(), "db=up web=waiting");
  world.exits("db");
  assert.equal(world.states(), "db=done web=starting");
});

test("services without a path between them start together", () => {
  const world = new World(
    makeConfiguration(
      makeSpec("a"),
      makeSpec("b"),
      makeSpec("c", { dependencies: [dependsOn("a"), dependsOn("b")] }),
    ),
  );
  world.startAll();
  assert.deepEqual(world.deeds(), ["spawn a", "spawn b"]);
  world.spawned("a");
  assert.equal(world.kind("c"), "waiting");
  world.spawned("b");
  assert.deepEqual(world.deeds(), ["spawn c"]);
});

test("a service whose dependency failed has failed because of it, and so on down the line", () => {
  const world = new World(
    makeConfiguration(
      makeSpec("db", { type: "oneshot" }),
      makeSpec("web", { dependencies: [dependsOn("db", "service_completed_successfully")] }),
      makeSpec("proxy", { dependencies: [dependsOn("web")] }),
    ),
  );
  world.startAll();
  world.spawned("db");
  world.exits("db", code(1));
  assert.equal(world.states(), "db=failed web=failed proxy=failed");
  const { state } = world.snapshot("proxy");
  assert.ok(state.kind === "failed");
  assert.deepEqual(state.reason, { kind: "dependency", name: "web", detail: "failed" });
});

test("what failed because of a dependency goes on by itself once that gets there", () => {
  const world = pair({});
  world.send({
    type: "spawnFailed",
    name: "db",
    run: 1,
    failure: { stage: "exec", errno: "ENOENT", transient: false },
  });
  assert.equal(world.states(), "db=failed web=failed");
  world.start("db");
  assert.equal(world.states(), "db=starting web=waiting");
  world.spawned("db");
  assert.equal(world.states(), "db=up web=starting");
});

test("what failed because of a dependency and was stopped since does not come back", () => {
  const world = pair({});
  world.send({
    type: "spawnFailed",
    name: "db",
    run: 1,
    failure: { stage: "exec", errno: "ENOENT", transient: false },
  });
  world.stop("web");
  world.start("db");
  world.spawned("db");
  assert.equal(world.states(), "db=up web=down");
});

test("a dependency that is not required holds back while it is on its way, not once it has failed", () => {
  const world = pair({}, "service_started", { required: false });
  assert.equal(world.kind("web"), "waiting");
  world.send({
    type: "spawnFailed",
    name: "db",
    run: 1,
    failure: { stage: "exec", errno: "ENOENT", transient: false },
  });
  assert.equal(world.states(), "db=failed web=starting");
});

test("a dependency that is not required and stopped does not hold back", () => {
  const world = pair({}, "service_started", { required: false });
  world.stop("db");
  world.spawned("db");
  world.exits("db");
  assert.equal(world.states(), "db=down web=starting");
});

test("a dependency that is not required and absent does not hold back; a required one says that it is absent", () => {
  for (const [required, kind] of [
    [false, "starting"],
    [true, "failed"],
  ] as const) {
    const world = new World(
      makeConfiguration(
        makeSpec("web", { dependencies: [dependsOn("nobody", "service_started", { required })] }),
      ),
    );
    world.startAll();
    assert.equal(world.kind("web"), kind);
  }
});

test("a dependency that dies leaves its dependents up; their next start waits for it", () => {
  const world = pair({ restart: { kind: "always" } });
  world.spawned("db");
  world.spawned("web");
  world.exits("db", code(1));
  assert.equal(world.states(), "db=backoff web=up");
  world.restart("web");
  world.exits("web");
  assert.equal(world.states(), "db=backoff web=waiting");
  world.deadline("db");
  world.spawned("db");
  assert.equal(world.states(), "db=up web=starting");
});

test("a dependent does not start on a service that is about to be stopped, or has announced it", () => {
  const world = pair({});
  world.spawned("db");
  world.spawned("web");
  world.send({ type: "stoppingAnnounced", name: "db", run: 1 });
  world.restart("web");
  world.exits("web");
  assert.equal(world.states(), "db=up web=waiting");
});

test("startAll starts all but those excepted, whose dependents wait", () => {
  const world = new World(
    makeConfiguration(
      makeSpec("db"),
      makeSpec("web", { dependencies: [dependsOn("db")] }),
      makeSpec("free"),
    ),
  );
  world.send({ type: "startAll", cause: { kind: "policy" }, except: ["db"] });
  assert.equal(world.states(), "db=down web=waiting free=starting");
});

test("a start wants the required dependencies up too, because of it, and no others", () => {
  const world = new World(
    makeConfiguration(
      makeSpec("base"),
      makeSpec("db", { dependencies: [dependsOn("base")] }),
      makeSpec("cache"),
      makeSpec("web", {
        dependencies: [dependsOn("db"), dependsOn("cache", "service_started", { required: false })],
      }),
    ),
  );
  world.start("web");
  assert.equal(world.states(), "base=starting db=waiting cache=down web=waiting");
  assert.deepEqual(world.snapshot("db").wantedBy, { kind: "dependency", name: "web" });
  assert.deepEqual(world.snapshot("base").wantedBy, { kind: "dependency", name: "db" });
});

test("a start tries again the failed dependencies, and leaves those that run or are done alone", () => {
  const world = new World(
    makeConfiguration(
      makeSpec("done", { type: "oneshot" }),
      makeSpec("bad"),
      makeSpec("web", {
        dependencies: [dependsOn("done", "service_completed_successfully"), dependsOn("bad")],
      }),
    ),
  );
  world.startAll();
  world.spawned("done", "bad");
  world.exits("done");
  world.exits("bad", code(1));
  world.spawned("web");
  world.exits("web", code(1));
  assert.equal(world.states(), "done=done bad=failed web=failed");
  world.start("web");
  assert.deepEqual(world.deeds(), ["spawn bad"]);
});

test("a stop stops only that service", () => {
  const world = pair({});
  world.spawned("db");
  world.spawned("web");
  world.stop("db");
  world.exits("db");
  assert.equal(world.states(), "db=down web=up");
});

test("a dependent with restart: true is stopped first, waits, and comes back after its dependency", () => {
  for (const verb of ["stop", "restart"] as const) {
    const world = pair({}, "service_started", { restart: true });
    world.spawned("db");
    world.spawned("web");
    world[verb]("db");
    assert.deepEqual(world.deeds(), ["beginStop web"]);
    world.mainExits("web");
    assert.deepEqual(world.deeds(), ["signalTree web"]);
    world.treeGone("web");
    assert.deepEqual(world.deeds(), ["beginStop db"]);
    assert.equal(world.states(), "db=stopping web=waiting");
    world.exits("db");
    if (verb === "stop") {
      assert.equal(world.states(), "db=down web=waiting");
      world.start("db");
    }
    assert.equal(world.states(), "db=starting web=waiting");
    world.spawned("db");
    assert.equal(world.states(), "db=up web=starting");
  }
});

test("a dependency that dies by itself does not restart dependents with restart: true", () => {
  const world = pair({ restart: { kind: "always" } }, "service_started", { restart: true });
  world.spawned("db");
  world.spawned("web");
  world.exits("db", code(1));
  assert.equal(world.states(), "db=backoff web=up");
});

test("a stop that waits for dependents is called off by a start", () => {
  const world = pair({}, "service_started", { restart: true });
  world.spawned("db");
  world.spawned("web");
  world.stop("db");
  world.start("db");
  world.exits("web");
  assert.equal(world.states(), "db=up web=starting");
  assert.deepEqual(world.deeds(), ["spawn web"]);
});

test("stops asked for one by one happen in reverse order of dependency", () => {
  const world = pair({});
  world.spawned("db");
  world.spawned("web");
  world.stop("web");
  world.stop("db");
  assert.deepEqual(world.deeds(), []);
  world.exits("web");
  assert.deepEqual(world.deeds(), ["beginStop db"]);
});

test("settled means that nothing is in motion; a wait for what was stopped is rest", () => {
  const world = pair({ restart: { kind: "always" } });
  assert.equal(world.engine.settled(), false);
  world.spawned("db");
  world.spawned("web");
  assert.equal(world.engine.settled(), true);
  world.exits("db", code(1));
  assert.equal(world.engine.settled(), false);
  world.stop("db");
  assert.equal(world.engine.settled(), true);
  world.stop("web");
  assert.equal(world.engine.settled(), false);
  world.exits("web");
  world.send({ type: "startAll", cause: { kind: "policy" }, except: ["db"] });
  assert.equal(world.states(), "db=down web=waiting");
  assert.equal(world.engine.settled(), true);
});
