import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { initProgram } from "@supervise/init";
import { assertNoLeaks } from "@supervise/testkit";

test("a call without a command is a wrong usage", (t) => {
  assertNoLeaks(t);
  const { status, stderr } = spawnSync(initProgram, [], { encoding: "utf8" });
  assert.equal(status, 64);
  assert.match(stderr, /^supervise-init: cannot run: no command given/);
});
