import assert from "node:assert/strict";
import { test } from "node:test";
import { matchNames, UnknownServiceError } from "@supervise/model";

const all = [
  { name: "web-1", service: "web" },
  { name: "web-2", service: "web" },
  { name: "db", service: "db" },
  { name: "a.b", service: "a.b" },
];

const rows: readonly [rule: string, asked: readonly string[], found: readonly string[]][] = [
  ["no name means all", [], ["web-1", "web-2", "db", "a.b"]],
  ["an exact name means that one", ["db"], ["db"]],
  ["a configured name means all its replicas", ["web"], ["web-1", "web-2"]],
  ["a pattern means all it matches", ["web-*"], ["web-1", "web-2"]],
  ["a question mark stands for one character", ["d?"], ["db"]],
  ["a dot in a pattern is a dot", ["a.*"], ["a.b"]],
  [
    "each comes once, in the order of the configuration",
    ["db", "web", "web-1"],
    ["web-1", "web-2", "db"],
  ],
];

for (const [rule, asked, found] of rows) {
  test(rule, () => assert.deepEqual(matchNames(asked, all), found));
}

test("a name that matches nothing is an error that names what there is", () => {
  assert.throws(
    () => matchNames(["db", "wbe"], all),
    (error: unknown) =>
      error instanceof UnknownServiceError &&
      error.code === "unknown-service" &&
      error.message === 'cannot find service "wbe": no such service' &&
      error.hint === "the services are web-1, web-2, db, a.b",
  );
});
