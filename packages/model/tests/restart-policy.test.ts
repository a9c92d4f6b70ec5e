import assert from "node:assert/strict";
import { test } from "node:test";
import type {
  ExitStatus,
  RestartPolicy,
  ServiceSpec,
  ServiceType,
  StateKind,
} from "@supervise/model";
import { healthcheck, makeConfiguration, makeSpec } from "./support/specs.js";
import { World, code } from "./support/world.js";

const segfault: ExitStatus = { kind: "signal", signal: "SIGSEGV", coreDumped: true };
const terminated: ExitStatus = { kind: "signal", signal: "SIGTERM", coreDumped: false };
const unknown: ExitStatus = { kind: "unknown" };

function up(given: Partial<ServiceSpec>, random: () => number = () => 0.5): World {
  const world = new World(makeConfiguration(makeSpec("web", given)), random);
  world.start("web");
  world.spawned("web");
  return world;
}

function again(world: World): void {
  world.deadline("web");
  world.spawned("web");
}

const no: RestartPolicy = { kind: "no" };
const always: RestartPolicy = { kind: "always" };
const onFailure: RestartPolicy = { kind: "on-failure", limit: null };
const unlessStopped: RestartPolicy = { kind: "unless-stopped" };

const rows: readonly (readonly [ServiceType, RestartPolicy, ExitStatus, StateKind])[] = [
  ["service", no, code(0), "done"],
  ["service", no, code(1), "failed"],
  ["service", no, terminated, "failed"],
  ["service", onFailure, code(0), "done"],
  ["service", onFailure, code(1), "backoff"],
  ["service", onFailure, segfault, "backoff"],
  ["service", onFailure, unknown, "backoff"],
  ["service", always, code(0), "backoff"],
  ["service", always, code(1), "backoff"],
  ["service", unlessStopped, code(0), "backoff"],
  ["service", unlessStopped, segfault, "backoff"],
  ["oneshot", no, code(0), "done"],
  ["oneshot", no, code(1), "failed"],
  ["oneshot", onFailure, code(0), "done"],
  ["oneshot", onFailure, code(1), "backoff"],
  ["oneshot", always, code(0), "backoff"],
  ["oneshot", always, code(1), "backoff"],
  ["oneshot", unlessStopped, code(0), "done"],
  ["oneshot", unlessStopped, code(1), "backoff"],
];

for (const [type, restart, status, kind] of rows) {
  const end =
    status.kind === "code"
      ? `code ${status.code}`
      : status.kind === "signal"
        ? status.signal
        : "an unknown status";
  test(`a ${type} with restart ${restart.kind} that ends by itself with ${end} is ${kind}`, () => {
    const world = up({ type, restart });
    world.exits("web", status);
    assert.equal(world.kind("web"), kind);
  });
}

test("on-failure:2 restarts twice in a row, then the service has failed", () => {
  const world = up({ restart: { kind: "on-failure", limit: 2 } });
  world.exits("web", code(1));
  again(world);
  world.exits("web", code(1));
  again(world);
  world.exits("web", segfault);
  const { state, restarts } = world.snapshot("web");
  assert.ok(state.kind === "failed" && state.reason.kind === "onFailureLimit");
  assert.equal(state.reason.limit, 2);
  assert.equal(restarts, 2);
});

test("on-failure:1 counts anew after a run that was good for long enough", () => {
  const world = up({ restart: { kind: "on-failure", limit: 1 } });
  world.exits("web", code(1));
  again(world);
  world.nowMs += 5000;
  world.exits("web", code(1));
  assert.equal(world.kind("web"), "backoff");
  again(world);
  world.nowMs += 4999;
  world.exits("web", code(1));
  assert.equal(world.kind("web"), "failed");
});

test("the delay grows by its factor up to its maximum", () => {
  const world = up({ restart: always });
  const delays: number[] = [];
  for (let run = 0; run < 6; run++) {
    world.exits("web", code(1));
    delays.push((world.deadlines.get("web") ?? NaN) - world.nowMs);
    again(world);
  }
  assert.deepEqual(delays, [100, 200, 400, 800, 1000, 1000]);
});

test("the delay is spread by its jitter, both ways", () => {
  for (const [chance, delay] of [
    [0, 80],
    [0.5, 100],
    [0.75, 110],
  ] as const) {
    const world = up(
      {
        restart: always,
        restartDelay: { initialMs: 100, factor: 2, maxMs: 1000, jitter: 0.2, resetAfterMs: 1000 },
      },
      () => chance,
    );
    world.exits("web", code(1));
    assert.equal(world.deadlines.get("web"), delay);
  }
});

test("a run that stayed up for the reset time starts the series of delays anew", () => {
  const world = up({ restart: always });
  world.exits("web", code(1));
  again(world);
  world.nowMs += 5000;
  world.exits("web", code(1));
  assert.equal((world.deadlines.get("web") ?? NaN) - world.nowMs, 100);
});

test("time spent unhealthy does not count as a good run", () => {
  const health = { ...healthcheck, onUnhealthy: "none" as const };
  const world = up({ restart: always, health });
  world.exits("web", code(1));
  again(world);
  world.healthy("web", "unhealthy");
  world.nowMs += 5000;
  world.healthy("web");
  world.nowMs += 4000;
  world.exits("web", code(1));
  assert.equal((world.deadlines.get("web") ?? NaN) - world.nowMs, 200);
});

test("more restarts in the window than the limit end in failed, with the numbers of it", () => {
  const world = up({ restart: always, restartLimit: { count: 2, windowMs: 10_000 } });
  for (let run = 0; run < 2; run++) {
    world.exits("web", code(1));
    again(world);
  }
  world.exits("web", segfault);
  const { state } = world.snapshot("web");
  assert.ok(state.kind === "failed" && state.reason.kind === "restartLimit");
  assert.deepEqual([state.reason.runs, state.reason.windowMs, state.reason.limit], [3, 10_000, 2]);
});

