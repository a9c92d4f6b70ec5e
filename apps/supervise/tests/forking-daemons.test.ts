import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, chmodSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isAlive, readProcess, readProcesses, treeOf, until } from "@supervise/testkit";
import type { TestScope } from "@supervise/testkit";
import { kill, project, type Project } from "./harness.js";
import {
  cron,
  memcached,
  nginx,
  postgres,
  redis,
  sshd,
  type RealDaemon,
  type RealService,
} from "./real-daemons.js";

const FORKING = {
  type: "forking",
  restart: "always",
  restart_delay: "0s",
  stop_grace_period: "10s",
};

/** The first line of a pidfile, as a number. */
function numberIn(path: string): number {
  return Number.parseInt(readFileSync(path, "utf8"), 10);
}

function prepared(
  t: TestScope,
  daemon: RealDaemon,
): { readonly it: Project; readonly fields: RealService } {
  const it = project(t);
  // PostgreSQL runs as a user of its own.
  chmodSync(it.directory, 0o755);
  const directory = join(it.directory, "its");
  mkdirSync(directory);
  return { it, fields: daemon.prepare(directory) };
}

/** All processes of its tree and of its session, as the kernel has them. */
function processesOf(pid: number): readonly number[] {
  const session = readProcess(pid)?.sid ?? 0;
  const inSession = readProcesses().filter(({ sid }) => sid === session && sid !== 0);
  return [...new Set([...treeOf(pid), ...inSession.map((entry) => entry.pid)])];
}

for (const daemon of [nginx, redis, memcached, postgres, cron, sshd])
  test(
    `${daemon.name} is followed to the background, started again when it is killed, and stopped whole`,
    { skip: daemon.skip },
    async (t) => {
      const { it, fields } = prepared(t, daemon);
      it.write({ it: { ...FORKING, ...fields } });
      const { events } = await it.up();
      const { seq } = await events.state("it", "up");
      const supervisor = (await it.client.project()).pid;
      const first = await it.pid("it");
      equal(first, numberIn(fields.pidfile));
      equal(readProcess(first)?.name, daemon.comm);
      equal(readProcess(first)?.ppid, supervisor);

      kill(first, "SIGKILL");
      const again = await events.state("it", "starting", seq);
      await events.state("it", "up", again.seq);
      const status = await it.client.service("it");
      equal(status.run, 2);
      match(status.lastExit?.text ?? "", /was killed by SIGKILL/);
      const second = await it.pid("it");
      notEqual(second, first);
      equal(second, numberIn(fields.pidfile));
      equal(readProcess(second)?.ppid, supervisor);

      const all = processesOf(second);
      ok(all.includes(second));
      equal((await it.run("stop", "it")).code, 0);
      deepEqual(all.filter(isAlive), []);
    },
  );

test(
  "nginx is followed when it is upgraded while it runs: its successor is the main process, without a restart",
  { skip: nginx.skip },
  async (t) => {
    const { it, fields } = prepared(t, nginx);
    it.write({ it: { ...FORKING, ...fields } });
    const { events } = await it.up();
    const { seq } = await events.state("it", "up");
    const old = await it.pid("it");
    kill(old, "SIGUSR2");
    const told = await events.find(
      "the pidfile of the new nginx",
      ({ kind, message }) => kind === "pidfile" && /names \d+ now/.test(message),
      seq,
    );
    const next = numberIn(fields.pidfile);
    equal(told.pid, next);
    ok(existsSync(`${fields.pidfile}.oldbin`));
    equal(readProcess(next)?.ppid, old);
    // Both run: the old one is the main process until it has ended.
    equal(await it.pid("it"), old);
    match((await it.run("why", "it")).stdout, new RegExp(`becomes the main process when ${old}`));

    kill(old, "SIGQUIT");
    await until(async () => (await it.pid("it")) === next, { what: "the successor to be main" });
    const status = await it.client.service("it");
    equal(status.run, 1);
    equal(status.state, "up");
    ok(!isAlive(old));
    ok(!/pidfile/.test((await it.run("why", "it")).stdout));

    kill(next, "SIGKILL");
    await until(async () => (await it.client.service("it")).run === 2, {
      what: "the end of the successor to be the end of the run",
    });
    match((await it.client.service("it")).lastExit?.text ?? "", /was killed by SIGKILL/);
    await events.state("it", "up", seq);
    equal((await it.run("stop", "it")).code, 0);
  },
);

test(
  "nginx that takes its upgrade back is the main process as before",
  { skip: nginx.skip },
  async (t) => {
    const { it, fields } = prepared(t, nginx);
    it.write({ it: { ...FORKING, ...fields } });
    const { events } = await it.up();
    await events.state("it", "up");
    const old = await it.pid("it");
    const says = (what: RegExp) =>
      events.find(String(what), ({ kind, message }) => kind === "pidfile" && what.test(message));
    kill(old, "SIGUSR2");
    const { pid } = await says(/names \d+ now/);
    kill(pid ?? 0, "SIGQUIT");
    await says(new RegExp(`names the main process ${old} again`));
    equal(numberIn(fields.pidfile), old);
    equal(await it.pid("it"), old);
    ok(!/pidfile/.test((await it.run("why", "it")).stdout));
    equal((await it.run("stop", "it")).code, 0);
  },
);

for (const daemon of [nginx, redis, memcached])
  test(
    `${daemon.name} is found by its tree where no pidfile is named`,
    { skip: daemon.skip },
    async (t) => {
      const { it, fields } = prepared(t, daemon);
      const { pidfile, ...others } = fields;
      it.write({ it: { ...FORKING, ...others } });
      const { events } = await it.up();
      const { seq } = await events.state("it", "up");
      const main = await until(async () => (await it.pid("it")) === numberIn(pidfile), {
        what: "the main process to be the one that the daemon itself names",
      }).then(() => it.pid("it"));
      kill(main, "SIGKILL");
      const again = await events.state("it", "starting", seq);
      await events.state("it", "up", again.seq);
      match((await it.client.service("it")).lastExit?.text ?? "", /was killed by SIGKILL/);
      const all = processesOf(await it.pid("it"));
      equal((await it.run("stop", "it")).code, 0);
      deepEqual(all.filter(isAlive), []);
    },
  );
