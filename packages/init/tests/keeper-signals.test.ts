import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { constants } from "node:os";
import { test } from "node:test";
import { STANDINGS, standingSkip, startKeeper, supervisorPid } from "./keeper-harness.js";

const { SIGTERM, SIGHUP, SIGINT, SIGWINCH } = constants.signals;

for (const standing of STANDINGS) {
  test(
    `a signal to the init reaches the supervisor with sender, user and value, as ${standing}`,
    { skip: standingSkip(standing) },
    async (t) => {
      const kept = startKeeper(t, { standing });
      await kept.begun();
      const init = await kept.initPid();
      // The sender is outside of the namespace, where the kernel has no number for it.
      const sender = standing === "PID 1" ? 0 : process.pid;
      // Who may not make namespaces as such is root in one of users.
      const uid = standing === "PID 1" ? 0 : process.getuid?.();
      process.kill(init, "SIGHUP");
      assert.equal(
        (await kept.said.match(/^signal .*/))[0],
        `signal 1 ${SIGHUP} 0 ${sender} ${uid} 0`,
      );
      execFileSync("/bin/kill", ["-q", "77", "-s", "RTMIN+3", String(init)]);
      const [, code, value] = await kept.said.match(/^signal 2 37 (-?\d+) \d+ \d+ (-?\d+)$/);
      assert.deepEqual([code, value], ["-1", "77"]);
      process.kill(init, "SIGWINCH");
      await kept.said.match(new RegExp(`^signal 3 ${SIGWINCH} `));
      process.kill(init, "SIGPIPE");
      await kept.said.match(/^signal 4 13 /);
    },
  );
}

test("every signal that can be caught is told", async (t) => {
  const kept = startKeeper(t);
  await kept.begun();
  await kept.tell("settings 60000 0 0 ");
  const init = await kept.initPid();
  let number = 0;
  // 17 is SIGCHLD, 9 and 19 cannot be caught, 32 and 33 are the C library's own.
  for (let signal = 1; signal <= 64; signal++) {
    if ([9, 17, 19, 32, 33].includes(signal)) continue;
    process.kill(init, signal);
    await kept.said.match(new RegExp(`^signal ${++number} ${signal} 0 `));
  }
});

test("signals are kept until they are acknowledged, in their order", async (t) => {
  const kept = startKeeper(t);
  await kept.begun();
  await kept.tell("ready");
  const init = await kept.initPid();
  for (const [index, name] of (["SIGHUP", "SIGUSR1", "SIGUSR2"] as const).entries()) {
    process.kill(init, name);
    await kept.said.match(new RegExp(`^signal ${index + 1} `));
  }
  await kept.tell("ack 0 1");
  kept.tellLast("kill 9");
  await kept.begun();
  await kept.said.match(/^signal 2 10 /);
  await kept.said.match(/^signal 3 12 /);
  assert.equal(kept.said.all.filter((line) => line.startsWith("signal 1 ")).length, 1);
});

test("of more signals than there is room for the last are kept and the others counted", async (t) => {
  const kept = startKeeper(t);
  await kept.begun();
  await kept.tell("ready");
  const init = await kept.initPid();
  await kept.tell("deaf");
  // One at a time is taken before the next is sent: ordinary signals merge.
  for (let i = 0; i < 1030; i++)
    execFileSync("/bin/kill", ["-q", String(i), "-s", "RTMIN+1", String(init)]);
  kept.tellLast("kill 9");
  const [, lost] = await kept.said.match(/^hello 1 2 previous 2 9 timed lost 0 (\d+) /);
  assert.equal(Number(lost), 6);
  await kept.said.match(/^signal 7 35 -1 \d+ \d+ 6$/);
  await kept.said.match(/^signal 1030 35 -1 \d+ \d+ 1029$/);
});

type Kept = ReturnType<typeof startKeeper>;

/** A refusal shows that all before it was heard; a signal goes before what still waits in the socket. */
async function isHeard(kept: Kept): Promise<void> {
  await kept.tell("withdraw environment");
  await kept.said.match(/^refused EPERM 68 environment$/);
}

async function hangInService(kept: Kept): Promise<number> {
  await kept.tell("ready");
  await isHeard(kept);
  await kept.tell("hang");
  return await kept.initPid();
}

for (const name of ["SIGTERM", "SIGINT", "SIGQUIT"] as const) {
  test(`${name} that no supervisor takes ends everything after half of the grace period`, async (t) => {
    const kept = startKeeper(t, { options: ["--grace", "100ms"] });
    await kept.begun();
    process.kill(await hangInService(kept), name);
    assert.deepEqual(await kept.exit(), { code: 128 + constants.signals[name], signal: null });
    assert.deepEqual(await kept.stderr.rest(), [
      `supervise-init: the supervisor did not take ${name} within 50 ms`,
    ]);
  });
}

