import assert from "node:assert/strict";
import { test } from "node:test";
import { dependsOn, makeConfiguration, makeSpec } from "./support/specs.js";
import { walk } from "./support/walk.js";

// What a single service does between being told and being gone is walked with two; with three it is the order that counts.
const moves = new Set(["spawned", "exit 0, gone", "exit 1, gone"]);

test("every reachable state of a chain of three keeps the invariants, and leads to an end by a shutdown", (t) => {
  const chain = makeConfiguration(
    makeSpec("a"),
    makeSpec("b", { type: "oneshot", dependencies: [dependsOn("a")] }),
    makeSpec("c", {
      dependencies: [dependsOn("b", "service_completed_successfully", { restart: true })],
    }),
  );
  const { states, steps } = walk(chain, ({ label }) => moves.has(label));
  t.diagnostic(`${states} states, ${steps} steps`);
  assert.ok(states > 500);
});

test("every reachable state of a diamond's two arms keeps the invariants, and leads to an end by a shutdown", (t) => {
  const arms = makeConfiguration(
    makeSpec("base"),
    makeSpec("left", { dependencies: [dependsOn("base", "service_started", { restart: true })] }),
    makeSpec("right", {
      dependencies: [dependsOn("base", "service_started", { required: false })],
    }),
  );
  const { states, steps } = walk(arms, ({ label }) => moves.has(label));
  t.diagnostic(`${states} states, ${steps} steps`);
  assert.ok(states > 500);
});
