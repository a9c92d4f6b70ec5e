import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gone, STANDINGS, standingSkip, startKeeper, supervisorPid } from "./keeper-harness.js";

for (const code of [0, 1, 64, 78, 255]) {
  test(`a supervisor that exits with ${code} before it was in service ends the init with ${code}`, async (t) => {
    const kept = startKeeper(t);
    await kept.begun();
    kept.tellLast(`exit ${code}`);
    assert.deepEqual(await kept.exit(), { code, signal: null });
    // It has said why itself.
    assert.deepEqual(await kept.stderr.rest(), []);
  });
}

test("a supervisor that is killed before it was in service ends the init with 128 and the signal", async (t) => {
  const kept = startKeeper(t);
  const pid = await kept.begun();
  kept.tellLast("kill 9");
  assert.deepEqual(await kept.exit(), { code: 137, signal: null });
  assert.deepEqual(await kept.stderr.rest(), [
    `supervise-init: the supervisor (pid ${pid}) was killed by SIGKILL before it was in service`,
  ]);
});

for (const standing of STANDINGS) {
  for (const [command, status] of [
    ["exit 0", "1 0"],
    ["exit 1", "1 1"],
    ["kill 6", "2 6"],
    ["kill 9", "2 9"],
    ["kill 11", "2 11"],
  ] as const) {
    test(
      `after ${command} in service a new supervisor is started and told so, as ${standing}`,
      { skip: standingSkip(standing) },
      async (t) => {
        const kept = startKeeper(t, { standing, first: "ulimit -c 0" });
        const first = await kept.begun();
        await kept.tell("ready");
        kept.tellLast(command);
        await kept.said.match(new RegExp(`^hello 1 2 previous ${status} timed lost 0 0 `));
        await kept.said.match(/^begin$/);
        await kept.stderr.match(
          new RegExp(
            `^supervise-init: the supervisor \\(pid ${first}\\) (exited with code|was killed by) \\S+: starting it anew$`,
          ),
        );
      },
    );
  }
}

test("the sixth short life within a minute is one too many: everything is ended with 70", async (t) => {
  const kept = startKeeper(t);
  await kept.begun();
  await kept.tell("ready");
  await kept.tell(`settings 10000 0 0 ${join(kept.folder, "log")}`);
  for (let death = 1; death <= 5; death++) {
    kept.tellLast("kill 9");
    await kept.begun();
  }
  const last = await supervisorPid(kept);
  kept.tellLast("exit 1");
  assert.deepEqual(await kept.exit(), { code: 70, signal: null });
  const reason = `the supervisor (pid ${last}) exited with code 1: it ended 6 times within 60 s, each time less than 10 s after its start`;
  assert.equal((await kept.stderr.rest()).at(-1), `supervise-init: ${reason}`);
  assert.equal(readFileSync(join(kept.folder, "log"), "utf8"), reason);
});

test("an upgrade is no fault, however often it is done", async (t) => {
  const kept = startKeeper(t);
  await kept.begun();
  await kept.tell("ready");
  for (let generation = 2; generation <= 12; generation++) {
    await kept.tell("upgrade");
    kept.tellLast("exit 3");
    await kept.said.match(new RegExp(`^hello 1 ${generation} previous 4 3 timed `));
    await kept.said.match(/^begin$/);
  }
  assert.deepEqual(kept.stderr.all, []);
});

test("an unanswered ping ends the supervisor by SIGABRT, and the next one learns that it hung", async (t) => {
  const kept = startKeeper(t, { first: "ulimit -c 0" });
  await kept.begun();
  await kept.tell("ready");
  kept.tellLast("settings 10000 1 10000 ");
  const answered = ["", ""];
  for (const index of answered.keys()) {
    const [, number] = await kept.said.match(/^ping (\d+)$/);
    assert.equal(Number(number), index + 1);
    await kept.tell(`pong ${number}`);
  }
  const pid = await supervisorPid(kept);
  // From here on it answers none.
  kept.tellLast("settings 10000 1 50 ");
  await kept.said.match(/^hello 1 2 previous 3 6 timed /);
  await kept.stderr.match(/hung and was killed by SIGABRT: starting it anew$/);
  await gone(pid);
});

