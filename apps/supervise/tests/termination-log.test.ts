import { spawnSync } from "node:child_process";
import { equal, match } from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryDirectory } from "@supervise/testkit";
import { terminationLogPath, writeTerminationLog } from "#supervise/up/termination-log.js";

test("the log is the same file afterwards, with the reason and nothing of before", (t) => {
  const path = join(temporaryDirectory(t), "log");
  equal(writeTerminationLog(path, "first and long"), null);
  equal(writeTerminationLog(path, "short"), null);
  equal(readFileSync(path, "utf8"), "short");
});

test("a reason of more than 4096 bytes is cut, between two characters", (t) => {
  const path = join(temporaryDirectory(t), "log");
  for (const [text, length] of [
    ["x".repeat(4096), 4096],
    ["x".repeat(5000), 4096],
    [`${"x".repeat(4095)}\u20ac`, 4095],
    [`${"x".repeat(4093)}\u20ac!`, 4096],
    [`x${"\u{1f600}".repeat(2000)}`, 4093],
  ] as const) {
    equal(writeTerminationLog(path, text), null);
    equal(readFileSync(path).length, length);
    equal(readFileSync(path, "utf8").includes("\ufffd"), false);
  }
});

test("what is no file, or can't be opened, is told", (t) => {
  const directory = temporaryDirectory(t);
  const fifo = join(directory, "fifo");
  equal(spawnSync("mkfifo", [fifo]).status, 0);
  match(writeTerminationLog(fifo, "x") ?? "", /ENXIO|it is no file/);
  match(writeTerminationLog("/dev/null", "x") ?? "", /it is no file/);
  match(writeTerminationLog(directory, "x") ?? "", /EISDIR/);
  writeFileSync(join(directory, "file"), "");
  match(writeTerminationLog(join(directory, "file", "log"), "x") ?? "", /ENOTDIR/);
});

test("a named log is taken anywhere, the usual one not by a supervisor that nobody started in a container", () => {
  equal(terminationLogPath("/some/where", true), "/some/where");
  equal(terminationLogPath(null, true), "");
});
