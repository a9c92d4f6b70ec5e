import { deepEqual, equal, match, ok } from "node:assert/strict";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fixture, isAlive, until } from "@supervise/testkit";
import {
  finish,
  gone,
  identity,
  insist,
  kill,
  project,
  statusField,
  type Project,
} from "./harness.js";
import { keep, needsInit } from "./keeper-harness.js";

const STAY = { command: ["sh", "-c", "echo $$ >> $NAME.starts; exec sleep 60"] };

function stay(name: string): Readonly<Record<string, unknown>> {
  return { ...STAY, environment: { NAME: name } };
}

/** Processes that each service was started as, by name. */
function starts(it: Project): Record<string, number[]> {
  return Object.fromEntries(
    readdirSync(it.directory)
      .filter((file) => file.endsWith(".starts"))
      .map((file) => [
        file.slice(0, -".starts".length),
        readFileSync(join(it.directory, file), "latin1").split("\n").filter(Boolean).map(Number),
      ]),
  );
}

async function allUp(it: Project): Promise<void> {
  await until(
    async () =>
      (await it.client.services([])).every(({ state }) => state === "up" || state === "done"),
    { what: "all services to be up" },
  );
}

test(
  "a service is the init's child from birth, and stays it when the supervisor is killed",
  { skip: needsInit },
  async (t) => {
    const it = project(t, { web: stay("web") });
    const kept = keep(t, it);
    await until(() => it.pid("web"), { what: "web" });
    const web = identity(await it.pid("web"));
    equal(Number(statusField(await it.pid("web"), "PPid")), kept.pid);
    await kept.crash("SIGKILL");
    await allUp(it);
    equal(identity(await it.pid("web")), web);
    equal(Number(statusField(await it.pid("web"), "PPid")), kept.pid);
    match(
      (await it.run("why", "web")).stdout,
      /was adopted at .* after the supervisor was killed by SIGKILL at 20/,
    );
    match(
      (await it.run("events")).stdout,
      /The supervisor came back, generation 2: .* SIGKILL at 20/,
    );
    const { code, stderr } = await kept.end();
    equal(code, 0);
    match(stderr, /stopped by SIGTERM from pid \d+ \(uid \d+\)/);
    deepEqual(it.processes(), []);
  },
);

for (const killAt of [1, 5, 12, 23])
  test(
    `the supervisor is killed once ${killAt} of 24 services have started: each runs, once`,
    { skip: needsInit },
    async (t) => {
      const names = Array.from({ length: 24 }, (_, index) => `s${index}`);
      const it = project(t, Object.fromEntries(names.map((name) => [name, stay(name)])));
      const kept = keep(t, it);
      await until(
        () =>
          Object.keys(starts(it)).length >= killAt && existsSync(join(it.runtimeDirectory, "lock")),
        { what: "the start" },
      );
      await kept.crash("SIGKILL");
      await until(async () => (await it.client.services([])).length === 24, { what: "an answer" });
      await allUp(it);
      const found = await until(() => starts(it), {
        is: (seen) => names.every((name) => (seen[name]?.length ?? 0) > 0),
        what: "each to have written its number",
      });
      for (const name of names) deepEqual(found[name], [await it.pid(name)], name);
      equal((await kept.end()).code, 0);
    },
  );

