import { deepEqual, equal, match, ok } from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fixture, isAlive, readProcess, until } from "@supervise/testkit";
import { finish, project } from "./harness.js";

const STAY = { command: ["sleep", "60"] };
/** The first run ends when it is told to by a file, whatever signal it gets; the next one obeys. */
const SLOW_END = [
  "sh",
  "-c",
  "[ -e go ] && echo here && exec sleep 60; trap '' TERM; echo here; until [ -e go ]; do sleep 0.02; done",
];

test("a start during a stop waits for the end of the old run, and then there is one new run", async (t) => {
  const it = project(t, {
    web: { command: SLOW_END, ready: { log: "here" }, stop_grace_period: "1m" },
  });
  const { events } = await it.up();
  await events.state("web", "up");
  const old = await it.pid("web");
  const stop = it.begin(["stop", "web"]);
  await events.state("web", "stopping");
  const start = it.begin(["start", "web"]);
  await until(async () => (await it.client.service("web")).wanted === "up", {
    what: "the wish to be up again",
  });
  ok(isAlive(old));
  equal((await it.client.service("web")).run, 1);
  writeFileSync(join(it.directory, "go"), "");
  equal((await finish(start)).code, 0);
  await finish(stop);
  ok(!isAlive(old));
  equal((await it.client.service("web")).run, 2);
});

test("a stop of a service that waits or starts is done, and nothing is spawned afterwards", async (t) => {
  const it = project(t, {
    slow: { ...STAY, ready: { log: "never" } },
    waits: { command: ["touch", "spawned"], type: "oneshot", depends_on: ["slow"] },
    other: STAY,
  });
  const { events } = await it.up();
  await events.state("slow", "starting");
  equal((await it.run("stop", "waits")).code, 0);
  equal((await it.run("stop", "slow")).code, 0);
  const states = await it.client.services(["waits", "slow"]);
  deepEqual(
    states.map(({ state, run }) => `${state} ${run}`),
    ["down 1", "down 0"],
  );
});

test("ten restarts at once end in one process", async (t) => {
  const it = project(t, { web: STAY });
  const { events } = await it.up();
  await events.state("web", "up");
  await Promise.all(
    Array.from({ length: 10 }, async () => {
      for await (const _ of it.client.act({ action: "restart", names: ["web"], wait: true }));
    }),
  );
  await until(async () => (await it.client.service("web")).state, {
    is: (state) => state === "up",
    what: "web to be up",
  });
  const processes = await it.client.processes(["web"]);
  equal(processes.length, 1);
  equal(it.processes().filter((line) => line.endsWith("sleep 60")).length, 1);
});

test("a stop of what others need stops them first, and a start of the dependent brings both back", async (t) => {
  const it = project(t, { base: STAY, top: { ...STAY, depends_on: ["base"] }, other: STAY });
  const { events } = await it.up();
  await events.state("top", "up");
  const stop = await it.run("stop", "base");
  equal(stop.code, 0);
  equal((await it.client.service("base")).state, "down");
  const top = await it.client.service("top");
  ok(["up", "down"].includes(top.state), top.state);
  equal((await it.run("start", "top")).code, 0);
  deepEqual(
    (await it.client.services(["base", "top"])).map(({ state }) => state),
    ["up", "up"],
  );
});

test("a stopped process (SIGSTOP) obeys the stop signal", async (t) => {
  const it = project(t, { web: { ...STAY, stop_grace_period: "1m" } });
  const { events } = await it.up();
  await events.state("web", "up");
  const pid = await it.pid("web");
  process.kill(pid, "SIGSTOP");
  await until(() => readProcess(pid)?.state === "T", { what: "the process to be stopped" });
  equal((await it.run("stop", "web")).code, 0);
  match((await it.client.service("web")).lastExit?.text ?? "", /SIGTERM/);
});

test("a second down while the first one runs ends well too", async (t) => {
  const it = project(t, {
    deaf: {
      command: [fixture("ignore-term")],
      ready: { log: "ready" },
      stop_grace_period: "500ms",
    },
  });
  const supervisor = await it.up();
  await supervisor.events.state("deaf", "up");
  const downs = [it.begin(["down"]), it.begin(["down"])];
  const codes = await Promise.all(downs.map(async (down) => (await finish(down)).code));
  ok(
    codes.every((code) => code === 0 || code === 1),
    String(codes),
  );
  ok(codes.includes(0));
  equal((await supervisor.exit()).code, 0);
});

test("a start while the supervisor goes down is refused", async (t) => {
  const it = project(t, {
    deaf: { command: SLOW_END, ready: { log: "here" }, stop_grace_period: "1m" },
    other: STAY,
  });
  const supervisor = await it.up();
  await supervisor.events.state("deaf", "up");
  const down = it.begin(["down"]);
  await supervisor.events.state("deaf", "stopping");
  const start = await it.run("start", "other");
  equal(start.code, 1);
  match(start.stderr, /shutting down/);
  writeFileSync(join(it.directory, "go"), "");
  equal((await finish(down)).code, 0);
});
