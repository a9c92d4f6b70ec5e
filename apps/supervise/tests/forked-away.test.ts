import { doesNotMatch, equal, match, ok } from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isAlive, until } from "@supervise/testkit";
import { gone, kill, project } from "./harness.js";

const ADVICE = /a program that puts itself there needs "type: forking"/;

test("a service that puts itself in the background is told to be forking, with what it left", async (t) => {
  const it = project(t, {
    away: { command: ["sh", "-c", "sleep 60 & echo $! > left; exit 0"], restart: "no" },
    stay: { command: ["sleep", "60"] },
  });
  const { events } = await it.up();
  const exit = await events.find("its end", ({ kind }) => kind === "exit");
  const left = Number(readFileSync(join(it.directory, "left"), "utf8"));
  match(exit.message, new RegExp(`exited with code 0 and left pid ${left} in the background`));
  match(exit.message, ADVICE);
  const why = (await it.run("why", "away")).stdout;
  match(why, ADVICE);
  match(why, new RegExp(`pid ${left}`));
  await gone(left);
});

test("one that hides whose it is, is named as perhaps the service's", async (t) => {
  const hidden = "setsid env -i sh -c 'echo $$ > left; exec sleep 60' </dev/null >/dev/null 2>&1 &";
  const it = project(t, {
    away: {
      command: ["sh", "-c", `${hidden} until [ -s left ]; do sleep 0.01; done`],
      restart: "no",
    },
    stay: { command: ["sleep", "60"] },
  });
  const { events } = await it.up();
  const exit = await events.find("its end", ({ kind }) => kind === "exit");
  const left = Number(readFileSync(join(it.directory, "left"), "utf8"));
  match(exit.message, new RegExp(`and pid ${left} appeared in the background`));
  match(exit.message, /needs "type: forking" and its pidfile/);
  equal((await it.run("down")).code, 0);
  ok(!isAlive(left));
});

test("of several that hide, the one that runs the service's own program is named", async (t) => {
  const daemon = `const { writeFileSync, renameSync } = require("node:fs"); writeFileSync("new", String(process.pid)); renameSync("new", "left"); setTimeout(() => {}, 60_000)`;
  // It ends once its own daemon is there and that of the other service.
  const forks = `
    const { spawn } = require("node:child_process");
    spawn(process.execPath, ["-e", ${JSON.stringify(daemon)}], { detached: true, env: {}, stdio: "ignore" }).unref();
    const look = setInterval(() => {
      if (["left", "other"].every((file) => require("node:fs").existsSync(file))) clearInterval(look);
    }, 5);`;
  const hidden =
    "setsid env -i sh -c 'until [ -s left ]; do sleep 0.01; done; echo $$ > other; exec sleep 60' </dev/null >/dev/null 2>&1 &";
  const it = project(t, {
    away: { command: [process.execPath, "-e", forks], restart: "no" },
    other: { command: ["sh", "-c", `(${hidden}); exec sleep 60`] },
  });
  const { events } = await it.up();
  const exit = await events.find("its end", ({ kind }) => kind === "exit");
  const left = readFileSync(join(it.directory, "left"), "utf8");
  match(exit.message, new RegExp(`and pid ${left} appeared in the background`));
  equal((await it.run("down")).code, 0);
  ok(!isAlive(Number(left)));
});

test("a failure, a kill and a stop are no way to the background", async (t) => {
  const leave = (end: string): readonly string[] => ["sh", "-c", `sleep 60 & ${end}`];
  const it = project(t, {
    fails: { command: leave("exit 3"), restart: "no" },
    dies: { command: leave("echo > there; exec sleep 60"), restart: "no" },
    stops: { command: leave("trap 'exit 0' TERM; echo > ready; wait"), stop_grace_period: "2s" },
    stay: { command: ["sleep", "60"] },
  });
  const { events } = await it.up();
  await events.state("fails", "failed");
  await events.state("dies", "up");
  kill(await it.pid("dies"), "SIGKILL");
  await events.state("dies", "failed");
  await events.find("stops to listen", () => existsSync(join(it.directory, "ready")));
  equal((await it.run("stop", "stops")).code, 0);
  for (const name of ["fails", "dies", "stops"])
    doesNotMatch((await it.run("why", name)).stdout, ADVICE);
});

test("a forking service that stays in the foreground is told to be none", async (t) => {
  const it = project(t, {
    stays: { type: "forking", command: ["sleep", "60"], pidfile: "it.pid" },
  });
  await it.up();
  await until(async () => (await it.client.service("stays")).pid, { what: "its command" });
  const why = (await it.run("why", "stays")).stdout;
  match(why, /has no daemon in the background yet/);
  match(why, /still in the foreground; a program that stays there needs "type: service"/);
});
