import { equal, rejects, throws } from "node:assert/strict";
import { closeSync, openSync } from "node:fs";
import { test } from "node:test";
import {
  assertNoChildren,
  assertNoLeaks,
  atEnd,
  isAlive,
  readProcess,
  spawnFixture,
  start,
  temporaryDirectory,
  until,
} from "@supervise/testkit";
import type { TestScope } from "@supervise/testkit";

function scope(): TestScope & { end(): Promise<void> } {
  const hooks: (() => void | Promise<void>)[] = [];
  return {
    after: (undo) => void hooks.push(undo),
    end: async () => {
      for (const hook of hooks) await hook();
    },
  };
}

test("a descriptor left open is named", async () => {
  const inner = scope();
  assertNoLeaks(inner, 100);
  const fd = openSync("/dev/null", "r");
  await rejects(inner.end(), /\/dev\/null/);
  closeSync(fd);
});

test("a child left behind is named", async (t) => {
  const inner = scope();
  assertNoLeaks(inner, 100);
  const { pid } = await spawnFixture(t, "ignore-term");
  await until(() => readProcess(pid)?.state === "S", { what: "it to wait for signals" });
  await rejects(inner.end(), /child \d+ ignore-term S/);
  throws(() => assertNoChildren(), /children are left/);
});

test("what start() started is gone at the end", async () => {
  const inner = scope();
  assertNoLeaks(inner);
  await spawnFixture(inner, "ignore-term");
  await inner.end();
  assertNoChildren();
});

test("a directory in use by a process at the end is an error that names the process", async (t) => {
  const inner = scope();
  const directory = temporaryDirectory(inner, 100);
  const user = start(t, "sleep", ["60"], { cwd: directory });
  equal(user.pid > 0, true);
  await rejects(inner.end(), new RegExp(`${user.pid} sleep: ${directory}`));
});

test("a process in the directory is ended before the directory goes", async () => {
  const inner = scope();
  const directory = temporaryDirectory(inner);
  start(inner, "sleep", ["60"], { cwd: directory });
  atEnd(inner, () => {});
  await inner.end();
});

test("what is left of a process group whose leader has ended is ended too", async () => {
  const inner = scope();
  const started = start(inner, "sh", ["-c", "sleep 60 >&- 2>&- & echo $!"]);
  const left = Number(await started.stdout.next());
  await started.exit();
  equal(isAlive(left), true);
  await inner.end();
  equal(isAlive(left), false);
});
