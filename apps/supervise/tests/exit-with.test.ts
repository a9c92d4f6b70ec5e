import { equal, match } from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fixture, until } from "@supervise/testkit";
import { finish, insist, kill, project, type Services } from "./harness.js";
import { keep, needsInit } from "./keeper-harness.js";

const STAY = { command: ["sleep", "60"] };
const once = (script: string): Services[string] => ({
  type: "oneshot",
  command: ["sh", "-c", script],
  restart: "no",
});
const ends = (script: string): Services[string] => ({
  command: ["sh", "-c", script],
  restart: "no",
});

/** What ends, under which word, with which code and reason. */
const CASES: readonly (readonly [
  what: string,
  word: string,
  services: Services,
  code: number,
  reason: RegExp,
])[] = [
  [
    "a service that exits",
    "web",
    { web: ends("exit 7"), db: STAY },
    7,
    /service "web" has failed: its last run exited with code 7, and --exit-with names it/,
  ],
  [
    "a service that is done",
    "web",
    { web: ends("exit 0"), db: STAY },
    0,
    /service "web" is done, and --exit-with names it/,
  ],
  [
    "a service that a signal ends",
    "web",
    { web: ends("kill -SEGV $$"), db: STAY },
    139,
    /was killed by SIGSEGV/,
  ],
  [
    "a command that is not there",
    "web",
    { web: { command: ["/nowhere"], restart: "no" }, db: STAY },
    127,
    /service "web" has failed: its last run could not start/,
  ],
  [
    "every replica of a scaled service",
    "web",
    { web: { ...ends("exit 4"), scale: 2 }, db: STAY },
    4,
    /service "web-[12]" has failed/,
  ],
  [
    "a service called like a word",
    "all",
    { all: ends("exit 5"), db: STAY },
    5,
    /service "all" has failed/,
  ],
  [
    "the first failure",
    "first-failure",
    { good: once("exit 0"), bad: once("exit 9"), db: STAY },
    9,
    /service "bad" has failed: its last run exited with code 9, the first failure/,
  ],
  [
    "a failure that makes its dependents fail",
    "first-failure",
    {
      a: { ...STAY, depends_on: { z: { condition: "service_completed_successfully" } } },
      z: once("exit 3"),
      db: STAY,
    },
    3,
    /service "z" has failed/,
  ],
  [
    "all, with the code of the first failure",
    "all",
    {
      one: once("echo $$ > first; exit 6"),
      two: {
        ...once("exit 8"),
        depends_on: { three: { condition: "service_completed_successfully" } },
      },
      // The supervisor has heard of the end of the first once that is no zombie any more.
      three: once("until read -r pid < first && ! kill -0 $pid; do sleep 0.02; done 2> /dev/null"),
    },
    6,
    /every service is done or has failed; the first: service "one" has failed/,
  ],
  [
    "all that are done",
    "all",
    { one: once("true"), two: once("true") },
    0,
    /every service is done/,
  ],
];

for (const [what, word, services, code, reason] of CASES)
  test(`--exit-with ${word}: ${what}`, async (t) => {
    const it = project(t, services);
    const log = join(it.directory, "termination");
    writeFileSync(log, "x".repeat(300));
    const ended = await finish(
      it.begin(["up", "-q", "--exit-with", word, "--termination-log", log]),
    );
    equal(ended.code, code, ended.stderr);
    const said = readFileSync(log, "utf8");
    match(said, reason);
    equal(said.includes("\n") || said.includes("x".repeat(20)), false);
    if (code !== 0) equal(ended.stderr, `supervise: ${said}\n`);
  });

test("what is to end it is restarted by its policy, or stopped by an operator: that is no end", async (t) => {
  const it = project(t, { web: { command: ["sh", "-c", "sleep 60"], restart: "always" } });
  const supervisor = await it.up({ words: ["--exit-with", "web"] });
  await supervisor.events.state("web", "up");
  kill(await it.pid("web"), "SIGKILL");
  await until(async () => (await it.client.service("web")).run, {
    is: (run) => run === 2,
    what: "run 2",
  });
  equal((await it.run("stop", "web")).code, 0);
  equal((await it.run("start", "web")).code, 0);
  equal((await it.run("down")).code, 0);
  const { code, stderr } = await finish(supervisor);
  equal(code, 0);
  equal(stderr, "", "who has asked for the end knows why");
});

test("--exit-with never goes on with nothing left to run", async (t) => {
  const it = project(t, { one: once("exit 3") });
  const supervisor = await it.up({ words: ["--exit-with", "never"] });
  await supervisor.events.state("one", "failed");
  equal((await it.run("status")).code, 0);
  equal((await it.run("down")).code, 0);
  equal((await finish(supervisor)).code, 0);
});

