import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { fixture, inTerminal, until } from "@supervise/testkit";
import { COMMAND, finish, insist, project } from "./harness.js";

const STAY = { command: ["sleep", "60"] };

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  test(`${signal} stops everything in order and ends with 0`, async (t) => {
    const it = project(t, { base: STAY, top: { ...STAY, depends_on: ["base"] } });
    const supervisor = await it.up();
    await supervisor.events.state("top", "up");
    process.kill(supervisor.pid, signal);
    deepEqual(await supervisor.exit(), { code: 0, signal: null });
    const ends = (await supervisor.stdout.rest())
      .filter((line) => line.endsWith("is down"))
      .map((line) => /(\w+) is down/.exec(line)?.[1]);
    deepEqual(ends, ["top", "base"]);
    deepEqual(it.processes(), []);
  });
}

test("a second SIGTERM is the end at once, whatever the grace period", async (t) => {
  const it = project(t, {
    deaf: { command: [fixture("ignore-term")], ready: { log: "^ready$" }, stop_grace_period: "1h" },
    top: { ...STAY, depends_on: ["deaf"] },
  });
  const supervisor = await it.up();
  await supervisor.events.state("top", "up");
  process.kill(supervisor.pid, "SIGTERM");
  await supervisor.stdout.match(/ignored SIGTERM/);
  await insist(supervisor.pid, "SIGTERM");
  const { code } = await supervisor.exit();
  ok(code !== null, "it ended by itself");
  deepEqual(it.processes(), []);
});

test("SIGTERM during the start starts nothing more", async (t) => {
  const it = project(t, {
    slow: { ...STAY, ready: { log: "never" } },
    top: { command: ["touch", "started"], type: "oneshot", depends_on: ["slow"] },
  });
  const supervisor = await it.up();
  await supervisor.events.state("slow", "starting");
  process.kill(supervisor.pid, "SIGTERM");
  await supervisor.exit();
  deepEqual(it.processes(), []);
  ok(!(await supervisor.stdout.rest()).some((line) => /top is (up|done)/.test(line)));
});

test("SIGHUP, SIGUSR1, SIGUSR2, SIGPIPE and SIGQUIT do not end the supervisor as they would by default", async (t) => {
  const it = project(t, { web: STAY });
  const supervisor = await it.up();
  await supervisor.events.state("web", "up");
  const pid = await it.pid("web");
  for (const signal of ["SIGHUP", "SIGPIPE", "SIGUSR1", "SIGUSR2"] as const)
    process.kill(supervisor.pid, signal);
  // SIGHUP is the reload: when it has been told, the ones before it have been survived.
  await supervisor.events.find("the reload", (entry) => entry.kind === "configuration");
  equal(await it.pid("web"), pid);
});

test("Ctrl-C in a terminal stops the services in order, once", async (t) => {
  const it = project(t, {
    web: {
      command: [fixture("report-signals")],
      stop_signal: "SIGTERM",
      stop_grace_period: "2s",
      ready: { log: "^ready$" },
    },
  });
  const terminal = inTerminal(
    t,
    [process.execPath, COMMAND, "up", "--file", it.file, "--runtime-dir", it.runtimeDirectory],
    { env: it.environment, cwd: it.directory },
  );
  await terminal.shows(/web is up/);
  terminal.type("\u0003");
  const { code } = await terminal.exit();
  equal(code, 0);
  ok(/signal 15 from/.test(terminal.output()));
  ok(!/signal 2 from/.test(terminal.output()), "the terminal's own SIGINT reached the service");
  equal(await terminal.restored(), true);
  deepEqual(it.processes(), []);
});

test("a terminal that hangs up stops the services", async (t) => {
  const it = project(t, { web: STAY });
  const terminal = inTerminal(
    t,
    [process.execPath, COMMAND, "up", "--file", it.file, "--runtime-dir", it.runtimeDirectory],
    { env: it.environment, cwd: it.directory },
  );
  await terminal.shows(/web is up/);
  terminal.hangUp();
  await terminal.exit();
  deepEqual(it.processes(), []);
});

test("a reader of our output that goes away ends the output, not the services", async (t) => {
  const it = project(t, {
    web: {
      command: [
        "sh",
        "-c",
        "n=0; while [ $n -lt 200 ]; do echo line $n; n=$((n + 1)); done; touch written; exec sleep 60",
      ],
      ready: { file: "written", interval: "10ms" },
    },
  });
  const started = it.begin(["up"], { through: ["sh", "-c", '"$@" | head -n 1', "sh"] });
  const client = it.client;
  await started.stdout.match(/./);
  await until(async () => (await client.service("web")).state === "up", {
    what: "the service to be up",
  });
  equal((await it.run("down")).code, 0);
  await finish(started);
});
