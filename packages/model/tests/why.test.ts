import assert from "node:assert/strict";
import { test } from "node:test";
import {
  describeCause,
  describeEnd,
  describeExit,
  explain,
  formatDuration,
  reasonLine,
} from "@supervise/model";
import type { Configuration, ExitStatus, RunEnd, ServiceSpec, StopReason } from "@supervise/model";
import {
  dependsOn,
  healthcheck,
  makeConfiguration,
  makeSpec,
  readyByNotify,
} from "./support/specs.js";
import { World, code, shutdown } from "./support/world.js";

const segfault: ExitStatus = { kind: "signal", signal: "SIGSEGV", coreDumped: false };
const noCommand = { stage: 'executing "node"', errno: "ENOENT", transient: false };

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

test("durations have units, and as many as one can take in", () => {
  const rows: readonly (readonly [number, string])[] = [
    [0, "0 ms"],
    [-5, "0 ms"],
    [850.4, "850 ms"],
    [999.6, "1 s"],
    [1000, "1 s"],
    [3200, "3.2 s"],
    [9940, "9.9 s"],
    [9960, "10 s"],
    [59_400, "59 s"],
    [59_600, "1 min"],
    [125_000, "2 min 5 s"],
    [3_600_000, "1 h"],
    [12_000_000, "3 h 20 min"],
    [86_400_000, "1 d"],
    [90_000_000, "1 d 1 h"],
  ];
  for (const [ms, text] of rows) assert.equal(formatDuration(ms), text);
});

test("an exit is said by its code or its signal", () => {
  assert.equal(describeExit(code(3)), "exited with code 3");
  assert.equal(describeExit(segfault), "was killed by SIGSEGV");
  assert.equal(
    describeExit({ ...segfault, coreDumped: true }),
    "was killed by SIGSEGV (core dumped)",
  );
  assert.equal(
    describeExit({ kind: "unknown" }),
    "ended with a status that the kernel does not tell",
  );
});

test("the end of a run says why it was stopped, and how it ended", () => {
  const end = (reason: StopReason): RunEnd => ({
    kind: "exited",
    run: 1,
    status: segfault,
    atMs: 0,
    reason,
  });
  assert.equal(describeEnd(end({ kind: "exited", status: segfault })), "was killed by SIGSEGV");
  assert.equal(
    describeEnd(end({ kind: "requested", cause: shutdown })),
    "was stopped by the shutdown (SIGTERM) and was killed by SIGSEGV",
  );
  assert.equal(
    describeEnd(end({ kind: "notReady", detail: "closed" })),
    "was stopped because it did not become ready (closed) and was killed by SIGSEGV",
  );
  assert.equal(
    describeEnd(end({ kind: "unhealthy", detail: "exit code 1" })),
    "was stopped because it was unhealthy (exit code 1) and was killed by SIGSEGV",
  );
  assert.equal(
    describeEnd(end({ kind: "watchdog", timeoutMs: 1500 })),
    "was stopped because its watchdog heard nothing for 1.5 s and was killed by SIGSEGV",
  );
  assert.equal(
    describeEnd({ kind: "spawnFailed", run: 1, failure: noCommand, atMs: 0 }),
    'could not start: executing "node" (ENOENT)',
  );
});

test("every cause has its words", () => {
  assert.deepEqual(
    [
      describeCause({ kind: "operator", by: "uid 1000" }),
      describeCause({ kind: "dependency", name: "web" }),
      describeCause({ kind: "configuration", generation: 2 }),
      describeCause({ kind: "shutdown", by: "SIGTERM" }),
      describeCause({ kind: "signal", signal: "SIGHUP" }),
      describeCause({ kind: "policy" }),
      describeCause({ kind: "fileChanged", path: "src/a.js" }),
    ],
    [
      "by uid 1000",
      'because of "web"',
      "by configuration 2",
      "by the shutdown (SIGTERM)",
      "by SIGHUP",
      "by policy",
      'because "src/a.js" has changed',
    ],
  );
});

test("down: not started yet", () => {
  assert.deepEqual(why(new World(makeConfiguration(makeSpec("api"))), "api"), [
    'service "api" is down: not started yet',
  ]);
});

test("down: who stopped it, when, and how the last run ended", () => {
  const world = up();
  world.stop("api");
  world.exits("api", code(0));
  world.nowMs += 3200;
  assert.deepEqual(why(world, "api"), [
    'service "api" is down: stopped by root, 3.2 s ago',
    "run 1 was stopped by root and exited with code 0, 3.2 s ago",
  ]);
});

