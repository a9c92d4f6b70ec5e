import { equal, notEqual, ok } from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isAlive, readProcess, until } from "@supervise/testkit";
import { gone, kill, project } from "./harness.js";

/** A session of its own, no environment, none of our pipes: nothing tells whose it is. Its worker is as hidden. */
const hidden = (script: string): string =>
  `setsid env -i PATH="$PATH" sh -c '${script}' </dev/null >/dev/null 2>&1 &`;
const DAEMON = {
  type: "forking",
  pidfile: "it.pid",
  command: [
    "sh",
    "-c",
    `rm -f it.pid worker; ${hidden("sleep 60 & echo $! > worker; echo $$ > it.pid; wait")} until [ -s it.pid ]; do sleep 0.01; done`,
  ],
  restart: "always",
  restart_delay: "0s",
  stop_grace_period: "1s",
};

const numberIn = (...path: readonly string[]): number =>
  Number(readFileSync(join(...path), "utf8"));

test("a daemon that hides whose it is, is found by its pidfile", async (t) => {
  const it = project(t, { daemon: DAEMON });
  const { events } = await it.up();
  await events.state("daemon", "up");
  const pid = await it.pid("daemon");
  equal(pid, numberIn(it.directory, "it.pid"));
  equal(readProcess(pid)?.ppid, (await it.client.project()).pid);
  // It has begun to run when its pidfile is there, and not yet been executed perhaps.
  await until(async () => /sleep 60/.test((await it.run("ps", "daemon")).stdout), {
    what: "its worker",
  });
});

test("what a hidden daemon leaves when it is killed is gone before it starts again", async (t) => {
  const it = project(t, { daemon: DAEMON });
  const { events } = await it.up();
  const { seq } = await events.state("daemon", "up");
  const worker = numberIn(it.directory, "worker");
  const pid = await it.pid("daemon");
  kill(pid, "SIGKILL");
  const { seq: starting } = await events.state("daemon", "starting", seq);
  ok(!isAlive(worker), `the worker ${worker} is left`);
  await events.state("daemon", "up", starting);
  notEqual(await it.pid("daemon"), pid);
  equal((await it.client.service("daemon")).restarts, 1);
});

test("a daemon that makes its session after its pidfile was written leaves nothing either", async (t) => {
  const script = "sleep 60 & echo $! > worker; rm go; wait";
  const it = project(t, {
    daemon: {
      ...DAEMON,
      command: [
        "sh",
        "-c",
        `(until [ -e go ]; do sleep 0.01; done; exec setsid env -i PATH="$PATH" sh -c '${script}') </dev/null >/dev/null 2>&1 & echo $! > it.pid`,
      ],
    },
  });
  const { events } = await it.up();
  const { seq } = await events.state("daemon", "up");
  const pid = await it.pid("daemon");
  notEqual(readProcess(pid)?.sid, pid);
  writeFileSync(join(it.directory, "go"), "");
  await until(
    () => existsSync(join(it.directory, "worker")) && !existsSync(join(it.directory, "go")),
    { what: "the worker" },
  );
  equal(readProcess(pid)?.sid, pid);
  const worker = numberIn(it.directory, "worker");
  kill(pid, "SIGKILL");
  await events.state("daemon", "starting", seq);
  ok(!isAlive(worker), `the worker ${worker} is left`);
});

test("a hidden daemon that was taken over from a killed supervisor leaves nothing either", async (t) => {
  const it = project(t, { daemon: DAEMON });
  const first = await it.up();
  await first.events.state("daemon", "up");
  const [pid, worker] = [await it.pid("daemon"), numberIn(it.directory, "worker")];
  kill(first.pid, "SIGKILL");
  await first.exit();
  const { events } = await it.up();
  await events.state("daemon", "up");
  equal(await it.pid("daemon"), pid);
  equal((await it.run("stop", "daemon")).code, 0);
  await gone(pid);
  await gone(worker);
});

test("a stop ends the search for a hidden daemon, and the daemon goes with the supervisor", async (t) => {
  const it = project(t, {
    daemon: {
      ...DAEMON,
      command: [
        "sh",
        "-c",
        `${hidden("echo $$ > other; exec sleep 60")} until [ -s other ]; do sleep 0.01; done`,
      ],
    },
    stay: { command: ["sleep", "60"] },
  });
  const supervisor = await it.up();
  await until(async () => /it\.pid/.test((await it.run("why", "daemon")).stdout), {
    what: "the pidfile to be missed",
  });
  ok(!existsSync(join(it.directory, "it.pid")));
  equal((await it.client.service("daemon")).state, "starting");
  equal((await it.run("stop", "daemon")).code, 0);
  equal((await it.client.service("daemon")).state, "down");
  const other = numberIn(it.directory, "other");
  ok(isAlive(other));
  equal((await it.run("down")).code, 0);
  await supervisor.exit();
  ok(!isAlive(other));
});

test("a hidden daemon that ends before its pidfile is there has failed to start", async (t) => {
  const it = project(t, {
    daemon: {
      ...DAEMON,
      restart: "no",
      command: [
        "sh",
        "-c",
        `${hidden("echo $$ > other; until [ -e go ]; do sleep 0.01; done")} until [ -s other ]; do sleep 0.01; done`,
      ],
    },
    stay: { command: ["sleep", "60"] },
  });
  const { events } = await it.up();
  await until(async () => /it\.pid/.test((await it.run("why", "daemon")).stdout), {
    what: "the pidfile to be missed",
  });
  writeFileSync(join(it.directory, "go"), "");
  await events.state("daemon", "failed");
  equal(await it.client.service("daemon").then(({ pid }) => pid), null);
});

test("what was perhaps the daemon of two services is that of the one that finds it: the other has failed to start", async (t) => {
  const left = `${hidden("echo $$ > other; until [ -e go ]; do sleep 0.01; done; echo $$ > it.pid; exec sleep 60")} until [ -s other ]; do sleep 0.01; done`;
  const it = project(t, {
    daemon: { ...DAEMON, command: ["sh", "-c", left] },
    none: {
      ...DAEMON,
      restart: "no",
      pidfile: "none.pid",
      // Until the command of the other has ended, the daemon is known by its parent.
      command: [
        "sh",
        "-c",
        'until [ -s other ] && grep -q "^PPid:.$PPID$" "/proc/$(cat other)/status"; do sleep 0.01; done',
      ],
    },
    stay: { command: ["sleep", "60"] },
  });
  const { events } = await it.up();
  await until(async () => /none\.pid/.test((await it.run("why", "none")).stdout), {
    what: "the pidfile to be missed",
  });
  writeFileSync(join(it.directory, "go"), "");
  await events.state("daemon", "up");
  await events.state("none", "failed");
});
