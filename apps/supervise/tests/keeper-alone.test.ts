import { deepEqual, equal, match, ok } from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { childrenOf, fixture, isAlive, until } from "@supervise/testkit";
import { COMMAND, commandLine, gone, identity, kill, project, statusField } from "./harness.js";
import { INIT, keep, needsInit } from "./keeper-harness.js";

const needsRoot = process.getuid?.() === 0 ? needsInit : "needs root, to mount";

/** Everything is read-only for what is executed behind it. */
const READ_ONLY = [
  "unshare",
  "--mount",
  "sh",
  "-c",
  'for at in / /tmp /run /dev/shm /var /home; do mount --bind -o ro "$at" "$at" 2>&-; mount -o remount,bind,ro "$at" 2>&-; done; exec "$@"',
  "sh",
];

const TICKS = {
  command: ["sh", "-c", "n=0; while :; do n=$((n + 1)); echo tick $n; sleep 0.01; done"],
};

test(
  "with a read-only root and no place to write, services go on and their output is whole",
  { skip: needsRoot },
  async (t) => {
    // Its usual place below /run is named after it: nobody else may have the name.
    const name = `alone-${process.pid}`;
    const work = { type: "oneshot", command: ["sh", "-c", "echo done once"] };
    const it = project(t, { ticks: TICKS, work }, { name });
    const kept = keep(t, it, { through: READ_ONLY, homeless: true });
    await kept.stdout.match(/tick 20$/);
    await kept.stdout.match(/tick 30$/);
    const services = (): string[] =>
      childrenOf(kept.pid)
        .filter((pid) => !commandLine(pid).includes(COMMAND))
        .map(identity);
    const before = services();
    equal(before.length, 1);
    ok(!existsSync(`/run/supervise/${name}`));
    for (const signal of ["SIGKILL", "SIGABRT", "SIGSEGV"] as const) {
      await kept.crash(signal);
      await kept.stdout.match(/The supervisor came back/);
      const [, last = "0"] = await kept.stdout.match(/tick (\d+)$/);
      await kept.stdout.match(new RegExp(`tick ${Number(last) + 20}$`));
      deepEqual(services(), before);
    }
    const { code, stdout } = await kept.end();
    equal(code, 0);
    equal(stdout.match(/done once/g)?.length, 1);
    match(stdout, /came back, generation 4: .* SIGSEGV/);
  },
);

test(
  "a supervisor whose keeper is killed goes on as its own reaper",
  { skip: needsInit },
  async (t) => {
    const it = project(t, {
      web: { command: [fixture("ignore-term")], stop_grace_period: "50ms" },
      again: { command: ["sleep", "60"], restart: "always", restart_delay: "1ms" },
      forks: {
        command: ["sh", "-c", "(sleep 60 & echo $! > orphan); exec sleep 60"],
      },
    });
    const kept = keep(t, it);
    for (const name of ["web", "again", "forks"]) await until(() => it.pid(name), { what: name });
    const supervisor = await kept.supervisor();
    const orphan = Number(
      await until(() => readFileSync(join(it.directory, "orphan"), "latin1"), {
        what: "the orphan",
      }),
    );
    const web = identity(await it.pid("web"));
    const again = await it.pid("again");
    kill(kept.pid, "SIGKILL");
    await until(async () => /The keeper is gone/.test((await it.run("events")).stdout), {
      what: "the supervisor to notice",
    });
    equal(identity(await it.pid("web")), web);
    kill(again, "SIGKILL");
    await until(async () => (await it.pid("again")) !== again, { what: "the restart" });
    // From here on what is started is its own child.
    equal(Number(statusField(await it.pid("again"), "PPid")), supervisor);
    kill(await it.pid("again"), "SIGTERM");
    await until(async () => (await it.client.service("again")).restarts === 2, {
      what: "the second restart",
    });
    equal((await it.run("down")).code, 0);
    await gone(supervisor);
    ok(!isAlive(orphan));
    deepEqual(it.processes(), []);
  },
);

test(
  "without a keeper that answers, the command says what is wrong",
  { skip: needsInit },
  async (t) => {
    const it = project(t, {});
    for (const [value, message] of [
      ["x", /cannot use SUPERVISE_KEEPER="x": it must name a descriptor/],
      ["33", /cannot talk to the keeper: descriptor 33: bad file descriptor \(EBADF\)/],
      ["0", /cannot use SUPERVISE_KEEPER="0"/],
    ] as const) {
      const started = it.begin(["up"], { env: { ...it.environment, SUPERVISE_KEEPER: value } });
      equal((await started.exit()).code, 1);
      match((await started.stderr.rest()).join("\n"), message);
    }
    ok(INIT.endsWith("supervise-init"));
  },
);

test(
  "what a new keeper's supervisor has adopted by its records goes on under its next one too",
  { skip: needsInit },
  async (t) => {
    const it = project(t, {
      web: { command: ["sleep", "60"], restart: "always", restart_delay: "1ms" },
    });
    const first = keep(t, it);
    await until(() => it.pid("web"), { what: "web" });
    const web = identity(await it.pid("web"));
    const orphaned = await first.supervisor();
    kill(first.pid, "SIGKILL");
    kill(orphaned, "SIGKILL");
    await gone(orphaned);
    const second = keep(t, it);
    await until(async () => identity(await it.pid("web")) === web, { what: "the adoption" });
    await second.crash("SIGKILL");
    await until(async () => identity(await it.pid("web")) === web, { what: "web to go on" });
    const killed = await it.pid("web");
    kill(killed, "SIGKILL");
    const again = await until(() => it.pid("web"), {
      is: (pid) => pid !== killed,
      what: "the restart",
    });
    equal((await it.client.service("web")).restarts, 1);
    equal(Number(statusField(again, "PPid")), second.pid);
    equal((await second.end()).code, 0);
  },
);

test(
  "a service that a reload has dropped is ended, though the supervisor dies on the way",
  { skip: needsInit },
  async (t) => {
    const stay = { command: ["sleep", "60"] };
    const it = project(t, {
      stay,
      dropped: {
        command: [fixture("ignore-term")],
        ready: { log: "^ready$" },
        stop_grace_period: "1m",
      },
    });
    const kept = keep(t, it);
    await until(async () => (await it.client.service("dropped")).state === "up", { what: "it" });
    const [dropped, stays] = [await it.pid("dropped"), identity(await it.pid("stay"))];
    it.write({ stay });
    equal((await it.run("reload")).code, 0);
    await until(async () => (await it.client.service("dropped")).state === "stopping", {
      what: "its stop",
    });
    await kept.crash("SIGKILL");
    await until(async () => (await it.client.services([])).length === 1, { what: "an answer" });
    match(
      (await it.run("events")).stdout,
      new RegExp(`"dropped" left the configuration .* ${dropped} is stopped`),
    );
    equal(identity(await it.pid("stay")), stays);
    equal((await kept.end()).code, 0);
    ok(!isAlive(dropped));
  },
);
