import { deepEqual, equal, match, ok } from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fixture, isAlive, until } from "@supervise/testkit";
import { gone, identity, kill, project, type Project } from "./harness.js";

const STAY = { command: ["sleep", "60"] };

async function killSupervisor(it: Project): Promise<void> {
  const { pid } = await it.client.project();
  kill(pid, "SIGKILL");
  await gone(pid);
}

async function downFully(it: Project): Promise<void> {
  const { pid } = await it.client.project();
  equal((await it.run("down")).code, 0);
  await gone(pid);
  deepEqual(it.processes(), []);
}

test("a stop that a killed supervisor had begun is begun anew by the operator, and ends well", async (t) => {
  const it = project(t, {
    deaf: { command: [fixture("ignore-term")], ready: { log: "^ready$" }, stop_grace_period: "1m" },
  });
  await it.detach();
  const deaf = await it.pid("deaf");
  equal((await it.run("stop", "--no-wait", "deaf")).code, 0);
  await until(async () => (await it.client.service("deaf")).state === "stopping", {
    what: "the stop",
  });
  await killSupervisor(it);
  ok(isAlive(deaf));
  const starter = it.begin(["up", "-d"]);
  await until(async () => (await it.client.service("deaf")).pid === deaf, {
    what: "it to be taken over",
  });
  equal((await it.run("down", "--now")).code, 0);
  ok(!isAlive(deaf));
  await starter.exit();
});

test("services that were waiting or in back-off when the supervisor was killed go on from there", async (t) => {
  const it = project(t, {
    slow: {
      command: ["sh", "-c", "until [ -e go ]; do sleep 0.02; done; echo here; exec sleep 60"],
      ready: { log: "here" },
    },
    waits: { ...STAY, depends_on: ["slow"] },
    dies: {
      command: ["sh", "-c", "[ -e go ] || exit 1; exec sleep 60"],
      restart: "always",
      restart_delay: "1h",
    },
  });
  it.begin(["up", "-d"]);
  await until(async () => (await it.client.service("dies")).state === "backoff", {
    what: "the back-off",
  });
  const slow = identity(await it.pid("slow"));
  await killSupervisor(it);
  writeFileSync(join(it.directory, "go"), "");
  await it.detach();
  equal(identity(await it.pid("slow")), slow);
  for (const name of ["waits", "dies"]) equal((await it.client.service(name)).state, "up", name);
  await downFully(it);
});

test("a configuration that changed in the gap is applied as by a reload: what it changed is restarted, the rest goes on", async (t) => {
  const it = project(t, { same: STAY, changed: STAY, left: STAY });
  await it.detach();
  const [same, changed, left] = [
    identity(await it.pid("same")),
    await it.pid("changed"),
    await it.pid("left"),
  ];
  await killSupervisor(it);
  it.write({ same: STAY, changed: { command: ["sleep", "59"] }, fresh: STAY });
  await it.detach();
  equal(identity(await it.pid("same")), same);
  equal((await it.client.service("fresh")).state, "up");
  const told = (await it.run("events")).stdout;
  match(told, new RegExp(`"left" left the configuration .* ${left} is stopped`));
  await gone(left);
  match(told, /changed was found running and taken over, .* is restarted/);
  await gone(changed);
  await it
    .follow()
    .find(
      "the new run",
      ({ service, state, run }) => service === "changed" && state === "up" && run === 2,
    );
  equal((await it.client.processes(["changed"]))[0]?.command, "sleep 59");
  await downFully(it);
});

test("an oneshot that was at work is taken over, and its end counts", async (t) => {
  const it = project(t, {
    work: {
      type: "oneshot",
      command: ["sh", "-c", "echo run >> runs; until [ -e go ]; do sleep 0.02; done"],
    },
    after: { ...STAY, depends_on: { work: { condition: "service_completed_successfully" } } },
  });
  it.begin(["up", "-d"]);
  const runs = (): number =>
    readFileSync(join(it.directory, "runs"), "utf8").split("\n").length - 1;
  await until(() => runs() === 1, { what: "the work to begin" });
  const work = await until(() => it.pid("work"), { what: "the control socket" });
  await killSupervisor(it);
  const again = it.begin(["up", "-d"]);
  await until(async () => (await it.client.service("work")).pid === work, {
    what: "the work to be taken over",
  });
  writeFileSync(join(it.directory, "go"), "");
  equal((await again.exit()).code, 0);
  equal(runs(), 1);
  equal((await it.client.service("after")).state, "up");
  await downFully(it);
});

test("the output of a chatty service survives the gap without a line lost or doubled", async (t) => {
  const it = project(t, {
    chatty: {
      command: [
        "sh",
        "-c",
        "n=0; while [ $n -lt 4000 ]; do n=$((n + 1)); echo line $n; [ $n -eq 1000 ] && touch half; done; touch whole; exec sleep 60",
      ],
      logging: { driver: "file", options: { path: "chatty.log" } },
    },
  });
  it.begin(["up", "-d"]);
  await until(() => readFileSync(join(it.directory, "half")), { what: "a thousand lines" });
  await until(async () => (await it.client.project()).pid, { what: "the control socket" });
  await killSupervisor(it);
  await it.detach();
  await until(() => readFileSync(join(it.directory, "whole")), { what: "all lines to be written" });
  await downFully(it);
  const numbers = [
    ...readFileSync(join(it.directory, "chatty.log"), "utf8").matchAll(/line (\d+)$/gm),
  ].map((found) => Number(found[1]));
  deepEqual(
    numbers.filter((number, index) => index > 0 && number !== (numbers[index - 1] ?? 0) + 1),
    [],
    "the order has a jump",
  );
  equal(numbers.length, 4_000);
});
