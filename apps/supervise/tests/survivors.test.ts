import { deepEqual, equal, match, ok } from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fixture, isAlive, pidNamespaceCommand, pidNamespaceSkip, until } from "@supervise/testkit";
import { finish, gone, identity, kill, project, type Project } from "./harness.js";

const STAY = { command: ["sleep", "60"] };
/** Notes its number; a copy that lives when it starts, and is more than a zombie, is noted in "overlaps". */
const ALONE = {
  command: [
    "sh",
    "-c",
    "for one in $(cat starts 2> /dev/null); do readlink /proc/$one/exe > /dev/null && echo $one >> overlaps; done; echo $$ >> starts; (sleep 61 & wait) & exec sleep 60",
  ],
};

async function killSupervisor(it: Project): Promise<void> {
  const { pid } = await it.client.project();
  kill(pid, "SIGKILL");
  await gone(pid);
}

for (const where of ["in the background", "in the foreground"])
  test(`up --fresh ${where} stops the survivors, whole trees, before anything is started`, async (t) => {
    const it = project(t, {
      web: ALONE,
      deaf: {
        command: [fixture("ignore-term")],
        ready: { log: "^ready$" },
        stop_grace_period: "100ms",
        depends_on: ["web"],
      },
    });
    await it.detach();
    const [web, deaf] = [await it.pid("web"), await it.pid("deaf")];
    const child = await until(() => it.processes().find((one) => one.endsWith("sleep 61")), {
      what: "the child of web",
    });
    await killSupervisor(it);
    if (where === "in the background") await it.detach("--fresh");
    else await it.up({ words: ["--fresh"] });
    const events = it.follow();
    await events.state("deaf", "up");
    for (const pid of [web, deaf, Number.parseInt(child, 10)]) ok(!isAlive(pid), `${pid} lives on`);
    ok((await it.pid("web")) !== web);
    await until(() => readFileSync(join(it.directory, "starts"), "utf8").trim().split("\n"), {
      is: ({ length }) => length === 2,
      what: "two starts",
    });
    equal(existsSync(join(it.directory, "overlaps")), false);
    equal((await it.run("down")).code, 0);
  });

test("status names the survivors of a dead supervisor, and down stops them with their trees", async (t) => {
  const it = project(t, { web: ALONE, db: STAY, off: STAY });
  await it.detach();
  equal((await it.run("stop", "off")).code, 0);
  const [web, db] = [await it.pid("web"), await it.pid("db")];
  await killSupervisor(it);
  const status = await it.run("status");
  equal(status.code, 1);
  match(status.stderr, new RegExp(`web \\(pid ${web}\\), db \\(pid ${db}\\); supervise up takes`));
  ok(!status.stderr.includes("off"));
  const down = await it.run("down");
  equal(down.code, 0, down.stderr);
  match(down.stdout, new RegExp(`^web: stopped, pid ${web}`, "m"));
  await until(() => it.processes(), { is: (left) => left.length === 0, what: "all to be gone" });
  const after = await it.run("status");
  equal(after.code, 1);
  ok(!after.stderr.includes("live on"), after.stderr);
});

test("down --now kills the survivors of a dead supervisor", async (t) => {
  const it = project(t, { deaf: { command: [fixture("ignore-term")], stop_grace_period: "1h" } });
  await it.detach();
  await killSupervisor(it);
  equal((await it.run("down", "--now")).code, 0);
  deepEqual(it.processes(), []);
});

test("beside a survivor, what ended unseen is handled by its policy, and what is done stays done", async (t) => {
  const runs = (name: string): readonly string[] => [
    "sh",
    "-c",
    `echo run >> ${name}; exec sleep 60`,
  ];
  const it = project(t, {
    stay: STAY,
    once: { type: "oneshot", command: ["sh", "-c", "echo run >> once"] },
    "at-work": { type: "oneshot", command: runs("at-work") },
    never: { command: runs("never"), restart: "no" },
    "on-failure": { command: runs("on-failure"), restart: "on-failure", restart_delay: "0s" },
    always: { command: runs("always"), restart: "always", restart_delay: "0s" },
    stopped: { ...STAY, restart: "unless-stopped" },
  });
  const starter = it.begin(["up", "-d"]);
  const names = ["at-work", "never", "on-failure", "always"];
  const pids = await until(() => Promise.all(names.map((name) => it.pid(name))), { what: "all" });
  await until(async () => (await it.client.service("once")).state, {
    is: (state) => state === "done",
    what: "once to be done",
  });
  const written = (name: string): string => readFileSync(join(it.directory, name), "utf8");
  for (const name of names)
    await until(() => written(name), { is: (text) => text === "run\n", what: `${name} to run` });
  equal((await it.run("stop", "stopped")).code, 0);
  await killSupervisor(it);
  await starter.exit();
  for (const pid of pids) kill(pid, "SIGKILL");
  for (const pid of pids) await gone(pid);

  await it.up();
  const events = it.follow();
  for (const name of ["on-failure", "always"])
    await events.find(
      name,
      (entry) => entry.service === name && entry.state === "up" && entry.run === 2,
    );
  for (const name of ["at-work", "never"]) {
    const { state, reason, lastExit } = await it.client.service(name);
    equal(state, "failed", name);
    match(reason, /status that the kernel does not tell|was killed by SIGKILL/);
    equal(lastExit?.run, 1);
  }
  match(
    (await it.run("events")).stdout,
    new RegExp(`never ended while no supervisor lived, pid ${pids[1]}`),
  );
  equal((await it.client.service("once")).state, "done");
  equal((await it.client.service("stopped")).state, "down");
  for (const [name, lines] of [
    ["once", 1],
    ["at-work", 1],
    ["never", 1],
    ["always", 2],
  ] as const)
    await until(() => written(name), {
      is: (text) => text === "run\n".repeat(lines),
      what: `${lines} runs of ${name}`,
    });
  equal((await it.run("start", "never")).code, 0);
  equal((await it.run("down")).code, 0);
});

