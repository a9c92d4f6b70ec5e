import assert from "node:assert/strict";
import type { Configuration, EngineEvent, ServiceSnapshot } from "@supervise/model";
import { World, operator, shutdown } from "./world.js";
import type { Move } from "./world.js";

/** What the engine keeps of a service besides what it shows. */
interface Inner extends ServiceSnapshot {
  readonly startAgain: boolean;
  readonly reached: boolean;
  readonly moved: boolean;
  readonly failures: number;
  readonly recent: readonly number[];
}

/**
 * What the future of a service depends on. Times and numbers are left out, and so is all that the next step forgets: how a run ends counts only
 * for a policy that will be asked, readiness and health only while it is up.
 */
function essence(service: Inner, asked: boolean): unknown {
  const { state, wanted, startAgain } = service;
  const counters = [service.failures, service.recent.length];
  switch (state.kind) {
    case "down":
    case "done":
      return [state.kind];
    case "waiting":
      return [state.kind, state.on.map(({ name }) => name), counters];
    case "starting":
      return [
        state.kind,
        state.pid !== null,
        wanted,
        service.stopRequested !== null,
        service.moved,
        counters,
      ];
    case "up":
      return [
        state.kind,
        wanted,
        service.stopRequested !== null,
        service.ready,
        service.health,
        counters,
      ];
    case "stopping": {
      const born = state.pid !== null || state.status !== null;
      const policy = wanted === "up" && !startAgain;
      return [
        state.kind,
        state.stage,
        born,
        state.status !== null,
        asked,
        wanted,
        startAgain,
        policy && [state.reason.kind === "exited", state.status, service.reached, counters],
      ];
    }
    case "backoff":
      return [state.kind, state.storm, counters];
    case "failed":
      return [state.kind, state.reason.kind === "dependency" && [state.reason.name, counters]];
  }
}

function keyOf(world: World): string {
  const services = Array.from(world.engine.snapshots(), (service) =>
    essence(service as Inner, world.runs.get(service.name)?.askedForSurvivors === true),
  );
  return JSON.stringify([services, world.engine.shuttingDown]);
}

export interface Walk {
  readonly states: number;
  readonly steps: number;
  /** Each `kind` that a service was in, with its wish. */
  readonly seen: ReadonlySet<string>;
}

/** Every state that can be reached, breadth first; the world checks each step, and from each state a shutdown must come to its end. `possible` leaves moves out. */
export function walk(
  configuration: Configuration,
  possible: (move: Move) => boolean = () => true,
): Walk {
  const commands: EngineEvent[] = [
    { type: "startAll", cause: operator },
    { type: "shutDown", cause: shutdown },
    { type: "shutDownNow", cause: shutdown },
    ...configuration.services.flatMap(({ name }): EngineEvent[] => [
      { type: "startService", name, cause: operator },
      { type: "stopService", name, cause: operator },
      { type: "restartService", name, cause: operator },
    ]),
  ];
  const first = new World(configuration);
  const known = new Set([keyOf(first)]);
  const seen = new Set<string>();
  let level = [first];
  let steps = 0;
  while (level.length > 0) {
    const next: World[] = [];
    for (const world of level) {
      for (const { wanted, state } of world.engine.snapshots())
        seen.add(`${state.kind} wanted ${wanted}`);
      const moves = [
        ...world.moves().filter(possible),
        ...commands.map((event) => ({ event, nowMs: world.nowMs })),
      ];
      for (const { event, nowMs } of moves) {
        const reached = world.clone();
        reached.send(event, nowMs);
        steps += 1;
        const key = keyOf(reached);
        if (known.has(key)) continue;
        known.add(key);
        next.push(reached);
      }
      const ending = world.clone();
      ending.shutDown();
      ending.settle();
      assert.equal(ending.allDown, 1, `a shutdown never ends from ${world.states()}`);
    }
    level = next;
  }
  return { states: known.size, steps, seen };
}
