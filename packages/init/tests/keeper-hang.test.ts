import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { gone, startKeeper, supervisorPid } from "./keeper-harness.js";

/** It is asked soon, and answers until it is told to hang. */
const HANGING = { hangAfter: "400ms", first: "ulimit -c 0", env: { PONGS: "1" } };

test("a supervisor that hangs before it is in service ends the init, without any SETTINGS", async (t) => {
  const kept = startKeeper(t, HANGING);
  const pid = await kept.begun();
  kept.tellLast("hang");
  assert.deepEqual(await kept.exit(), { code: 134, signal: null });
  assert.deepEqual(await kept.stderr.rest(), [
    `supervise-init: the supervisor (pid ${pid}) hung and was killed by SIGABRT before it was in service`,
  ]);
});

test("a later supervisor that hangs before it is in service is replaced", async (t) => {
  const kept = startKeeper(t, HANGING);
  await kept.begun();
  await kept.tell("ready");
  kept.tellLast("kill 9");
  await kept.said.match(/^hello 1 2 previous 2 9 timed /);
  kept.tellLast("hang");
  await kept.said.match(/^hello 1 3 previous 3 6 timed /);
});

test("an endless loop is found as well as a wait without end", async (t) => {
  const kept = startKeeper(t, HANGING);
  await kept.begun();
  await kept.tell("ready");
  kept.tellLast("spin");
  await kept.said.match(/^hello 1 2 previous 3 6 timed /);
});

test("SETTINGS may leave the pings as the init was told to send them", async (t) => {
  const kept = startKeeper(t, HANGING);
  await kept.begun();
  await kept.tell("settings 10000 0 0 ");
  await kept.tell("settings 10000 4294967295 0 ");
  await kept.tell("ready");
  await kept.said.match(/^ping \d+$/);
  const pid = await supervisorPid(kept);
  kept.tellLast("hang");
  await kept.said.match(/^hello 1 2 previous 3 6 timed /);
  await gone(pid);
});

test("the time in which all were frozen is not counted against the supervisor", async (t) => {
  const kept = startKeeper(t);
  await kept.begun();
  await kept.tell("ready");
  kept.tellLast("settings 10000 1 3000 ");
  const [, number] = await kept.said.match(/^ping (\d+)$/);
  const all = [await supervisorPid(kept), await kept.initPid()];
  for (const pid of all.toReversed()) process.kill(pid, "SIGSTOP");
  // Longer than the time limit, and less than a second longer.
  spawnSync("sleep", ["3.5"]);
  for (const pid of all) process.kill(pid, "SIGCONT");
  await kept.tell(`pong ${number}`);
  const [, next] = await kept.said.match(/^ping (\d+)$/);
  assert.equal(Number(next), Number(number) + 1);
  assert.equal(await supervisorPid(kept), all[0]);
});

test("while a stop goes on the supervisor is asked more often than the settings say", async (t) => {
  const kept = startKeeper(t);
  await kept.begun();
  await kept.tell("ready");
  await kept.tell("settings 5000 3600000 3600000 ");
  process.kill(await kept.initPid(), "SIGTERM");
  const [, read] = await kept.said.match(/^ping (\d+)$/);
  await kept.tell(`pong ${read}`);
  const [, again] = await kept.said.match(/^ping (\d+)$/);
  assert.equal(Number(again), Number(read) + 1);
});
