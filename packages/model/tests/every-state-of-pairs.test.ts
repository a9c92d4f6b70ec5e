import assert from "node:assert/strict";
import { test } from "node:test";
import type { Configuration } from "@supervise/model";
import {
  dependsOn,
  healthcheck,
  makeConfiguration,
  makeSpec,
  readyByNotify,
} from "./support/specs.js";
import { walk } from "./support/walk.js";

const slow = { initialMs: 100, factor: 2, maxMs: 1000, jitter: 0, resetAfterMs: Infinity };
const systems: readonly (readonly [name: string, configuration: Configuration])[] = [
  [
    "a service that must be ready, and one that follows its restarts",
    makeConfiguration(
      makeSpec("db", { ready: readyByNotify, restart: { kind: "always" }, restartDelay: slow }),
      makeSpec("web", {
        dependencies: [dependsOn("db", "service_started", { restart: true })],
        restart: { kind: "on-failure", limit: 1 },
        restartDelay: slow,
      }),
    ),
  ],
  [
    "a oneshot with a restart limit, and a checked service after it",
    makeConfiguration(
      makeSpec("migrate", {
        type: "oneshot",
        restart: { kind: "on-failure", limit: null },
        restartLimit: { count: 1, windowMs: 1e9 },
        restartDelay: { ...slow, initialMs: 0 },
      }),
      makeSpec("web", {
        dependencies: [dependsOn("migrate", "service_completed_successfully")],
        health: healthcheck,
        restart: { kind: "no" },
      }),
    ),
  ],
  [
    "a forking service above a healthy one that it can do without",
    makeConfiguration(
      makeSpec("web", { health: { ...healthcheck, onUnhealthy: "none" }, restart: { kind: "no" } }),
      makeSpec("proxy", {
        type: "forking",
        dependencies: [dependsOn("web", "service_healthy", { required: false })],
        restart: { kind: "unless-stopped" },
        restartDelay: slow,
      }),
    ),
  ],
];

test("every reachable state of two services keeps the invariants, and leads to an end by a shutdown", (t) => {
  const seen = new Set<string>();
  for (const [name, configuration] of systems) {
    const result = walk(configuration);
    t.diagnostic(`${name}: ${result.states} states, ${result.steps} steps`);
    for (const pair of result.seen) seen.add(pair);
  }
  assert.deepEqual(
    [...seen].sort(),
    [
      "backoff wanted up",
      "done wanted up",
      "down wanted down",
      "failed wanted up",
      "starting wanted down",
      "starting wanted up",
      "stopping wanted down",
      "stopping wanted up",
      "up wanted down",
      "up wanted up",
      "waiting wanted up",
    ],
    "the pairs of state and wish that exist",
  );
});