test("a supervisor that survives SIGABRT gets SIGKILL", async (t) => {
  const kept = startKeeper(t, { env: { IGNORE_ABORT: "1", PONGS: "1" } });
  await kept.begun();
  await kept.tell("ready");
  await kept.tell("settings 10000 1 300 ");
  await kept.tell("hang");
  await kept.said.match(/^hello 1 2 previous 3 9 timed /);
});

test("a supervisor that is stopped by a signal hangs as well", async (t) => {
  const kept = startKeeper(t, { first: "ulimit -c 0", env: { PONGS: "1" } });
  await kept.begun();
  await kept.tell("ready");
  await kept.tell("settings 10000 1 300 ");
  kept.tellLast("kill 19");
  await kept.said.match(/^hello 1 2 previous 3 6 timed /);
});

test("a supervisor that closes its socket and lives on is taken for hung", async (t) => {
  const kept = startKeeper(t, { first: "ulimit -c 0" });
  await kept.begun();
  await kept.tell("ready");
  await kept.tell("close");
  await kept.said.match(/^hello 1 2 previous 3 6 timed /);
});

test("FINISHED ends everything that is left with its code; the reason is said on stderr and in the termination log", async (t) => {
  const kept = startKeeper(t);
  await kept.begun();
  await kept.tell("ready");
  const log = join(kept.folder, "log");
  writeFileSync(log, "something old and longer than the reason is going to be");
  await kept.tell(`settings 10000 0 0 ${log}`);
  kept.tellLast("spawn 2000");
  const [, left] = await kept.said.match(/^spawned (\d+) /);
  kept.tellLast("finished 42 service \u0007 web failed");
  kept.tellLast("exit 0");
  assert.deepEqual(await kept.exit(), { code: 42, signal: null });
  assert.deepEqual(await kept.stderr.rest(), ["supervise-init: service   web failed"]);
  assert.equal(readFileSync(log, "utf8"), "service \u0007 web failed");
  await gone(Number(left));
});

test("what a supervisor said last is heard although it left packets unread", async (t) => {
  const kept = startKeeper(t);
  await kept.begun();
  await kept.tell("ready");
  await kept.tell("deaf");
  await kept.tell("many 300");
  const pid = await supervisorPid(kept);
  const init = await kept.initPid();
  // So that its end and its last words are found at once.
  process.kill(init, "SIGSTOP");
  await kept.tell("finished 21");
  kept.tellLast("exit 0");
  await gone(pid);
  process.kill(init, "SIGCONT");
  assert.deepEqual(await kept.exit(), { code: 21, signal: null });
});

test("a supervisor that said it is finished and does not exit is ended with the rest", async (t) => {
  const kept = startKeeper(t);
  await kept.begun();
  await kept.tell("settings 1 0 0 ");
  const pid = await supervisorPid(kept);
  await kept.tell("finished 9");
  await kept.tell("hang");
  assert.deepEqual(await kept.exit(), { code: 9, signal: null });
  await gone(pid);
});

test("a second SIGTERM during the end of everything shortens it to SIGKILL", async (t) => {
  const kept = startKeeper(t);
  await kept.begun();
  await kept.tell("settings 60000 0 0 ");
  kept.tellLast("spawn 3000");
  const [, stubborn] = await kept.said.match(/^spawned (\d+) /);
  await kept.tell("finished 8 over");
  kept.tellLast("exit 0");
  await kept.stderr.match(/over$/);
  process.kill(await kept.initPid(), "SIGTERM");
  assert.deepEqual(await kept.exit(), { code: 8, signal: null });
  await gone(Number(stubborn));
});

test("a termination log that cannot be written is said and changes nothing else", async (t) => {
  const kept = startKeeper(t);
  await kept.begun();
  await kept.tell("settings 10000 0 0 /nowhere/log");
  await kept.tell("finished 6 reason");
  kept.tellLast("exit 0");
  assert.deepEqual(await kept.exit(), { code: 6, signal: null });
  assert.match(
    (await kept.stderr.rest()).join("\n"),
    /cannot write the termination log "\/nowhere\/log": no such file or directory \(ENOENT\)$/,
  );
});
