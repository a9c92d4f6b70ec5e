import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { EventEntry, StateKind } from "@supervise/model";
import { childrenOf, isAlive, readProcess, until } from "@supervise/testkit";
import {
  exampleProject,
  freePorts,
  httpGet,
  identities,
  listeningPorts,
  PATIENCE_MS,
  runPatiently,
  serves,
  statuses,
  untilServices,
} from "./example-project.js";
import type { Events } from "./harness.js";

const LONG_LIVED = ["web", "worker", "flaky", "forgetful"];

test("the demo does what the README says", { timeout: 300_000 }, async (t) => {
  const port = await freePorts(1);
  const it = exampleProject(t, "demo", (directory) => ({
    PORT: port,
    TMPDIR: directory,
    USER: "tester",
  }));
  const supervisor = await it.up();
  const { events } = supervisor;
  const url = `http://127.0.0.1:${port}/`;
  const number = (what: string, service: string, state: StateKind): Promise<number> =>
    find(events, what, (entry) => entry.service === service && entry.state === state);

  await t.test("every service gets where it should, in the order of its dependencies", async () => {
    await untilServices(
      it,
      LONG_LIVED,
      "the demo to be up",
      ({ state, ready }) => state === "up" && ready,
    );
    await untilServices(it, ["web"], "the web service to be healthy", serves);
    equal((await it.client.service("prepare")).state, "done");
    const prepared = await number("prepare to be done", "prepare", "done");
    const web = await number("web to start", "web", "starting");
    const healthy = await find(
      events,
      "web to be healthy",
      ({ service, message }) => service === "web" && /is healthy/.test(message),
    );
    const worker = await number("worker to be up", "worker", "up");
    ok(
      prepared < web && web < healthy && healthy < worker,
      `${prepared} ${web} ${healthy} ${worker}`,
    );
  });

  await t.test(
    "the page tells what the oneshot wrote, and each line of output names its service",
    async () => {
      const greeting = await httpGet(url);
      match(greeting, /^hello from process \d+, prepared before anything else ran\n$/);
      equal(
        greeting,
        readFileSync(join(it.directory, "supervise-demo-tester/greeting.txt"), "utf8"),
      );
      await supervisor.stdout.match(/^worker {4}\| fibonacci\(20\) = 6765$/, {
        deadlineMs: PATIENCE_MS,
      });
      const names = (): Set<string | undefined> =>
        new Set(supervisor.stdout.all.map((line) => /^(\w+) *\| /.exec(line)?.[1]));
      await until(() => names().size > LONG_LIVED.length + 1, {
        what: "a line of each service",
        deadlineMs: PATIENCE_MS,
      });
      deepEqual(names(), new Set(["supervise", "prepare", ...LONG_LIVED]));
      ok(supervisor.stdout.all.includes(`web       | listening on ${url}`));
      ok(supervisor.stdout.all.includes("supervise | prepare exited with code 0"));
    },
  );

  await t.test("the worker is restarted with the web service, and nothing else is", async () => {
    // All but the one that crashes when it likes.
    const steady = LONG_LIVED.filter((name) => name !== "flaky");
    const before = await identities(it, steady);
    const restart = await runPatiently(it, "restart", "web");
    equal(restart.code, 0, restart.stderr);
    await until(async () => (await identities(it, ["worker"]))["worker"] !== before["worker"], {
      what: "another worker",
      deadlineMs: PATIENCE_MS,
    });
    await untilServices(
      it,
      steady,
      "the demo to be up again",
      ({ state, ready }) => state === "up" && ready,
    );
    const after = await identities(it, steady);
    deepEqual(
      steady.filter((name) => after[name] !== before[name]),
      ["web", "worker"],
    );
  });

  await t.test("the verbs that the README names answer", async () => {
    for (const verb of ["status", "why flaky", "ps", "logs web worker", "events"]) {
      const { code, stdout, stderr } = await runPatiently(it, ...verb.split(" "));
      equal(code, 0, `${verb}: ${stderr}`);
      match(stdout, /flaky|worker/, verb);
    }
  });

  await t.test("an orphan is adopted by the supervisor, and reaped when it ends", async () => {
    const said = /^forgetful \| left process (\d+) to itself$/m;
    const [, orphan] = await until(() => said.exec(supervisor.stdout.all.join("\n")), {
      what: "an orphan",
      deadlineMs: PATIENCE_MS,
    });
    const pid = Number(orphan);
    // Its parent, a subshell, ends within moments.
    await until(() => [supervisor.pid, undefined].includes(readProcess(pid)?.ppid), {
      what: "the supervisor to be its parent",
    });
    await find(
      events,
      "the orphan to be reaped",
      (entry) => entry.kind === "orphan" && entry.pid === pid,
    );
    ok(!existsSync(`/proc/${pid}`));
  });

  await t.test("what crashes comes back, with the signal told", async () => {
    const first = await number("flaky to be up", "flaky", "up");
    const crash = await find(
      events,
      "flaky to crash",
      ({ service, kind }) => service === "flaky" && kind === "exit",
    );
    match(
      events.all.find(({ seq }) => seq === crash)?.message ?? "",
      /flaky was killed by SIGSEGV/,
    );
    const second = await find(
      events,
      "flaky to be up again",
      ({ seq, service, state }) => seq > crash && service === "flaky" && state === "up",
    );
    ok(first < crash && crash < second);
    const { run, pid } = events.all.find(({ seq }) => seq === second) ?? {};
    equal(run, 2);
    notEqual(pid, null);
    // It may have crashed once more meanwhile, in the same way.
    const { lastExit } = await it.client.service("flaky");
    deepEqual(lastExit?.status, { kind: "signal", signal: "SIGSEGV", coreDumped: false });
    await until(
      () => supervisor.stdout.all.some((line) => line.startsWith("supervise | flaky starts again")),
      { what: "the restart to be told" },
    );
  });

  await t.test("no zombie is left below the supervisor", async () => {
    const zombies = (): number[] =>
      childrenOf(supervisor.pid).filter((pid) => readProcess(pid)?.state === "Z");
    await until(zombies, { is: (pids) => pids.length === 0, what: "no zombie" });
    // One of them crashes when it likes.
    await until(async () => [...(await statuses(it)).values()].flatMap(({ pid }) => pid ?? []), {
      is: (mains) =>
        mains.length >= 4 && mains.every((pid) => childrenOf(supervisor.pid).includes(pid)),
      what: "each main process to be its child",
      deadlineMs: PATIENCE_MS,
    });
  });

  await t.test("a stop returns when no process of the service is left", async () => {
    const pids = (await it.client.processes(["forgetful"])).map(({ pid }) => pid);
    equal((await runPatiently(it, "stop", "forgetful")).code, 0);
    ok(pids.length > 0);
    deepEqual(
      pids.filter((pid) => isAlive(pid)),
      [],
    );
  });

  await t.test("SIGINT ends it in reverse order, with 0, and nothing is left", async () => {
    process.kill(supervisor.pid, "SIGINT");
    await supervisor.stdout.rest({ deadlineMs: PATIENCE_MS });
    deepEqual(await supervisor.exit(), { code: 0, signal: null });
    const said = supervisor.stdout.all.slice(
      supervisor.stdout.all.lastIndexOf("supervise | forgetful is down"),
    );
    const order = [
      /^worker +\| no more jobs$/,
      /^supervise \| worker is down$/,
      /^web +\| closing, after \d+ jobs$/,
      /^supervise \| web is down$/,
    ].map((line) => said.findIndex((text) => line.test(text)));
    ok(!order.includes(-1), said.join("\n"));
    deepEqual(
      order,
      order.toSorted((a, b) => a - b),
      said.join("\n"),
    );
    deepEqual(await supervisor.stderr.rest(), []);
    deepEqual(it.processes(), []);
    deepEqual(listeningPorts([port]), []);
  });
});

/** The number of the first event that matches. */
async function find(
  events: Events,
  what: string,
  is: (entry: EventEntry) => boolean,
): Promise<number> {
  const entry = await until(() => events.all.find(is), {
    what,
    deadlineMs: PATIENCE_MS,
    log: () => events.all.map(({ seq, message }) => `${seq} ${message}`).join("\n"),
  });
  return entry.seq;
}
