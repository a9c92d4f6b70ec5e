import { deepEqual, equal, ok } from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { childrenOf, fixture, isAlive, readProcess, until } from "@supervise/testkit";
import { kill, project } from "./harness.js";

const STAY = { command: ["sleep", "60"] };

test("after two hundred runs of every kind the supervisor holds no more descriptors and no zombie", async (t) => {
  const again = { restart: "always", restart_delay: "0s" };
  const it = project(
    t,
    {
      stay: STAY,
      plain: { command: ["true"], ...again },
      notify: {
        command: ["sh", "-c", `timeout 0.02 ${fixture("notify-ready")}`],
        ready: { notify: true },
        ...again,
      },
      fd: { command: ["sh", "-c", "echo >&3; exit 0"], ready: { fd: 3 }, ...again },
      missing: { command: ["/no/such/command"], ...again },
      orphans: { command: ["sh", "-c", "(true &); exit 0"], ...again },
    },
    { restart_burst: { capacity: 1_000_000, refill_per_second: 1_000_000 } },
  );
  const supervisor = await it.up();
  const { events } = supervisor;
  const runs = (name: string, count: number) =>
    events.find(
      `${count} runs of ${name}`,
      (entry) => entry.service === name && (entry.run ?? 0) >= count,
    );
  const rest = async (): Promise<number> => {
    equal((await it.run("stop", "plain", "notify", "fd", "missing", "orphans")).code, 0);
    // The event stream is one, the connection of this look another: both are there each time.
    return readdirSync(`/proc/${supervisor.pid}/fd`).length;
  };
  await Promise.all(["plain", "notify", "fd", "orphans"].map((name) => runs(name, 5)));
  const before = await rest();
  equal(
    (await it.run("start", "--no-wait", "plain", "notify", "fd", "missing", "orphans")).code,
    0,
  );
  await Promise.all(["plain", "notify", "fd", "orphans"].map((name) => runs(name, 50)));
  const after = await until(rest, {
    is: (count) => count <= before,
    what: `at most ${before} descriptors`,
  });
  ok(after <= before);
  await until(() => childrenOf(supervisor.pid).filter((pid) => readProcess(pid)?.state === "Z"), {
    is: (zombies) => zombies.length === 0,
    what: "every zombie to be reaped",
  });
});

test("after down the runtime directory holds no socket and no pidfile", async (t) => {
  const it = project(t, {
    notify: { command: [fixture("notify-ready")], ready: { notify: true } },
    web: STAY,
    forking: {
      type: "forking",
      pidfile: "it.pid",
      command: ["sh", "-c", "setsid sleep 60 & echo $! > it.pid"],
    },
  });
  const supervisor = await it.up();
  for (const name of ["notify", "web", "forking"]) await supervisor.events.state(name, "up");
  equal((await it.run("down")).code, 0);
  await supervisor.exit();
  const left = readdirSync(it.runtimeDirectory).filter(
    (name) => !["lock", "records"].includes(name),
  );
  deepEqual(left, []);
});

test("after an orderly shutdown there is no run to look for; what the operator had stopped is remembered", async (t) => {
  const stopped = { ...STAY, restart: "unless-stopped" };
  for (const end of ["down", "SIGTERM"]) {
    const it = project(t, { web: STAY, stopped });
    const supervisor = await it.up();
    for (const name of ["web", "stopped"]) await supervisor.events.state(name, "up");
    equal((await it.run("stop", "stopped")).code, 0);
    if (end === "down") equal((await it.run("down")).code, 0);
    else kill(supervisor.pid, "SIGTERM");
    await supervisor.exit();
    const records = readFileSync(join(it.runtimeDirectory, "records"), "utf8");
    const names = records.split("\n").flatMap((line) => /"service":"(\w+)"/.exec(line)?.[1] ?? []);
    deepEqual(names, ["stopped"], end);
  }
});

test("two hundred services start and stop, and nothing of them is left", async (t) => {
  const it = project(t, { many: { ...STAY, scale: 200 } });
  const supervisor = await it.up();
  await supervisor.events.state("many-200", "up");
  equal((await it.client.processes([])).length, 200);
  const pids = (await it.client.services([])).map(({ pid }) => pid ?? 0);
  equal(new Set(pids).size, 200);
  equal((await it.run("down")).code, 0);
  equal((await supervisor.exit()).code, 0);
  deepEqual(
    pids.filter((pid) => isAlive(pid)),
    [],
  );
});