test("a service that does not exist is refused with a suggestion, also in the background", async (t) => {
  const it = project(t, { web: STAY });
  for (const words of [["up"], ["up", "-d"]]) {
    const { code, stderr } = await finish(it.begin([...words, "--exit-with", "wbe"]));
    equal(code, 64);
    equal(
      stderr,
      'supervise: cannot exit with "wbe": no such service\n  hint: did you mean --exit-with web?\n',
    );
  }
});

test("--grace limits the stop of everything; what is left then is killed", async (t) => {
  const it = project(t, {
    deaf: {
      command: [fixture("ignore-term")],
      stop_grace_period: "60s",
      ready: { log: "ready" },
    },
  });
  const supervisor = await it.up({ words: ["--grace", "300ms"] });
  await supervisor.events.state("deaf", "up");
  kill(supervisor.pid, "SIGTERM");
  const { code, stdout } = await finish(supervisor);
  equal(code, 0);
  match(stdout, /The stop has taken 300 ms, its limit: what is left is killed/);
  equal((await finish(it.begin(["up", "--grace", "soon"]))).code, 64);
});

test("a termination log that can't be written is told, and changes no exit code", async (t) => {
  const it = project(t, { one: once("exit 3") });
  const { code, stderr } = await finish(it.begin(["up", "--termination-log", "/nowhere/log"]));
  equal(code, 3);
  match(stderr, /cannot write the termination log "\/nowhere\/log": ENOENT/);
});

test(
  "under a keeper the init ends with the code, and it tells and writes the reason",
  { skip: needsInit },
  async (t) => {
    const it = project(t, { web: ends("exit 7"), db: STAY });
    const log = join(it.directory, "log");
    const kept = keep(t, it, { words: ["--exit-with", "web", "--termination-log", "log"] });
    const { code, stderr } = await finish(kept);
    equal(code, 7);
    const reason =
      'service "web" has failed: its last run exited with code 7, and --exit-with names it';
    equal(stderr, `supervise-init: ${reason}\n`);
    equal(readFileSync(log, "utf8"), reason);
  },
);

test(
  "under a keeper --grace holds for a supervisor that came back",
  { skip: needsInit },
  async (t) => {
    const it = project(t, {
      deaf: {
        command: [fixture("ignore-term")],
        stop_grace_period: "60s",
        ready: { log: "ready" },
      },
    });
    const kept = keep(t, it, { words: ["--grace", "500ms"] });
    await until(async () => (await it.client.service("deaf")).state === "up", { what: "deaf" });
    await kept.crash("SIGKILL");
    await until(async () => (await it.client.service("deaf")).state === "up", {
      what: "deaf again",
    });
    equal((await kept.end()).code, 0);
    equal(existsSync(join(it.runtimeDirectory, "control")), false);
  },
);

test(
  "under a keeper --grace 0s still stops, and a second SIGTERM kills at once",
  { skip: needsInit },
  async (t) => {
    const deaf = {
      command: [fixture("ignore-term")],
      stop_grace_period: "60s",
      ready: { log: "ready" },
    };
    const it = project(t, { deaf });
    for (const [words, signals] of [
      [["--grace", "0s"], 1],
      [[], 2],
    ] as const) {
      const kept = keep(t, it, { words });
      await until(async () => (await it.client.service("deaf")).state === "up", { what: "deaf" });
      kill(kept.pid, "SIGTERM");
      if (signals === 2) {
        await until(async () => (await it.client.service("deaf")).state === "stopping", {
          what: "the stop to begin",
        });
        await insist(kept.pid, "SIGTERM");
      }
      const { code, stderr } = await finish(kept);
      equal(code, 0, stderr);
      match(stderr, /stopped by SIGTERM/);
    }
  },
);

test(
  "what keeps it from beginning stands in the termination log",
  { skip: needsInit },
  async (t) => {
    const it = project(t, { web: { comand: "sleep 1" } });
    const log = (name: string): string => readFileSync(join(it.directory, name), "utf8");
    equal((await finish(it.begin(["up", "--termination-log", "alone"]))).code, 78);
    match(
      log("alone"),
      /^cannot read ".*", line \d+, column \d+: unknown key "comand" in a service$/m,
    );
    const kept = keep(t, it, { words: ["--termination-log", "kept"] });
    equal((await finish(kept)).code, 78);
    equal(log("kept"), log("alone"));
    it.write({ web: { command: ["sleep", "60"] } });
    equal((await finish(it.begin(["up", "wbe", "--termination-log", "alone"]))).code, 1);
    equal(log("alone"), 'cannot find service "wbe": no such service');
  },
);