test("restarts before the window do not count against the limit", () => {
  const world = up({ restart: always, restartLimit: { count: 1, windowMs: 1000 } });
  for (let run = 0; run < 4; run++) {
    world.nowMs += 1000;
    world.exits("web", code(1));
    assert.equal(world.kind("web"), "backoff");
    again(world);
  }
});

test("a start of a failed service forgets what it failed of", () => {
  const world = up({ restart: always, restartLimit: { count: 1, windowMs: 10_000 } });
  world.exits("web", code(1));
  again(world);
  world.exits("web", code(1));
  assert.equal(world.kind("web"), "failed");
  world.start("web");
  assert.deepEqual(world.deeds(), ["spawn web"]);
  assert.equal(world.snapshot("web").restarts, 0);
  world.spawned("web");
  world.exits("web", code(1));
  assert.equal((world.deadlines.get("web") ?? NaN) - world.nowMs, 100);
});

test("a stop during back-off starts nothing", () => {
  const world = up({ restart: always });
  world.exits("web", code(1));
  world.stop("web");
  assert.equal(world.kind("web"), "down");
  assert.equal(world.deadlines.size, 0);
  assert.deepEqual(world.send({ type: "deadlineReached", name: "web" }, 10_000), []);
});

test("a start during back-off starts at once", () => {
  const world = up({ restart: always });
  world.exits("web", code(1));
  world.start("web");
  assert.deepEqual(world.deeds(), ["spawn web"]);
});

test("a spawn that fails for want of something is tried again whatever the policy, and never in a loop", () => {
  const delay = { initialMs: 0, factor: 2, maxMs: 1000, jitter: 0, resetAfterMs: 1000 };
  const world = new World(makeConfiguration(makeSpec("web", { restart: no, restartDelay: delay })));
  world.start("web");
  world.send({
    type: "spawnFailed",
    name: "web",
    run: 1,
    failure: { stage: "clone", errno: "EAGAIN", transient: true },
  });
  assert.equal(world.kind("web"), "backoff");
  assert.equal(world.deadlines.get("web"), 100);
});

test("a spawn that fails for good counts as a failed run", () => {
  const failure = { stage: "exec", errno: "ENOENT", transient: false };
  for (const [restart, kind] of [
    [no, "failed"],
    [always, "backoff"],
    [onFailure, "backoff"],
  ] as const) {
    const world = new World(makeConfiguration(makeSpec("web", { restart })));
    world.start("web");
    world.send({ type: "spawnFailed", name: "web", run: 1, failure });
    assert.equal(world.kind("web"), kind);
  }
});

test("a restart storm is spread by the bucket: each service waits for its own token", () => {
  const delay = { initialMs: 0, factor: 2, maxMs: 1000, jitter: 0, resetAfterMs: 1000 };
  const names = ["a", "b", "c", "d"];
  const services = names.map((name) => makeSpec(name, { restart: always, restartDelay: delay }));
  const world = new World({
    name: "storm",
    services,
    restartBucket: { capacity: 2, refillPerSecond: 10 },
    syslogPath: null,
  });
  world.startAll();
  world.spawned(...names);
  for (const name of names) world.exits(name, code(1));
  assert.equal(world.states(), "a=starting b=starting c=backoff d=backoff");
  const { state } = world.snapshot("c");
  assert.ok(state.kind === "backoff" && state.storm);
  assert.deepEqual([world.deadlines.get("c"), world.deadlines.get("d")], [100, 200]);
  world.deadline("c");
  assert.deepEqual(world.deeds(), ["spawn c"]);
  world.deadline("d");
  assert.deepEqual(world.deeds(), ["spawn d"]);
});

test("the bucket fills again, up to its capacity", () => {
  const delay = { initialMs: 0, factor: 2, maxMs: 1000, jitter: 0, resetAfterMs: 1000 };
  const services = [makeSpec("a", { restart: always, restartDelay: delay })];
  const world = new World({
    name: "storm",
    services,
    restartBucket: { capacity: 1, refillPerSecond: 1 },
    syslogPath: null,
  });
  world.startAll();
  for (let round = 0; round < 3; round++) {
    world.spawned("a");
    world.nowMs += 5000;
    world.exits("a", code(1));
    assert.deepEqual(world.deeds(), ["spawn a"]);
  }
  world.spawned("a");
  world.exits("a", code(1));
  assert.equal(world.kind("a"), "backoff");
});

test("a refill rate of 0 means that there is no bucket", () => {
  const delay = { initialMs: 0, factor: 2, maxMs: 1000, jitter: 0, resetAfterMs: 1000 };
  const services = [makeSpec("a", { restart: always, restartDelay: delay })];
  const world = new World({
    name: "storm",
    services,
    restartBucket: { capacity: 0, refillPerSecond: 0 },
    syslogPath: null,
  });
  world.startAll();
  world.spawned("a");
  world.exits("a", code(1));
  assert.deepEqual(world.deeds(), ["spawn a"]);
});

test("a restart by command takes no token", () => {
  const world = new World({
    name: "storm",
    services: [makeSpec("a")],
    restartBucket: { capacity: 1, refillPerSecond: 0.001 },
    syslogPath: null,
  });
  world.startAll();
  for (let round = 0; round < 5; round++) {
    world.spawned("a");
    world.restart("a");
    world.exits("a");
    assert.deepEqual(world.deeds(), ["spawn a"]);
  }
});
