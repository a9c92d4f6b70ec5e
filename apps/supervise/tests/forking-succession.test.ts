import { equal, match, notEqual, ok } from "node:assert/strict";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isAlive, readProcess, until } from "@supervise/testkit";
import type { TestScope } from "@supervise/testkit";
import { gone, kill, project, type Project, type Supervisor } from "./harness.js";

const FORKING = {
  type: "forking",
  restart: "always",
  restart_delay: "0s",
  stop_grace_period: "2s",
};
/** A daemon with a child, which its pidfile may name later. */
const WITH_CHILD = [
  "sh",
  "-c",
  "setsid sh -c 'sleep 60 & echo $! > child; echo $$ > it.pid; wait' &",
];

interface Running {
  readonly it: Project;
  readonly supervisor: Supervisor;
  readonly seq: number;
  readonly main: number;
  readonly child: number;
  readonly pidfile: string;
}

async function running(t: TestScope): Promise<Running> {
  const it = project(t, { daemon: { ...FORKING, pidfile: "it.pid", command: WITH_CHILD } });
  const supervisor = await it.up();
  const { seq } = await supervisor.events.state("daemon", "up");
  const child = Number(readFileSync(join(it.directory, "child"), "utf8"));
  const main = await it.pid("daemon");
  return { it, supervisor, seq, main, child, pidfile: join(it.directory, "it.pid") };
}

async function mainIs(it: Project, pid: number): Promise<void> {
  await until(async () => (await it.client.service("daemon")).pid === pid, {
    what: `the main process to be ${pid}`,
  });
}

test("the process that the pidfile names when the main process ends takes its place", async (t) => {
  const { it, supervisor, main, child, pidfile } = await running(t);
  writeFileSync(pidfile, `${child}\n`);
  kill(main, "SIGTERM");
  await mainIs(it, child);
  const { state, run, restarts } = await it.client.service("daemon");
  equal(`${state} ${run} ${restarts}`, "up 1 0");
  const place = new RegExp(`names ${child}, which takes the place of ${main}`);
  await supervisor.events.find(
    "the succession",
    ({ kind, message }) => kind === "pidfile" && place.test(message),
  );
  equal(readProcess(child)?.ppid, supervisor.pid);
  equal((await it.run("stop", "daemon")).code, 0);
  ok(!isAlive(child));
});

test("a successor that is half written when the main process ends is waited for", async (t) => {
  const { it, main, child, pidfile } = await running(t);
  const text = String(child);
  writeFileSync(pidfile, text.slice(0, -1));
  kill(main, "SIGTERM");
  await gone(main);
  appendFileSync(pidfile, `${text.slice(-1)}\n`);
  await mainIs(it, child);
  equal((await it.client.service("daemon")).run, 1);
});

test("a successor that is never written is none: the run ends as the main process did", async (t) => {
  const { it, supervisor, seq, main, child, pidfile } = await running(t);
  writeFileSync(pidfile, "");
  kill(main, "SIGKILL");
  const again = await supervisor.events.state("daemon", "starting", seq);
  ok(!isAlive(child));
  await supervisor.events.state("daemon", "up", again.seq);
  match((await it.client.service("daemon")).lastExit?.text ?? "", /was killed by SIGKILL/);
});

test("a main process that is killed is not replaced by a process of its own that nobody names", async (t) => {
  const { it, supervisor, seq, main, child } = await running(t);
  kill(main, "SIGKILL");
  const again = await supervisor.events.state("daemon", "starting", seq);
  ok(!isAlive(child));
  await supervisor.events.state("daemon", "up", again.seq);
  equal((await it.client.service("daemon")).run, 2);
});

test("a stop is not taken for a succession", async (t) => {
  const { it, main, child, pidfile } = await running(t);
  writeFileSync(pidfile, `${child}\n`);
  equal((await it.run("stop", "daemon")).code, 0);
  ok(!isAlive(main));
  ok(!isAlive(child));
  equal((await it.client.service("daemon")).state, "down");
});

test("a main process whose parent lives is watched all the same", async (t) => {
  const { it, supervisor, main } = await running(t);
  const seq = supervisor.events.all.at(-1)?.seq ?? 0;
  equal((await it.run("stop", "daemon")).code, 0);
  it.write({
    daemon: {
      ...FORKING,
      pidfile: "it.pid",
      command: ["sh", "-c", "setsid sh -c 'sleep 60 & echo $! > it.pid; sleep 60; :' &"],
    },
  });
  equal((await it.run("reload")).code, 0);
  equal((await it.run("start", "daemon")).code, 0);
  const up = await supervisor.events.state("daemon", "up", seq);
  const worker = await it.pid("daemon");
  notEqual(worker, main);
  notEqual(readProcess(worker)?.ppid, supervisor.pid);
  kill(worker, "SIGKILL");
  await supervisor.events.state("daemon", "starting", up.seq);
  match((await it.client.service("daemon")).lastExit?.text ?? "", /SIGKILL|does not tell/);
});

test("without a pidfile the leader of a session comes before an older process", async (t) => {
  const it = project(t, {
    daemon: {
      ...FORKING,
      command: [
        "sh",
        "-c",
        // It ends once the other leads its session.
        "sleep 60 & setsid sh -c 'echo $$ > leader; exec sleep 61' & until [ -s leader ]; do sleep 0.01; done",
      ],
    },
  });
  const { events } = await it.up();
  const { seq } = await events.state("daemon", "up");
  const leader = Number(readFileSync(join(it.directory, "leader"), "utf8"));
  equal(await it.pid("daemon"), leader);
  const older = (await it.client.processes(["daemon"])).find(({ main }) => !main)?.pid ?? 0;
  ok(isAlive(older));
  kill(leader, "SIGKILL");
  const again = await events.state("daemon", "starting", seq);
  ok(!isAlive(older), "the rest of the tree is gone before the next run");
  await events.state("daemon", "up", again.seq);
  match((await it.client.service("daemon")).lastExit?.text ?? "", /SIGKILL/);
});

test("without a pidfile a step on the way to the daemon is not taken for its end", async (t) => {
  const it = project(t, {
    daemon: {
      ...FORKING,
      command: [
        "sh",
        "-c",
        "setsid sh -c '(echo $$ > step; until [ -e go ]; do sleep 0.01; done; exec sleep 60) & echo $! > daemon; until [ -e go ]; do sleep 0.01; done' &",
      ],
    },
  });
  const { events } = await it.up();
  await events.state("daemon", "up");
  const step = await it.pid("daemon");
  writeFileSync(join(it.directory, "go"), "");
  await gone(step);
  const daemon = Number(readFileSync(join(it.directory, "daemon"), "utf8"));
  await mainIs(it, daemon);
  equal((await it.client.service("daemon")).run, 1);
});

test("without a pidfile and without a daemon the start has ended, and it is told", async (t) => {
  const it = project(t, {
    daemon: { type: "forking", command: ["true"] },
    stay: { command: ["sleep", "60"] },
  });
  const { events } = await it.up();
  const told = await events.find("a word on it", ({ message }) => /left no process/.test(message));
  match(told.message, /a program that stays in the foreground needs "type: service"/);
});