test("waiting: down to the root, through every service on the way", () => {
  const world = started(
    makeConfiguration(
      makeSpec("db", {
        restart: { kind: "always" },
        restartDelay: { initialMs: 3200, factor: 1, maxMs: 5000, jitter: 0, resetAfterMs: 1e6 },
      }),
      makeSpec("web", { dependencies: [dependsOn("db")] }),
      makeSpec("proxy", {
        dependencies: [
          dependsOn("web", "service_healthy"),
          dependsOn("db", "service_completed_successfully"),
        ],
      }),
    ),
    "db",
  );
  world.stop("web");
  world.exits("db", code(1));
  world.spawned("web");
  world.exits("web");
  world.start("web");
  assert.deepEqual(why(world, "proxy"), [
    'service "proxy" is waiting: "web" is not healthy yet, "db" has not completed yet',
    "it is wanted up: asked for by policy",
    'service "web" is waiting: "db" is not up yet',
    'service "db" is in back-off: run 1 exited with code 1; next run in 3.2 s',
  ]);
});

test("waiting: a dependency with a ready check is not ready, and one that was stopped says by whom", () => {
  const world = started(
    makeConfiguration(
      makeSpec("db", { ready: readyByNotify }),
      makeSpec("web", { dependencies: [dependsOn("db")] }),
    ),
    "db",
  );
  world.stop("db");
  world.exits("db");
  assert.deepEqual(why(world, "web"), [
    'service "web" is waiting: "db" is not ready yet',
    "it is wanted up: asked for by policy",
    'service "db" is down: stopped by root, 0 ms ago',
  ]);
});

test("starting: what is missing, and how long it may still take", () => {
  const world = new World(makeConfiguration(makeSpec("api", { ready: readyByNotify })));
  world.start("api");
  assert.equal(
    why(world, "api")[0],
    'service "api" is starting: the process of run 1 is being started',
  );
  world.spawned("api");
  world.nowMs += 100;
  assert.deepEqual(why(world, "api"), [
    'service "api" is starting: run 1 (pid 100) is not ready yet; 400 ms left',
    "it is wanted up: asked for by root",
  ]);
});

test("starting: a oneshot is at work, a forking service has not put itself in the background", () => {
  assert.equal(
    why(up({ type: "oneshot" }), "api")[0],
    'service "api" is starting: run 1 (pid 100) has been at work for 0 ms',
  );
  assert.equal(
    why(up({ type: "forking" }), "api")[0],
    'service "api" is starting: run 1 (command: pid 100) has no daemon in the background yet',
  );
});

test("up: since when, its health, its restarts and the last end", () => {
  const delay = { initialMs: 0, factor: 1, maxMs: 0, jitter: 0, resetAfterMs: 1 };
  const world = up({ health: healthcheck, restart: { kind: "always" }, restartDelay: delay });
  world.exits("api", segfault);
  world.spawned("api");
  world.nowMs += 125_000;
  assert.deepEqual(why(world, "api"), [
    'service "api" is up: run 2 (pid 101) for 2 min 5 s, its first healthcheck is not over',
    "it is wanted up: asked for by policy",
    "run 1 was killed by SIGSEGV, 2 min 5 s ago",
    "it was restarted by policy once since it was last asked for",
  ]);
  world.healthy("api");
  assert.match(line(world, "api"), /, healthy$/);
});

test("up: a stop or restart that waits for dependents, and an announced stop", () => {
  const world = started(
    makeConfiguration(
      makeSpec("db"),
      makeSpec("web", { dependencies: [dependsOn("db", "service_started", { restart: true })] }),
    ),
    "db",
    "web",
  );
  world.restart("db");
  assert.equal(
    line(world, "db"),
    "run 1 (pid 100) for 0 ms; its restart, asked for by root, waits until its dependents have stopped",
  );
  world.stop("db");
  assert.equal(
    line(world, "db"),
    "run 1 (pid 100) for 0 ms; its stop, asked for by root, waits until its dependents have stopped",
  );
  const other = up();
  other.send({ type: "stoppingAnnounced", name: "api", run: 1 });
  assert.equal(line(other, "api"), "run 1 (pid 100) for 0 ms, has announced that it stops");
});