test("a supervisor that is being started has the whole grace period to read SIGTERM", async (t) => {
  const kept = startKeeper(t, { options: ["--grace", "100ms"] });
  await kept.begun();
  await kept.tell("hang");
  process.kill(await kept.initPid(), "SIGTERM");
  assert.deepEqual(await kept.exit(), { code: 128 + SIGTERM, signal: null });
  assert.deepEqual(await kept.stderr.rest(), [
    "supervise-init: the supervisor did not take SIGTERM within 100 ms",
  ]);
});

test("a supervisor that hangs as it is told SIGTERM, and is found to within the grace period, leaves the signal to the next", async (t) => {
  const kept = startKeeper(t, { env: { PONGS: "1" } });
  await kept.begun();
  // It is found after 5 s: later than half of the grace period, and well before its end.
  await kept.tell("settings 8000 1 5000 ");
  process.kill(await hangInService(kept), "SIGTERM");
  await kept.stderr.match(/hung and was killed by SIGABRT: starting it anew$/);
  await kept.begun();
  await kept.said.match(/^signal 1 15 /);
  await kept.tell("finished 0");
  kept.tellLast("exit 0");
  assert.deepEqual(await kept.exit(), { code: 0, signal: null });
});

test("a second request to end, while the first is not read, ends everything within a second", async (t) => {
  const kept = startKeeper(t, { options: ["--grace", "10m"] });
  await kept.begun();
  await kept.tell("hang");
  const init = await kept.initPid();
  // Of two that wait the lower number comes first.
  process.kill(init, "SIGINT");
  process.kill(init, "SIGTERM");
  assert.deepEqual(await kept.exit(), { code: 128 + SIGINT, signal: null });
  assert.deepEqual(await kept.stderr.rest(), [
    "supervise-init: the supervisor did not take SIGINT within 1000 ms",
  ]);
});

test("SIGTERM that was taken is the supervisor's own matter, however long it takes", async (t) => {
  const kept = startKeeper(t, { options: ["--grace", "1ms"] });
  await kept.begun();
  await kept.tell("settings 60000 0 0 ");
  await isHeard(kept);
  await kept.tell("ready");
  process.kill(await kept.initPid(), "SIGTERM");
  await kept.said.match(new RegExp(`^signal 1 ${SIGTERM} `));
  await kept.tell("ack 0 1");
  await kept.tell("settings 1 0 0 ");
  await kept.tell("finished 5");
  kept.tellLast("exit 9");
  assert.deepEqual(await kept.exit(), { code: 5, signal: null });
});

test("a supervisor shows by its answer to the ping behind SIGTERM that it has read it; it may take its time then", async (t) => {
  const kept = startKeeper(t);
  await kept.begun();
  await kept.tell("settings 60000 0 0 ");
  await kept.tell("ready");
  process.kill(await kept.initPid(), "SIGTERM");
  await kept.said.match(/^signal 1 15 /);
  const [, number] = await kept.said.match(/^ping (\d+)$/);
  await kept.tell(`pong ${number}`);
  // It was not acknowledged, so the next supervisor is told and asked again.
  kept.tellLast("kill 9");
  await kept.begun();
  await kept.said.match(/^signal 1 15 /);
  const [, next] = await kept.said.match(/^ping (\d+)$/);
  assert.ok(Number(next) > Number(number));
  await kept.tell("finished 0");
  kept.tellLast("exit 0");
  assert.deepEqual(await kept.exit(), { code: 0, signal: null });
});

test("a supervisor that has acknowledged SIGTERM and dies is not started anew: the init ends everything", async (t) => {
  const kept = startKeeper(t);
  await kept.begun();
  await kept.tell("ready");
  process.kill(await kept.initPid(), "SIGTERM");
  await kept.said.match(/^signal 1 15 /);
  await kept.tell("ack 0 1");
  const pid = await supervisorPid(kept);
  process.kill(pid, "SIGKILL");
  assert.deepEqual(await kept.exit(), { code: 143, signal: null });
  assert.deepEqual(await kept.stderr.rest(), [
    `supervise-init: the supervisor (pid ${pid}) was killed by SIGKILL while it stopped its services`,
  ]);
});

test("SIGTERM that arrives while no supervisor has taken it is told to the next one", async (t) => {
  const kept = startKeeper(t);
  await kept.begun();
  await kept.tell("ready");
  process.kill(await kept.initPid(), "SIGTERM");
  await kept.said.match(/^signal 1 15 /);
  kept.tellLast("kill 9");
  await kept.begun();
  await kept.said.match(/^signal 1 15 /);
  await kept.tell("finished 0");
  kept.tellLast("exit 0");
  assert.deepEqual(await kept.exit(), { code: 0, signal: null });
});
