import { deepEqual, equal, match, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fixture, isAlive, readProcess, readProcesses, until } from "@supervise/testkit";
import { environmentOf, project } from "./harness.js";

/** Lists the processes of a run, wherever they are: its identifier is in their environment. */
function processesOfRun(pid: number): () => number[] {
  const mark = environmentOf(pid).find((entry) => entry.startsWith("INVOCATION_ID=")) ?? "none";
  return () =>
    readProcesses()
      .map((entry) => entry.pid)
      .filter((one) => isAlive(one) && environmentOf(one).includes(mark));
}

test("what ignores the stop signal gets SIGKILL after the grace period", async (t) => {
  const it = project(t, {
    deaf: {
      command: [fixture("ignore-term")],
      ready: { log: "^ready$" },
      stop_grace_period: "2s",
    },
  });
  const supervisor = await it.up();
  await supervisor.events.state("deaf", "up");
  const pid = await it.pid("deaf");
  const stopped = await it.run("stop", "deaf");
  equal(stopped.code, 0, stopped.stderr);
  match(stopped.stdout, /deaf: stopped/);
  ok(!isAlive(pid));
  // It was asked first.
  await supervisor.stdout.match(/ignored SIGTERM/);
  const exit = await supervisor.events.find(
    "its end",
    (entry) => entry.kind === "exit" && entry.service === "deaf",
  );
  match(exit.message, /SIGKILL/);
});

test("the stop signal of the configuration is the one that is sent", async (t) => {
  const it = project(t, {
    usr: {
      command: [fixture("report-signals")],
      ready: { log: "^ready$" },
      stop_signal: "SIGUSR2",
      stop_grace_period: "2s",
    },
  });
  const supervisor = await it.up();
  await supervisor.events.state("usr", "up");
  const stop = it.run("stop", "usr");
  await supervisor.stdout.match(/signal 12 from/);
  equal((await stop).code, 0);
});

test("stop_command runs instead of the signal and knows the main process", async (t) => {
  const it = project(t, {
    asked: {
      command: [fixture("report-signals")],
      ready: { log: "^ready$" },
      stop_command: ["sh", "-c", 'echo "$MAINPID" > asked; kill -KILL "$MAINPID"'],
    },
  });
  const supervisor = await it.up();
  await supervisor.events.state("asked", "up");
  const pid = await it.pid("asked");
  equal((await it.run("stop", "asked")).code, 0);
  equal(readFileSync(join(it.directory, "asked"), "utf8"), `${pid}\n`);
  ok(!supervisor.stdout.all.some((line) => /signal 15/.test(line)), "no signal was sent");
});

test("a daemon that double-forked into its own session is ended with its service", async (t) => {
  const it = project(t, {
    twice: { command: [fixture("fork-twice")], ready: { log: "^orphan" }, stop_grace_period: "2s" },
  });
  const supervisor = await it.up();
  const orphan = Number((await supervisor.stdout.match(/orphan (\d+)/))[1]);
  await supervisor.events.state("twice", "up");
  const list = processesOfRun(await it.pid("twice"));
  equal(list().length, 2);
  notEqualSession(orphan, await it.pid("twice"));
  equal((await it.run("stop", "twice")).code, 0);
  deepEqual(list(), []);
});

test("a tree that grows while it is being stopped is ended to the last process", async (t) => {
  const it = project(t, {
    many: {
      command: [fixture("fork-forever")],
      environment: { FORK_LIMIT: "150" },
      ready: { log: "^ready$" },
      stop_grace_period: "100ms",
    },
  });
  const supervisor = await it.up();
  await supervisor.events.state("many", "up");
  const list = processesOfRun(await it.pid("many"));
  await until(() => list().length > 20, { what: "twenty processes" });
  equal((await it.run("stop", "many")).code, 0);
  deepEqual(list(), []);
});

test("a process that flees by forking and exiting is caught", async (t) => {
  const it = project(t, {
    away: {
      command: [fixture("fork-away")],
      environment: { FORK_LIMIT: "3000" },
      ready: { log: "^ready$" },
      stop_grace_period: "100ms",
    },
  });
  const supervisor = await it.up();
  await supervisor.events.state("away", "up");
  const list = processesOfRun(await it.pid("away"));
  equal((await it.run("stop", "away")).code, 0);
  deepEqual(list(), []);
});

test("an orphan without a trace of its service is ended when the supervisor goes down", async (t) => {
  const it = project(t, {
    stray: {
      command: [
        "sh",
        "-c",
        "(env -i setsid -f sh -c 'echo $$ > stray.new; mv stray.new stray; exec sleep 60' >/dev/null 2>&1 &) ; echo ready; exec sleep 60",
      ],
      ready: { file: "stray" },
    },
  });
  const supervisor = await it.up();
  await supervisor.events.state("stray", "up");
  const stray = Number(readFileSync(join(it.directory, "stray"), "utf8"));
  await until(() => readProcess(stray)?.name === "sleep", { what: "the stray to run" });
  equal((await it.run("down")).code, 0);
  equal((await supervisor.exit()).code, 0);
  ok(!isAlive(stray), "the stray lives on");
});

test("a main process that ends takes the rest of its tree along before the next run begins", async (t) => {
  const it = project(t, {
    main: {
      command: ["sh", "-c", "setsid -f sleep 60; echo ready; exec sleep 60"],
      ready: { log: "^ready$" },
      restart: "always",
      restart_delay: "0s",
      stop_grace_period: "2s",
    },
  });
  const supervisor = await it.up();
  const { seq } = await supervisor.events.state("main", "up");
  const pid = await it.pid("main");
  const list = processesOfRun(pid);
  await until(() => list().length === 2, { what: "two processes" });
  process.kill(pid, "SIGKILL");
  await supervisor.events.state("main", "up", seq);
  deepEqual(list(), []);
});

test("a stop during back-off starts nothing", async (t) => {
  const it = project(t, { dies: { command: ["false"], restart: "always", restart_delay: "60s" } });
  const { events } = await it.up();
  await events.state("dies", "backoff");
  equal((await it.run("stop", "dies")).code, 0);
  const status = await it.client.service("dies");
  equal(status.state, "down");
  equal(status.run, 1);
});

test("down --now kills without asking", async (t) => {
  const it = project(t, {
    deaf: { command: [fixture("ignore-term")], ready: { log: "^ready$" }, stop_grace_period: "1h" },
  });
  const supervisor = await it.up();
  await supervisor.events.state("deaf", "up");
  equal((await it.run("down", "--now")).code, 0);
  equal((await supervisor.exit()).code, 0);
  ok(!supervisor.stdout.all.some((line) => /ignored SIGTERM/.test(line)));
});

function notEqualSession(left: number, right: number): void {
  ok(readProcess(left)?.sid !== readProcess(right)?.sid, "it is in the same session");
}