test("where nothing lives any more, up starts everything anew", async (t) => {
  const it = project(t, {
    once: { type: "oneshot", command: ["sh", "-c", "echo run >> once"] },
    never: { ...STAY, restart: "no" },
  });
  await it.detach();
  const never = await it.pid("never");
  await killSupervisor(it);
  kill(never, "SIGKILL");
  await gone(never);
  await it.detach();
  equal((await it.client.service("never")).state, "up");
  equal(readFileSync(join(it.directory, "once"), "utf8"), "run\nrun\n");
  equal((await it.run("down")).code, 0);
});

test("a stop that had begun goes on after the takeover, without a second signal, and then it is started", async (t) => {
  const it = project(t, {
    stay: STAY,
    slow: {
      command: [
        "sh",
        "-c",
        'trap "echo term >> signals" TERM; echo ready; until [ -e go ]; do sleep 0.02; done; rm go; exit 0',
      ],
      ready: { log: "^ready$" },
      restart: "no",
      stop_grace_period: "1h",
    },
  });
  await it.detach();
  const slow = await it.pid("slow");
  equal((await it.run("stop", "--no-wait", "slow")).code, 0);
  await until(() => existsSync(join(it.directory, "signals")), { what: "the stop signal" });
  await killSupervisor(it);
  const up = await it.up();
  equal((await it.client.service("slow")).state, "stopping");
  equal(await it.pid("slow"), slow);
  writeFileSync(join(it.directory, "go"), "");
  await up.events.find(
    "its next run",
    ({ service, state, run }) => service === "slow" && state === "up" && run === 2,
  );
  equal(readFileSync(join(it.directory, "signals"), "utf8"), "term\n");
  equal((await it.run("down", "--now")).code, 0);
});

test("records of another boot adopt nobody and signal nobody", async (t) => {
  const it = project(t, { web: STAY });
  await it.detach();
  const web = identity(await it.pid("web"));
  const pid = await it.pid("web");
  await killSupervisor(it);
  const path = join(it.runtimeDirectory, "records");
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  ok(readFileSync(path, "utf8").includes(boot));
  const other = "0".repeat(8) + boot.slice(8);
  writeFileSync(path, readFileSync(path, "utf8").replaceAll(boot, other));
  // What is on its way is of the same boot.
  const output = join(it.runtimeDirectory, "output");
  writeFileSync(output, readFileSync(output, "latin1").replace(boot, other), "latin1");
  await it.detach();
  ok((await it.pid("web")) !== pid);
  equal((await it.run("down")).code, 0);
  equal(identity(pid), web);
  kill(pid, "SIGKILL");
  await gone(pid);
});

test(
  "records of another PID namespace adopt nobody and signal nobody",
  { skip: pidNamespaceSkip() },
  async (t) => {
    const it = project(t, { web: STAY });
    await it.detach();
    const pid = await it.pid("web");
    const web = identity(pid);
    await killSupervisor(it);
    const inside = it.begin(["up"], { through: pidNamespaceCommand([]) });
    const inner = await until(() => it.pid("web"), { what: "its own web" });
    ok(inner < 100 && inner !== pid, String(inner));
    equal((await it.run("down")).code, 0);
    equal((await finish(inside)).code, 0);
    equal(identity(pid), web);
    // Neither did it take the place of what lives out here.
    kill(pid, "SIGKILL");
    await gone(pid);
  },
);

test("commands of a service end with a killed supervisor, and its background processes do not", async (t) => {
  const it = project(t, {
    web: {
      ...STAY,
      reload_command: ["sh", "-c", "sleep 62 > /dev/null 2>&1 & exit 0"],
      healthcheck: { test: ["CMD", "sh", "-c", "sleep 63; exit 0"], timeout: "50s" },
    },
  });
  await it.detach();
  const running = (what: string): boolean => it.processes().some((one) => one.endsWith(what));
  equal((await it.run("reload", "web")).code, 0);
  await until(() => running("sleep 62") && running("sleep 63"), { what: "both commands" });
  await killSupervisor(it);
  await until(() => !running("sleep 63"), { what: "the end of the test with its child" });
  ok(running("sleep 62"), "what a command has left in the background goes on");
  ok(running("sleep 60"));
  const left = it.processes().find((one) => one.endsWith("sleep 62")) ?? "";
  equal((await it.run("down")).code, 0);
  kill(Number.parseInt(left, 10), "SIGKILL");
  await gone(Number.parseInt(left, 10));
});
