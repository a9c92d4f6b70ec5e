import { deepEqual, equal, match } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fixture, readProcess, until } from "@supervise/testkit";
import { kill, project, type Project } from "./harness.js";
import { keep, needsInit } from "./keeper-harness.js";

const LINES = 12_000;
/** Reads so many lines, one byte at a time so that it takes none away with it, and ends; at the end of its input it says so. */
const reader = `i=0; while [ $i -lt 2000 ]; do i=$((i+1)); read -r l || { echo over >> got; exec sleep 60; }; echo "$l" >> got; done`;

/** Stops the main process; null: it has ended meanwhile. */
async function stoppedMain(it: Project, name: string): Promise<number | null> {
  const pid = await it.pid(name);
  kill(pid, "SIGSTOP");
  return readProcess(pid)?.state === "T" ? pid : null;
}

/** Resolves when the supervisor has dealt with all that was there to be dealt with, twice. */
async function roundTrip({ client }: Project): Promise<void> {
  for (let round = 0; round < 2; round += 1) await client.project();
}

test(
  "lines for another service's standard input come once each and in order, over its restarts and the supervisor's deaths",
  { skip: needsInit },
  async (t) => {
    const it = project(
      t,
      {
        web: { command: ["sh", "-c", `"$0" ${LINES}; exec sleep 60`, fixture("write-lines")] },
        col: {
          command: ["sh", "-c", reader],
          restart: "always",
          restart_delay: "10ms",
          logging: { driver: "none" },
        },
      },
      {
        logging: [
          { driver: "file", options: { path: "logs/" } },
          { driver: "file", options: { path: "json/", format: "json" } },
          { driver: "service", options: { service: "col" } },
        ],
      },
    );
    const kept = keep(t, it);
    const got = (): readonly string[] => {
      try {
        return readFileSync(join(it.directory, "got"), "utf8").split("\n").slice(0, -1);
      } catch {
        return [];
      }
    };
    for (const death of [1, 2]) {
      const before = got().length;
      await until(got, {
        is: ({ length }) => length > before + 500,
        what: `lines before ${death}`,
      });
      // What it writes at the moment of its death may come twice: it is to write nothing then.
      const held = await until(() => stoppedMain(it, "col"), { what: "the reader to be stopped" });
      await roundTrip(it);
      await kept.crash("SIGKILL");
      kill(held, "SIGCONT");
    }
    await until(() => got().length, {
      is: (length) => length > LINES,
      what: "all lines",
      deadlineMs: 90_000,
    });
    const numbers = got().flatMap((line) => (line === "ready" ? [] : Number(line.slice(5))));
    deepEqual(
      numbers.findIndex((number, index) => number !== index + 1),
      -1,
    );
    const verified = await it.run("logs", "--verify", "web");
    equal(verified.code, 0, verified.stdout);
    match(verified.stdout, /^web in ".*logs\/web\.log": .*once$/m);
    match(verified.stdout, /^web in ".*json\/web\.log": .*once$/m);
    // It is told the end of its input only when all who send have ended.
    equal((await it.client.service("col")).dependsOn.length, 0);
    deepEqual(
      (await it.client.service("web")).dependsOn.map(({ name }) => name),
      ["col"],
    );
    equal((await kept.end()).code, 0);
    equal(got().at(-1), "over");
    equal(got().length, LINES + 2);
  },
);

test("SIGUSR1 changes all log files for new ones, and loses nothing", async (t) => {
  const it = project(
    t,
    {
      web: { command: ["sh", "-c", "echo before; cat go; echo behind; exec sleep 60"] },
      api: { command: ["sh", "-c", "echo ready; exec sleep 60"] },
    },
    { logging: { driver: "file", options: { path: "logs/" } } },
  );
  const directory = join(it.directory, "logs");
  equal(spawnSync("mkfifo", [join(it.directory, "go")]).status, 0);
  const up = await it.up();
  await up.stdout.match(/before$/);
  await up.events.find("api is up", ({ service, state }) => service === "api" && state === "up");
  kill(up.pid, "SIGUSR1");
  await until(() => readdirSync(directory).filter((name) => name.includes(".log.")), {
    is: ({ length }) => length === 2,
    what: "a rotated file of each",
  });
  writeFileSync(join(it.directory, "go"), "between\n");
  await up.stdout.match(/behind$/);
  const [rotated = ""] = readdirSync(directory).filter((name) => name.startsWith("web.log."));
  match(readFileSync(join(directory, rotated), "utf8"), /begin.*\n.* 1 out before\n$/);
  await until(() => readFileSync(join(directory, "web.log"), "utf8"), {
    is: (text) => /^.* 2 out between\n.* 3 out behind\n$/.test(text),
    what: "what was written behind the rotation",
  });
});
