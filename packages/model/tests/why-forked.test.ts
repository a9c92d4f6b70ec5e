import assert from "node:assert/strict";
import { test } from "node:test";
import { describeEnd, explain, reasonLine } from "@supervise/model";
import type { Configuration, ServiceSpec, StopReason } from "@supervise/model";
import { makeConfiguration, makeSpec } from "./support/specs.js";
import { World, code } from "./support/world.js";

function why(world: World, name: string): readonly string[] {
  return explain(world.snapshot(name), {
    snapshot: (other) => world.engine.snapshot(other),
    spec: (other) => world.engine.spec(other),
    nowMs: world.nowMs,
  });
}

function line(world: World, name: string): string {
  return reasonLine(world.snapshot(name), {
    snapshot: () => undefined,
    spec: () => undefined,
    nowMs: world.nowMs,
  });
}

function started(configuration: Configuration, ...spawned: string[]): World {
  const world = new World(configuration);
  world.startAll();
  world.spawned(...spawned);
  return world;
}

function up(given: Partial<ServiceSpec> = {}): World {
  return started(makeConfiguration(makeSpec("api", given)), "api");
}

test("a service that forks away is told to be forking, at its end and after it", () => {
  const forkedAway = { pids: [12, 13], proved: true };
  const world = up({ restart: { kind: "no" } });
  world.send({ type: "mainExited", name: "api", run: 1, status: code(0), forkedAway });
  const advice =
    'exited with code 0 and left pid 12, 13 in the background; a program that puts itself there needs "type: forking"';
  assert.ok(line(world, "api").startsWith(`its main process ${advice}; `), line(world, "api"));
  world.send({ type: "treeGone", name: "api", run: 1 });
  assert.ok(why(world, "api")[0]?.includes(advice), why(world, "api")[0]);
});

test("what appeared meanwhile and may be the service's is told as such", () => {
  const reason: StopReason = {
    kind: "exited",
    status: code(0),
    forkedAway: { pids: [12], proved: false },
  };
  assert.equal(
    describeEnd({ kind: "exited", run: 1, status: code(0), atMs: 0, reason }),
    'exited with code 0, and pid 12 appeared in the background, of which nothing tells whose it is; a program that puts itself there needs "type: forking" and its pidfile',
  );
});

test("a service that was asked to stop has not forked away", () => {
  const world = up();
  world.send({ type: "stopService", name: "api", cause: { kind: "operator", by: "uid 0" } });
  const forkedAway = { pids: [12], proved: true };
  world.send({ type: "mainExited", name: "api", run: 1, status: code(0), forkedAway });
  world.send({ type: "treeGone", name: "api", run: 1 });
  assert.ok(!why(world, "api").join().includes("forking"));
});
