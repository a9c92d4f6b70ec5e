import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { Configuration, Dependency, EngineEvent, ServiceSpec } from "@supervise/model";
import { healthcheck, makeSpec, readyByNotify } from "./support/specs.js";
import { World, operator, shutdown } from "./support/world.js";

/** Configurations of one to five services; a service depends only on earlier ones, so there is no cycle. */
const configurations: fc.Arbitrary<Configuration> = fc
  .integer({ min: 1, max: 5 })
  .chain((count) =>
    fc
      .tuple(...Array.from({ length: count }, (_, index) => specAt(index)))
      .chain((services) =>
        fc
          .constantFrom(
            { capacity: 1000, refillPerSecond: 1000 },
            { capacity: 1, refillPerSecond: 2 },
          )
          .map((restartBucket) => ({ name: "random", services, restartBucket, syslogPath: null })),
      ),
  );

function specAt(index: number): fc.Arbitrary<ServiceSpec> {
  const earlier = Array.from({ length: index }, (_, number) => `s${number}`);
  const dependencies: fc.Arbitrary<Dependency[]> = fc.subarray(earlier).chain((names) =>
    names.length === 0
      ? fc.constant<Dependency[]>([])
      : fc.tuple(
          ...names.map((name) =>
            fc.record({
              name: fc.constant(name),
              condition: fc.constantFrom(
                "service_started" as const,
                "service_healthy" as const,
                "service_completed_successfully" as const,
              ),
              required: fc.boolean(),
              restart: fc.boolean(),
            }),
          ),
        ),
  );
  return fc
    .record({
      type: fc.constantFrom("service" as const, "oneshot" as const, "forking" as const),
      dependencies,
      restart: fc.constantFrom<ServiceSpec["restart"][]>(
        { kind: "no" },
        { kind: "always" },
        { kind: "on-failure", limit: null },
        { kind: "on-failure", limit: 2 },
        { kind: "unless-stopped" },
      ),
      restartDelay: fc.constantFrom(0, 100).map((initialMs) => ({
        initialMs,
        factor: 2,
        maxMs: 1000,
        jitter: 0.5,
        resetAfterMs: 1000,
      })),
      restartLimit: fc.constantFrom(null, { count: 3, windowMs: 10_000 }),
      ready: fc.constantFrom(null, readyByNotify),
      health: fc.constantFrom(null, healthcheck, { ...healthcheck, onUnhealthy: "none" as const }),
    })
    .map((given) => makeSpec(`s${index}`, given));
}

function commands(
  { engine }: World,
  other: Configuration,
  generation: number,
): readonly EngineEvent[] {
  const events: EngineEvent[] = [{ type: "startAll", cause: { kind: "policy" } }];
  for (const { name } of engine.configuration.services) {
    events.push(
      { type: "startService", name, cause: operator },
      { type: "stopService", name, cause: operator },
      { type: "restartService", name, cause: operator },
      { type: "deadlineReached", name },
      { type: "treeGone", name, run: 1 },
      { type: "spawned", name, run: 0, pid: 1 },
    );
  }
  const names = other.services.map(({ name }) => name);
  events.push(
    {
      type: "applyConfiguration",
      configuration: other,
      restart: names.filter((_, index) => index % 2 === generation % 2),
      generation,
    },
    { type: "applyConfiguration", configuration: other, restart: names, generation },
  );
  return events;
}

/** Plays random moves and commands; the world checks after each. */
function play(
  first: Configuration,
  second: Configuration,
  choices: readonly (readonly [number, boolean])[],
): World {
  const world = new World(first);
  let generation = 1;
  for (const [choice, commanded] of choices) {
    const moves = world.moves();
    if (commanded || moves.length === 0) {
      const other = world.engine.configuration === first ? second : first;
      const events = commands(world, other, generation);
      const event = events[choice % events.length];
      assert.ok(event !== undefined);
      if (event.type === "applyConfiguration") generation += 1;
      // Neither a stale fact nor an early deadline may do harm; a spent timer is the world's to forget.
      world.send(event, world.nowMs + (choice % 3));
    } else {
      const move = moves[choice % moves.length];
      assert.ok(move !== undefined);
      world.send(move.event, move.nowMs);
    }
  }
  return world;
}

const choices = fc.array(
  fc.tuple(
    fc.nat(10_000),
    fc.integer({ min: 0, max: 4 }).map((value) => value === 0),
  ),
  { maxLength: 120 },
);
const runs = { numRuns: 1500, includeErrorInReport: true };

test("random events never start a service twice, leave it up without a process, or arm two deadlines", () => {
  fc.assert(
    fc.property(configurations, configurations, choices, (first, second, sequence) => {
      play(first, second, sequence);
    }),
    runs,
  );
});

test("after a stop every service reaches down, whatever came before", () => {
  fc.assert(
    fc.property(configurations, configurations, choices, (first, second, sequence) => {
      const world = play(first, second, sequence);
      for (const { name } of world.engine.configuration.services) world.stop(name);
      world.settle();
      for (const { name, state } of world.engine.snapshots())
        assert.equal(state.kind, "down", name);
      assert.ok(world.engine.settled());
      assert.equal(world.deadlines.size, 0);
    }),
    runs,
  );
});

test("a shutdown ends in one all-down and nothing starts any more, whatever came before and comes after", () => {
  fc.assert(
    fc.property(
      configurations,
      configurations,
      choices,
      fc.boolean(),
      (first, second, sequence, now) => {
        const world = play(first, second, sequence);
        world.shutDown();
        if (now) world.send({ type: "shutDownNow", cause: shutdown });
        world.startAll();
        for (const { name } of world.engine.configuration.services) world.restart(name);
        world.settle();
        assert.equal(world.allDown, 1);
        world.startAll();
        world.shutDown();
        assert.equal(world.allDown, 1);
        for (const { name, state } of world.engine.snapshots())
          assert.equal(state.kind, "down", name);
      },
    ),
    runs,
  );
});

test("two engines that hear the same say the same, and a clone is one of them", () => {
  fc.assert(
    fc.property(configurations, configurations, choices, (first, second, sequence) => {
      const half = Math.floor(sequence.length / 2);
      const world = play(first, second, sequence.slice(0, half));
      const twin = world.clone();
      for (const [choice] of sequence.slice(half)) {
        const moves = world.moves();
        if (moves.length === 0) break;
        const move = moves[choice % moves.length];
        assert.ok(move !== undefined);
        assert.deepEqual(twin.send(move.event, move.nowMs), world.send(move.event, move.nowMs));
      }
      assert.deepEqual([...twin.engine.snapshots()], [...world.engine.snapshots()]);
    }),
    { ...runs, numRuns: 300 },
  );
});