test(
  "what ended in the gap is handled by policy, with its status and its last words",
  { skip: needsInit },
  async (t) => {
    const ends = (name: string, more: string): unknown => [
      "sh",
      "-c",
      `echo $$ >> ${name}.starts; [ -e ${name}.go ] || ${more}; exec sleep 60`,
    ];
    const wait = (name: string, end: string): string =>
      `{ echo up; until [ -e ${name}.go ]; do sleep 0.01; done; echo last words of ${name}; ${end}; }`;
    const it = project(t, {
      fails: { command: ends("fails", wait("fails", "exit 7")), restart: "on-failure" },
      final: { command: ends("final", wait("final", "exit 3")) },
      work: { type: "oneshot", command: ends("work", wait("work", "exit 0")) },
      shot: { ...stay("shot"), restart: "always" },
      after: {
        ...stay("after"),
        depends_on: { work: { condition: "service_completed_successfully" } },
      },
      stays: stay("stays"),
    });
    const kept = keep(t, it);
    const all = ["fails", "final", "work", "shot", "stays"];
    await until(() => all.every((name) => (starts(it)[name]?.length ?? 0) > 0), {
      what: "the start",
    });
    await until(async () => (await it.client.service("shot")).pid, { what: "the control socket" });
    const stays = identity(await it.pid("stays"));
    const shot = await it.pid("shot");
    const before = await kept.supervisor();
    const pids = ["fails", "final", "work"].map((name) => starts(it)[name]?.[0] ?? 0);
    // While it is stopped and then dead, nobody reads and nobody hears.
    kill(before, "SIGSTOP");
    for (const name of ["fails", "final", "work"])
      writeFileSync(join(it.directory, `${name}.go`), "");
    kill(shot, "SIGKILL");
    for (const pid of [...pids, shot]) await gone(pid);
    kill(before, "SIGKILL");
    await until(async () => (await it.client.service("after")).state === "up", { what: "after" });
    for (const name of ["fails", "shot"])
      await until(() => it.client.service(name), {
        is: ({ state, run }) => state === "up" && run === 2,
        what: `another run of ${name}`,
      });
    await until(async () => (await it.client.service("final")).state === "failed", {
      what: "final",
    });
    const told = new Map((await it.client.services([])).map((one) => [one.name, one]));
    match(told.get("fails")?.lastExit?.text ?? "", /exited with code 7/);
    equal(told.get("fails")?.restarts, 1);
    match(told.get("shot")?.lastExit?.text ?? "", /killed by SIGKILL/);
    match(told.get("final")?.reason ?? "", /exited with code 3/);
    equal(told.get("work")?.state, "done");
    equal(identity(await it.pid("stays")), stays);
    const { stdout } = await it.run("logs");
    for (const name of ["fails", "final", "work"])
      match(stdout, new RegExp(`last words of ${name}`), stdout);
    const counts = (): string =>
      ["final", "work", "stays", "fails", "shot"].map((name) => starts(it)[name]?.length).join();
    await until(counts, { is: (found) => found === "1,1,1,2,2", what: "as many starts" });
    equal((await kept.end()).code, 0);
  },
);

test("states, wishes and counters are what they were", { skip: needsInit }, async (t) => {
  const it = project(t, {
    stopped: stay("stopped"),
    broken: { command: ["sh", "-c", "exit 4"] },
    retries: { command: ["sh", "-c", "exit 5"], restart: "always", restart_delay: "1h" },
    once: { type: "oneshot", command: ["sh", "-c", "echo $$ >> once.starts"] },
    waits: {
      ...stay("waits"),
      depends_on: { work: { condition: "service_completed_successfully" } },
    },
    work: { type: "oneshot", command: ["sleep", "60"] },
    web: stay("web"),
  });
  const kept = keep(t, it);
  const states = async (): Promise<string> =>
    (await it.client.services([])).map(({ name, state }) => `${name} ${state}`).join();
  await until(states, {
    is: (all) =>
      all ===
      "stopped up,broken failed,retries backoff,once done,waits waiting,work starting,web up",
    what: "the start",
  });
  equal((await it.run("stop", "stopped")).code, 0);
  const before = await it.client.services([]);
  await kept.crash("SIGSEGV");
  const after = await until(() => it.client.services([]), { what: "an answer" });
  const essence = (all: typeof before): unknown =>
    all.map(({ name, state, wanted, pid, run, restarts, lastExit, reason }) => ({
      name,
      state,
      wanted,
      pid,
      run,
      restarts,
      exit: lastExit?.text,
      reason: reason.replace(/next run in .*|[\d.]+ m?s|for .*/g, ""),
    }));
  deepEqual(essence(after), essence(before));
  deepEqual(starts(it)["once"]?.length, 1);
  equal((await kept.end()).code, 0);
});

