import { equal, match, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fixture, isAlive, until } from "@supervise/testkit";
import { finish, gone, insist, kill, project } from "./harness.js";
import { startMortal } from "./crash-init.js";
import { TerminalRows } from "./crash-lines.js";
import { keep, needsInit } from "./keeper-harness.js";

const DEAF = { command: [fixture("ignore-term")], ready: { log: "^ready$" } };

test(
  "the time for a stop of everything counts from the first request, through every death of the supervisor",
  { skip: needsInit },
  async (t) => {
    // Counted anew, the limit would come after the service's own SIGKILL, and nobody would tell of it.
    const it = project(t, { deaf: { ...DEAF, stop_grace_period: "6200ms" } });
    const kept = keep(t, it, { words: ["--grace", "6s"] });
    await until(async () => (await it.client.service("deaf")).state === "up", { what: "deaf" });
    const deaf = await it.pid("deaf");
    kill(kept.pid, "SIGTERM");
    await until(async () => (await it.client.service("deaf")).state === "stopping", {
      what: "the stop",
    });
    // Once at least, and four times where there is time for it.
    const beganMs = performance.now();
    for (let death = 0; death < 4 && performance.now() - beganMs < 3_000; death++) {
      await kept.crash("SIGKILL");
      await until(async () => (await it.client.service("deaf")).state === "stopping", {
        what: "the stop to go on",
      });
    }
    await gone(deaf);
    const { code, stdout } = await finish(kept);
    ok(stdout.includes("The stop has taken 6 s, its limit: what is left is killed"), stdout);
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
    kill(kept.pid, "SIGTERM");
    await insist(kept.pid, "SIGINT");
    equal((await finish(kept)).code, 0);
  },
);

for (const [when, calls] of [
  ["before", 0],
  ["after", 1],
] as const)
  test(
    `a stop signal is sent though the supervisor dies right ${when} it`,
    { skip: needsInit },
    async (t) => {
      const it = project(t, {
        web: {
          command: [
            "sh",
            "-c",
            'trap "echo told; exit 0" TERM; echo ready; while :; do sleep 1; done',
          ],
          ready: { log: "^ready$" },
          stop_grace_period: "1h",
        },
      });
      const mortal = startMortal(t, it, {
        asPidOne: false,
        deepStack: false,
        rows: new TerminalRows([]),
        prepare: () => undefined,
      });
      await mortal.pid();
      await until(async () => (await it.client.service("web")).state === "up", { what: "web" });
      mortal.orders.give({ way: "kill", from: "asked", only: "pidfdSendSignal", calls });
      const before = await mortal.supervisor("to die");
      kill(before, "SIGUSR2");
      await until(() => mortal.orders.armed, { what: "the order to be taken" });
      await it.run("stop", "--no-wait", "web");
      await until(async () => (await it.client.service("web")).state === "down", {
        what: "the stop",
      });
      match((await it.client.service("web")).lastExit?.text ?? "", / exited with code 0$/);
      ok((await mortal.supervisor("after it")) !== before);
      const lines = async (): Promise<string> => {
        const told: string[] = [];
        for await (const { text } of it.client.logs({ names: ["web"], follow: false, lines: 10 }))
          told.push(text);
        return told.join();
      };
      await until(lines, { is: (told) => told === "ready,told", what: "its two lines, once each" });
    },
  );
