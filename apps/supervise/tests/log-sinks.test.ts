import { deepEqual, equal, match } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fixture, until } from "@supervise/testkit";
import { project } from "./harness.js";
import { keep, needsInit } from "./keeper-harness.js";

const LINES = 12_000;
/** Reads so many lines, one byte at a time so that it takes none away with it, and ends; at the end of its input it says so. */
const reader = `i=0; while [ $i -lt 2000 ]; do i=$((i+1)); read -r l || { echo over >> got; exec sleep 60; }; echo "$l" >> got; done`;

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
      await kept.crash("SIGKILL");
    }
    await until(() => got().length, { is: (length) => length > LINES, what: "all lines" });
    const numbers = got().flatMap((line) => (line === "ready" ? [] : Number(line.slice(5))));
    deepEqual(
      numbers.findIndex((number, index) => number !== index + 1),
      -1,
    );
    const verified = await it.run("logs", "--verify", "web");
    match(verified.stdout, /every number is there once/);
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
