import assert from "node:assert/strict";
import { test } from "node:test";
import { dependsOn, makeConfiguration, makeSpec } from "./support/specs.js";
import { pair } from "./support/pair.js";
import { World, code, shutdown } from "./support/world.js";

test("a shutdown stops in reverse order, in parallel where the order allows, and says once that all is down", () => {
  const world = new World(
    makeConfiguration(
      makeSpec("db"),
      makeSpec("a", { dependencies: [dependsOn("db")] }),
      makeSpec("b", { dependencies: [dependsOn("db", "service_started", { required: false })] }),
      makeSpec("job", { type: "oneshot" }),
    ),
  );
  world.startAll();
  world.spawned("db", "a", "b", "job");
  world.shutDown();
  assert.deepEqual(world.deeds(), ["beginStop a", "beginStop b", "beginStop job"]);
  world.exits("a");
  world.exits("job");
  assert.deepEqual(world.deeds(), []);
  world.exits("b");
  assert.deepEqual(world.deeds(), ["beginStop db"]);
  assert.equal(world.allDown, 0);
  world.exits("db");
  assert.deepEqual(world.deeds(), ["allDown"]);
  world.shutDown();
  assert.equal(world.allDown, 1);
});

test("a shutdown with nothing running is over at once", () => {
  const world = new World(makeConfiguration(makeSpec("web")));
  assert.deepEqual(world.shutDown(), [{ type: "allDown" }]);
});

test("during a shutdown nothing starts: not by command, back-off, adoption or configuration", () => {
  const world = pair({ restart: { kind: "always" } });
  world.spawned("db");
  world.spawned("web");
  world.exits("db", code(1));
  world.shutDown();
  assert.equal(world.states(), "db=down web=stopping");
  world.start("db");
  world.restart("db");
  world.startAll();
  world.send({
    type: "applyConfiguration",
    configuration: makeConfiguration(makeSpec("db"), makeSpec("web"), makeSpec("new")),
    restart: ["db", "web"],
    generation: 2,
  });
  assert.equal(world.states(), "db=down web=stopping new=down");
  world.send({ type: "adopted", name: "db", run: 9, pid: 9, ready: true });
  assert.deepEqual(world.deeds(), ["beginStop db"]);
  world.settle();
  assert.equal(world.allDown, 1);
});

test("a dependent that is stuck after SIGKILL does not hold back the stop of what it depended on", () => {
  const world = pair({});
  world.spawned("db");
  world.spawned("web");
  world.shutDown();
  world.deadline("web");
  world.deadline("web");
  assert.deepEqual(world.deeds(), ["nameSurvivors web", "beginStop db"]);
  world.exits("db");
  assert.equal(world.allDown, 0);
  world.mainExits("web");
  world.treeGone("web");
  assert.equal(world.allDown, 1);
});

test("a shutdown is over when all that is left are survivors of SIGKILL that have been named", () => {
  const world = pair({});
  world.spawned("db");
  world.spawned("web");
  world.shutDown();
  world.deadline("web");
  world.deadline("web");
  world.exits("db");
  assert.equal(world.allDown, 0, "they have no name yet");
  world.send({ type: "survivorsNamed", name: "web", run: 1, pids: [7] });
  assert.equal(world.allDown, 1);
  world.mainExits("web");
  world.treeGone("web");
  assert.equal(world.allDown, 1, "once is enough");
});

test("a second shutdown request kills everything at once, whatever the order", () => {
  const world = pair({ restart: { kind: "always" } });
  world.spawned("db");
  world.spawned("web");
  world.shutDown();
  world.send({ type: "shutDownNow", cause: shutdown });
  assert.deepEqual(world.deeds(), ["killTree db", "killTree web"]);
  assert.deepEqual(world.send({ type: "shutDownNow", cause: shutdown }), [], "killed once");
  world.settle();
  assert.equal(world.allDown, 1);
});