test("stopping: every stage says what was done and what comes next", () => {
  const world = up();
  world.stop("api");
  world.nowMs += 400;
  assert.deepEqual(why(world, "api"), [
    'service "api" is stopping: asked for by root; SIGTERM was sent 400 ms ago, SIGKILL in 600 ms',
    "it is wanted down: asked for by root",
  ]);
  world.mainExits("api");
  assert.equal(
    line(world, "api"),
    "asked for by root; others of its processes are left, SIGKILL in 600 ms",
  );
  world.start("api");
  world.deadline("api");
  assert.equal(
    line(world, "api"),
    "asked for by root; SIGKILL was sent to all that is left of it; it is wanted up again",
  );
  world.deadline("api");
  world.send({ type: "survivorsNamed", name: "api", run: 1, pids: [4123, 4124] });
  assert.deepEqual(
    why(world, "api").filter((text) => !text.startsWith("it is wanted")),
    [
      'service "api" is stopping: asked for by root; still running 5 s after SIGKILL (pid 4123, 4124); it is wanted up again',
      "it is started again as soon as these processes are gone",
    ],
  );
});

test("stopping: a stop command, and each reason to stop", () => {
  const world = up({
    stop: { signal: "SIGTERM", gracePeriodMs: 1000, command: { words: ["/bin/stop"] } },
  });
  world.send({ type: "watchdogExpired", name: "api", run: 1, timeoutMs: 2000 });
  assert.equal(
    why(world, "api")[0],
    'service "api" is stopping: its watchdog heard nothing for 2 s; its stop command was started 0 ms ago, SIGKILL in 1 s; it is wanted up again',
  );
  const exited = up();
  exited.mainExits("api", code(2));
  assert.match(
    line(exited, "api"),
    /^its main process exited with code 2; others of its processes are left/,
  );
  const sick = up({ health: healthcheck });
  sick.healthy("api", "unhealthy");
  assert.match(line(sick, "api"), /^it was unhealthy \(exit code 1\); it was told to stop/);
  const late = up({ ready: readyByNotify });
  late.deadline("api");
  assert.match(line(late, "api"), /^it did not become ready \(not ready within 500 ms\); /);
});

test("back-off: a storm is named as such", () => {
  const given = {
    restart: { kind: "always" as const },
    restartDelay: { initialMs: 0, factor: 1, maxMs: 0, jitter: 0, resetAfterMs: 1 },
  };
  const world = new World({
    ...makeConfiguration(makeSpec("api", given)),
    restartBucket: { capacity: 0, refillPerSecond: 1 },
  });
  world.start("api");
  world.send({ type: "spawnFailed", name: "api", run: 1, failure: noCommand });
  assert.equal(
    line(world, "api"),
    'run 1 could not start: executing "node" (ENOENT); many services restart at once, its turn comes in 1 s',
  );
});

test("failed: the restart limit with its numbers", () => {
  const delay = { initialMs: 0, factor: 1, maxMs: 0, jitter: 0, resetAfterMs: 1e6 };
  const world = up({
    restart: { kind: "always" },
    restartDelay: delay,
    restartLimit: { count: 5, windowMs: 10_000 },
  });
  for (let run = 0; run < 5; run++) {
    world.exits("api", code(1));
    world.spawned("api");
  }
  world.exits("api", segfault);
  assert.deepEqual(why(world, "api"), [
    'service "api" failed: 6 runs ended within 10 s, over its limit of 5; the last was killed by SIGSEGV',
    "it is wanted up: asked for by policy",
    "it was restarted by policy 5 times since it was last asked for",
    "nothing more is tried until it is started again",
  ]);
});

test("failed: the policy, and the limit of on-failure", () => {
  const world = up();
  world.exits("api", code(3));
  assert.equal(
    why(world, "api")[0],
    'service "api" failed: run 1 exited with code 3, and its restart policy is "no"',
  );
  const limited = up({ restart: { kind: "on-failure", limit: 0 } });
  limited.exits("api", code(3));
  assert.equal(
    line(limited, "api"),
    '1 run failed in a row, over the limit of its restart policy "on-failure:0"; the last exited with code 3',
  );
});

test("failed: a dependency, with its own reason and how it heals", () => {
  const world = started(
    makeConfiguration(makeSpec("db"), makeSpec("web", { dependencies: [dependsOn("db")] })),
  );
  world.send({ type: "spawnFailed", name: "db", run: 1, failure: noCommand });
  assert.deepEqual(why(world, "web"), [
    'service "web" failed: its dependency "db" failed',
    "it is wanted up: asked for by policy",
    'it goes on by itself once "db" is there',
    'service "db" failed: run 1 could not start: executing "node" (ENOENT), and its restart policy is "no"',
  ]);
});

test("done: how and when", () => {
  const world = up({ type: "oneshot" });
  world.exits("api");
  world.nowMs += 5000;
  assert.deepEqual(why(world, "api"), ['service "api" is done: run 1 exited with code 0, 5 s ago']);
});
