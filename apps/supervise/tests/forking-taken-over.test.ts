import { equal, match, ok } from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isAlive, until } from "@supervise/testkit";
import { gone, identity, kill, project, type Project } from "./harness.js";
import { keep, needsInit } from "./keeper-harness.js";

/** With a child that its pidfile may name. It writes nothing before a file "go" is there. */
const FORKING = {
  type: "forking",
  pidfile: "it.pid",
  restart: "always",
  restart_delay: "0s",
  stop_grace_period: "2s",
  command: [
    "sh",
    "-c",
    "setsid sh -c 'sleep 60 & echo $! > child; until [ -e go ]; do sleep 0.02; done; echo $$ > it.pid; wait' &",
  ],
};

function numberIn(it: Project, name: string): number {
  return Number(readFileSync(join(it.directory, name), "utf8"));
}

async function service(it: Project, what: string, is: (state: string, pid: number) => boolean) {
  return until(() => it.client.service("daemon"), {
    is: ({ state, pid }) => is(state, pid ?? 0),
    what,
  });
}

async function isUp(it: Project): Promise<number> {
  const { pid } = await service(it, "the daemon to be up", (state) => state === "up");
  return pid ?? 0;
}

test(
  "a supervisor that comes back goes on looking for the daemon, and then for its successor",
  { skip: needsInit },
  async (t) => {
    const it = project(t, { daemon: FORKING });
    const kept = keep(t, it);
    await kept.supervisor();
    await until(async () => (await it.client.service("daemon")).reason.includes("it.pid"), {
      what: "the pidfile to be missed",
    });
    await kept.crash("SIGKILL");
    equal((await it.client.service("daemon")).state, "starting");
    writeFileSync(join(it.directory, "go"), "");
    const main = await isUp(it);
    equal(main, numberIn(it, "it.pid"));

    const child = numberIn(it, "child");
    writeFileSync(join(it.directory, "it.pid"), `${child}\n`);
    await kept.crash("SIGKILL");
    match((await it.run("why", "daemon")).stdout, new RegExp(`names ${child} now`));
    kill(main, "SIGTERM");
    await service(it, "the successor to be main", (_, pid) => pid === child);
    equal((await it.client.service("daemon")).run, 1);
    equal((await it.run("stop", "daemon")).code, 0);
    ok(!isAlive(child));
  },
);

test(
  "a daemon that ends while no supervisor lives leaves its pidfile to its successor, for the keeper tells its end",
  { skip: needsInit },
  async (t) => {
    const it = project(t, { daemon: FORKING });
    writeFileSync(join(it.directory, "go"), "");
    const kept = keep(t, it);
    const supervisor = await kept.supervisor();
    const main = await isUp(it);
    const child = numberIn(it, "child");
    kill(supervisor, "SIGSTOP");
    writeFileSync(join(it.directory, "it.pid"), `${child}\n`);
    kill(main, "SIGTERM");
    await gone(main);
    await kept.crash("SIGKILL");
    await service(it, "the successor to be main", (_, pid) => pid === child);
    equal((await it.client.service("daemon")).run, 1);
  },
);

test("a daemon that was taken over without a keeper is followed to its successor", async (t) => {
  const it = project(t, { daemon: FORKING });
  writeFileSync(join(it.directory, "go"), "");
  const first = await it.detach();
  const main = await isUp(it);
  const child = numberIn(it, "child");
  const known = identity(child);
  kill(first, "SIGKILL");
  await gone(first);
  await it.detach();
  equal(await isUp(it), main);
  writeFileSync(join(it.directory, "it.pid"), `${child}\n`);
  await until(async () => (await it.run("why", "daemon")).stdout.includes(`names ${child} now`), {
    what: "the pidfile to be looked at",
  });
  kill(main, "SIGTERM");
  await service(it, "the successor to be main", (_, pid) => pid === child);
  equal(identity(child), known);
  equal((await it.client.service("daemon")).run, 1);
  equal((await it.run("down")).code, 0);
  ok(!isAlive(child));
});
