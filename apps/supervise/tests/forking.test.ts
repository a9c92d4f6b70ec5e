import { equal, match, notEqual, ok } from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isAlive, readProcess, spawnFixture, start, until } from "@supervise/testkit";
import { gone, identity, project } from "./harness.js";

/** Puts a sleeper into the background, in a session of its own, and leaves its number in the pidfile. */
const DAEMON = ["sh", "-c", "setsid sleep 60 & echo $! > it.pid"];
const FORKING = { type: "forking", pidfile: "it.pid", stop_grace_period: "2s" };

/** A number that belongs to nobody: of a process that has just ended. */
async function deadPid(t: Parameters<typeof start>[0]): Promise<number> {
  const { pid, exit } = start(t, "true");
  await exit();
  return pid;
}

test("the daemon that the pidfile names is the main process, and its end is the end of the run", async (t) => {
  const it = project(t, {
    daemon: { ...FORKING, command: DAEMON, restart: "always", restart_delay: "0s" },
  });
  const { events } = await it.up();
  const { seq } = await events.state("daemon", "up");
  const pid = await it.pid("daemon");
  equal(Number(readFileSync(join(it.directory, "it.pid"), "utf8")), pid);
  await until(() => readProcess(pid)?.name === "sleep", { what: "the daemon to be executed" });
  equal(readProcess(pid)?.ppid, (await it.client.project()).pid);
  process.kill(pid, "SIGKILL");
  await events.state("daemon", "up", seq);
  const status = await it.client.service("daemon");
  equal(status.run, 2);
  match(status.lastExit?.text ?? "", /SIGKILL/);
  notEqual(status.pid, pid);
});

test("stop ends the daemon, and it is gone before stop returns", async (t) => {
  const it = project(t, { daemon: { ...FORKING, command: DAEMON } });
  await (await it.up()).events.state("daemon", "up");
  const pid = await it.pid("daemon");
  equal((await it.run("stop", "daemon")).code, 0);
  ok(!isAlive(pid));
});

test("a daemon that writes its pidfile late is waited for", async (t) => {
  const it = project(t, {
    daemon: {
      ...FORKING,
      command: ["sh", "-c", "setsid sh -c 'sleep 0.2; echo $$ > it.pid; exec sleep 60' &"],
    },
  });
  await (await it.up()).events.state("daemon", "up");
  equal(Number(readFileSync(join(it.directory, "it.pid"), "utf8")), await it.pid("daemon"));
});

test("a stale pidfile from before is reported with the number it held, and does not count", async (t) => {
  const it = project(t, {
    daemon: {
      ...FORKING,
      command: [
        "sh",
        "-c",
        "setsid sh -c 'until [ -e go ]; do sleep 0.01; done; echo $$ > it.pid; exec sleep 60' &",
      ],
    },
  });
  const dead = await deadPid(t);
  writeFileSync(join(it.directory, "it.pid"), `${dead}\n`);
  const { events } = await it.up();
  const told = await events.find(
    "a word on the stale pidfile",
    (entry) => entry.kind === "pidfile",
  );
  match(told.message, new RegExp(`it\\.pid.*\\b${dead}\\b|\\b${dead}\\b.*it\\.pid`));
  match(told.message, /stale|no such process|reused/);
  equal((await it.client.service("daemon")).state, "starting");
  writeFileSync(join(it.directory, "go"), "");
  await events.state("daemon", "up");
  notEqual(await it.pid("daemon"), dead);
});

test("a pidfile that names a stranger is not believed, and the stranger is never signalled", async (t) => {
  const stranger = await spawnFixture(t, "report-signals");
  const it = project(t, {
    daemon: {
      ...FORKING,
      command: ["sh", "-c", `setsid sleep 60 & echo ${stranger.pid} > it.pid`],
      ready: { file: "never", timeout: "2s" },
      stop_grace_period: "200ms",
    },
    stay: { command: ["sleep", "60"] },
  });
  const { events } = await it.up();
  await events.state("daemon", "failed");
  const why = (await it.run("why", "daemon")).stdout;
  match(why, new RegExp(`\\b${stranger.pid}\\b`));
  equal((await it.run("start", "daemon")).code, 1);
  // The next signal it sees is ours: there was none before.
  process.kill(stranger.pid, "SIGUSR1");
  equal((await stranger.stdout.match(/^signal/)).input, `signal 10 from ${process.pid}`);
});

