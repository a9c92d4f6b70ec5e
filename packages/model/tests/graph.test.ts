import assert from "node:assert/strict";
import { test } from "node:test";
import { findCycle, formatCycle, startOrder } from "@supervise/model";
import type { GraphNode } from "@supervise/model";

function nodes(edges: Readonly<Record<string, readonly string[]>>): readonly GraphNode[] {
  return Object.entries(edges).map(([name, dependsOn]) => ({ name, dependsOn }));
}

test("a cycle comes back as its path, without what leads to it, and is printed with arrows", () => {
  const cycle = findCycle(nodes({ entry: ["a"], a: ["b"], b: ["c"], c: ["a"] }));
  assert.deepEqual(cycle, ["a", "b", "c", "a"]);
  assert.equal(formatCycle(cycle ?? []), "a -> b -> c -> a");
});

test("a service that depends on itself is a cycle of one", () => {
  assert.deepEqual(findCycle(nodes({ a: ["a"] })), ["a", "a"]);
});

test("a diamond is no cycle, and names that are no service are passed over", () => {
  assert.equal(
    findCycle(
      nodes({ top: ["left", "right"], left: ["base"], right: ["base", "nobody"], base: [] }),
    ),
    null,
  );
});

test("a chain of 100,000 services is walked without running out of stack", () => {
  const chain = Array.from({ length: 100_000 }, (_, index) => ({
    name: `s${index}`,
    dependsOn: index === 99_999 ? [] : [`s${index + 1}`],
  }));
  assert.equal(findCycle(chain), null);
});

test("the start order is by levels; within a level the given order stands", () => {
  const order = startOrder(
    nodes({ web: ["db", "cache"], cache: [], db: [], proxy: ["web", "db", "nobody"] }),
  );
  assert.deepEqual(order, [["cache", "db"], ["web"], ["proxy"]]);
});

test("a dependency named twice counts once", () => {
  assert.deepEqual(startOrder(nodes({ web: ["db", "db"], db: [] })), [["db"], ["web"]]);
});

test("there is no start order of a cycle", () => {
  assert.throws(
    () => startOrder(nodes({ a: ["b"], b: ["a"] })),
    new RangeError("dependency cycle: a -> b -> a"),
  );
});