test(
  "a stop that was asked for goes on under the next supervisor",
  { skip: needsInit },
  async (t) => {
    const it = project(t, {
      deaf: {
        command: [fixture("ignore-term")],
        ready: { log: "^ready$" },
        stop_grace_period: "1m",
      },
      web: stay("web"),
      db: { ...stay("db"), depends_on: ["deaf"] },
    });
    const kept = keep(t, it);
    await until(() => it.pid("web"), { what: "web" });
    await allUp(it);
    const [deaf, web] = [await it.pid("deaf"), await it.pid("web")];
    equal((await it.run("stop", "--no-wait", "deaf")).code, 0);
    await until(async () => (await it.client.service("deaf")).state === "stopping", {
      what: "the stop",
    });
    await kept.crash("SIGKILL");
    await until(async () => (await it.client.service("deaf")).state === "stopping", {
      what: "the stop to go on",
    });
    equal(await it.pid("deaf"), deaf);
    kill(kept.pid, "SIGTERM");
    await gone(web);
    await kept.crash("SIGKILL");
    // The first request was told again; this is the second.
    await insist(kept.pid, "SIGTERM");
    const { code } = await finish(kept);
    equal(code, 0);
    ok(!isAlive(deaf));
    deepEqual(it.processes(), []);
  },
);

test(
  "a configuration that broke or changed in the gap touches nothing until a reload",
  { skip: needsInit },
  async (t) => {
    const it = project(t, { web: stay("web") });
    const kept = keep(t, it);
    await until(() => it.pid("web"), { what: "web" });
    const web = identity(await it.pid("web"));
    writeFileSync(it.file, "services: [");
    await kept.crash("SIGKILL");
    await until(async () => identity(await it.pid("web")) === web, { what: "web to go on" });
    it.write({ web: stay("web"), more: stay("more") });
    await kept.crash("SIGABRT");
    await until(async () => identity(await it.pid("web")) === web, { what: "web to go on" });
    equal((await it.client.services([])).length, 1);
    equal((await it.client.project()).generation, 1);
    equal((await it.run("reload")).code, 0);
    await until(async () => (await it.client.service("more")).state === "up", { what: "more" });
    await kept.crash("SIGKILL");
    await until(async () => (await it.client.services([])).length === 2, { what: "an answer" });
    equal((await it.client.project()).generation, 2);
    equal(identity(await it.pid("web")), web);
    equal((await kept.end()).code, 0);
  },
);

test(
  "the environment of the init reaches services byte for byte, and nothing of ours",
  { skip: needsInit },
  async (t) => {
    const it = project(t, {
      web: { command: ["sh", "-c", "cat /proc/self/environ > env; exec sleep 60"] },
    });
    const kept = keep(t, it, {
      through: [
        "sh",
        "-c",
        'ODD=$(printf "a\\377b") NODE_OPTIONS=--max-old-space-size=123 exec "$@"',
        "sh",
      ],
    });
    await until(() => it.pid("web"), { what: "web" });
    const bytes = await until(() => readFileSync(join(it.directory, "env")), {
      is: (seen) => seen.length > 0,
      what: "its environment",
    });
    const entries = bytes.toString("latin1").split("\0");
    ok(entries.includes("ODD=a\xffb"));
    ok(entries.includes("NODE_OPTIONS=--max-old-space-size=123"));
    deepEqual(
      entries.filter((entry) => entry.startsWith("SUPERVISE_KEEPER")),
      [],
    );
    equal((await kept.end()).code, 0);
  },
);

test(
  "a service has the limit of open files that the init was started with, in every generation",
  { skip: needsInit },
  async (t) => {
    const it = project(t, { web: stay("web") });
    const kept = keep(t, it, { through: ["prlimit", "--nofile=200:4000"] });
    const limits = async (): Promise<string | undefined> => {
      const { pid } = await it.client.service("web");
      return /^Max open files +(\d+ +\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, "utf8"))?.[1];
    };
    const up = async (): Promise<boolean> => (await it.client.service("web")).state === "up";
    await until(up, { what: "the service" });
    equal((await limits())?.replace(/ +/, " "), "200 4000");
    await kept.crash("SIGKILL");
    const before = (await it.client.service("web")).pid;
    equal((await it.run("restart", "web")).code, 0);
    await until(async () => (await it.client.service("web")).pid !== before, { what: "a new run" });
    equal((await limits())?.replace(/ +/, " "), "200 4000");
    equal((await kept.end()).code, 0);
  },
);