test("a malformed pidfile is not believed, and why says what it holds", async (t) => {
  const it = project(t, {
    daemon: {
      ...FORKING,
      command: ["sh", "-c", "setsid sleep 60 & echo nonsense > it.pid"],
      ready: { file: "never", timeout: "2s" },
    },
    stay: { command: ["sleep", "60"] },
  });
  const { events } = await it.up();
  await events.state("daemon", "failed");
  match((await it.run("why", "daemon")).stdout, /it\.pid.*(malformed|number|nonsense)/);
});

test("a daemon that was found is taken over after a crash of the supervisor, not started twice", async (t) => {
  const it = project(t, {
    daemon: { ...FORKING, command: DAEMON, restart: "always", restart_delay: "0s" },
  });
  const first = await it.detach();
  const daemon = identity(await it.pid("daemon"));
  process.kill(first, "SIGKILL");
  await gone(first);
  await it.detach();
  equal(identity(await it.pid("daemon")), daemon);
  equal((await it.client.service("daemon")).run, 1);
  equal((await it.run("down")).code, 0);
});

test("a forking service that is stopped before its daemon was found takes nobody else along", async (t) => {
  const it = project(t, {
    daemon: { ...FORKING, command: ["sh", "-c", "setsid sleep 60 &"] },
    stay: { command: ["sleep", "60"] },
  });
  const { events } = await it.up();
  await events.state("stay", "up");
  const stay = identity(await it.pid("stay"));
  await until(async () => (await it.client.service("daemon")).reason.includes("it.pid"), {
    what: "the search for the pidfile",
  });
  equal((await it.run("stop", "daemon")).code, 0);
  equal(identity(await it.pid("stay")), stay);
  equal((await it.client.processes(["daemon"])).length, 0);
});

test("a command that fails before it forks is a failed start", async (t) => {
  const it = project(t, {
    daemon: { ...FORKING, command: ["sh", "-c", "exit 9"] },
    stay: { command: ["sleep", "60"] },
  });
  const { events } = await it.up();
  await events.state("daemon", "failed");
  match((await it.run("why", "daemon")).stdout, /code 9/);
});

test("the supervisor keeps a pidfile of its own for each service, and takes it away with the run", async (t) => {
  const it = project(t, { web: { command: ["sleep", "60"] } });
  const { events } = await it.up();
  await events.state("web", "up");
  const path = join(it.runtimeDirectory, "web.pid");
  equal(readFileSync(path, "utf8"), `${await it.pid("web")}\n`);
  equal((await it.run("stop", "web")).code, 0);
  ok(!existsSync(path));
});

test("while the daemon is looked for the supervisor's own pidfile names nobody, and none is left behind", async (t) => {
  const it = project(t, {
    stay: { command: ["sleep", "60"] },
    daemon: { ...FORKING, command: ["sh", "-c", "setsid sleep 60 &"], ready: { file: "never" } },
  });
  await it.up();
  const own = join(it.runtimeDirectory, "daemon.pid");
  await until(async () => (await it.client.service("daemon")).reason.includes("it.pid"), {
    what: "the search for the pidfile",
  });
  equal((await it.client.service("daemon")).pid, null);
  ok(!existsSync(own));
  equal((await it.run("stop", "daemon")).code, 0);
  ok(!existsSync(own));
});

test("a pidfile of ours that names a process of somebody else is replaced, and that process left alone", async (t) => {
  const stranger = await spawnFixture(t, "report-signals");
  const it = project(t, { web: { command: ["sleep", "60"] } });
  const first = await it.up();
  await first.events.state("web", "up");
  equal((await it.run("down")).code, 0);
  await first.exit();
  const path = join(it.runtimeDirectory, "web.pid");
  writeFileSync(path, `${stranger.pid}\n`);
  const before = identity(stranger.pid);
  const { events } = await it.up();
  await events.state("web", "up");
  const told = await events.find("a word on the pidfile", (entry) => entry.kind === "pidfile");
  match(told.message, new RegExp(`web\\.pid.*\\b${stranger.pid}\\b`));
  equal(readFileSync(path, "utf8"), `${await it.pid("web")}\n`);
  equal(identity(stranger.pid), before);
});
