import { deepEqual, equal, match } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "../workspace.mjs";
import { scratchWorkspace } from "./scratch-workspace.mjs";

/** Runs one test file with the reporters and the preloaded module of run-tests.mjs. */
function runFile(t, text) {
  const directory = scratchWorkspace(t, { "a.test.mjs": text });
  const totals = join(directory, "totals.json");
  writeFileSync(totals, "");
  const reporters = [
    ["test-reporter.mjs", "stdout"],
    ["totals-reporter.mjs", totals],
  ].flatMap(([name, to]) => [
    `--test-reporter=${join(root, "scripts", name)}`,
    `--test-reporter-destination=${to}`,
  ]);
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const preload = `--import=${join(root, "scripts/fail-on-warning.mjs")}`;
  const ended = spawnSync(process.execPath, [preload, ...reporters, "--test", "a.test.mjs"], {
    cwd: directory,
    env,
    encoding: "utf8",
  });
  return {
    status: ended.status,
    text: ended.stdout,
    totals: JSON.parse(readFileSync(totals, "utf8")),
  };
}

test("passed, failed and skipped tests are added up, suites are not", (t) => {
  const { status, text, totals } = runFile(
    t,
    `import { describe, it, test } from "node:test";
     describe("suite", () => { it("passes", () => {}); it("fails", () => { throw new Error("on purpose"); }); });
     test("skips", { skip: "no nginx here" }, () => {});
     test("holds", async (t) => { await t.test("inner", () => {}); });`,
  );
  equal(status, 1);
  deepEqual(totals, { passed: 3, failed: 1, skipped: 1 });
  match(text, /not ok: a\.test\.mjs: suite > fails\n {4}Error: on purpose/);
  match(text, /skipped: a\.test\.mjs: skips \(no nginx here\)/);
  match(text, /not ok a\.test\.mjs: 3 passed, 1 failed, 1 skipped/);
});

test("a warning of the process fails the run", (t) => {
  const { status, totals } = runFile(
    t,
    `import { test } from "node:test";
     test("warns", async () => { process.emitWarning("a listener leak"); await new Promise(setImmediate); });`,
  );
  equal(status, 1);
  equal(totals.failed > 0, true);
});

test("a test file that crashes counts as failed", (t) => {
  const { status, totals } = runFile(
    t,
    `process.kill(process.pid, "SIGSEGV"); await new Promise(() => {});`,
  );
  equal(status, 1);
  equal(totals.failed, 1);
});
