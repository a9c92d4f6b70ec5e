import { equal, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fixture, isAlive, until } from "@supervise/testkit";
import { finish, gone, kill, project } from "./harness.js";
import { keep, needsInit } from "./keeper-harness.js";

const DEAF = { command: [fixture("ignore-term")], ready: { log: "^ready$" } };

test(
  "the time for a stop of everything counts from the first request, through every death of the supervisor",
  { skip: needsInit },
  async (t) => {
    // Counted anew, the limit would come after the service's own SIGKILL, and nobody would tell of it.
    const it = project(t, { deaf: { ...DEAF, stop_grace_period: "3200ms" } });
    const kept = keep(t, it, { words: ["--grace", "3s"] });
    await until(async () => (await it.client.service("deaf")).state === "up", { what: "deaf" });
    const deaf = await it.pid("deaf");
    kill(kept.pid, "SIGTERM");
    await until(async () => (await it.client.service("deaf")).state === "stopping", {
      what: "the stop",
    });
    for (let death = 0; death < 4; death++) {
      await kept.crash("SIGKILL");
      await until(async () => (await it.client.service("deaf")).state === "stopping", {
        what: "the stop to go on",
      });
    }
    await gone(deaf);
    const { code, stdout } = await finish(kept);
    ok(stdout.includes("The stop has taken 3 s, its limit: what is left is killed"), stdout);
    equal(code, 0);
  },
);

test(
  "a stop command that ended with the supervisor is run again by the next",
  { skip: needsInit },
  async (t) => {
    const it = project(t, {
      deaf: {
        ...DEAF,
        stop_command: ["sh", "-c", "echo $$ >> commands; exec sleep 60"],
        stop_grace_period: "1m",
      },
    });
    const kept = keep(t, it);
    await until(async () => (await it.client.service("deaf")).state === "up", { what: "deaf" });
    equal((await it.run("stop", "--no-wait", "deaf")).code, 0);
    const commands = (count: number): Promise<readonly number[]> =>
      until(
        () =>
          readFileSync(join(it.directory, "commands"), "latin1")
            .split("\n")
            .filter(Boolean)
            .map(Number),
        { is: (pids) => pids.length === count, what: `${count} stop commands` },
      );
    const [first = 0] = await commands(1);
    await kept.crash("SIGKILL");
    const [, second = 0] = await commands(2);
    await gone(first);
    ok(isAlive(second));
    for (const signal of ["SIGTERM", "SIGINT"] as const) kill(kept.pid, signal);
    equal((await finish(kept)).code, 0);
  },
);
