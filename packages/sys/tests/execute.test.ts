import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";

const FIXTURE = join(import.meta.dirname, "fixtures/execute-shell.js");

test("a program that takes our place finds nothing of Node's, and every byte of its words", () => {
  const ended = spawnSync(process.execPath, [FIXTURE], { timeout: 60_000, encoding: "latin1" });
  assert.equal(ended.status, 0, ended.stderr);
  const [first = "", limit, ...rest] = ended.stdout.split("\n");
  assert.deepEqual(first, `-2 ${ended.pid}`, "a call that fails comes back; the PID stays");
  assert.equal(limit, "77");
  const masks = rest.splice(0, 3).map((line) => line.split(/:\s*/)[1]);
  assert.deepEqual(masks.slice(0, 2), ["0000000000000000", "0000000000000000"]);
  const [descriptors, value, word] = rest;
  assert.equal(descriptors, "0, 1, 2");
  assert.deepEqual([value?.trim(), word?.trim()], ["ff", "fe"]);
});
