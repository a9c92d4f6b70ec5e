import { match, notEqual, ok } from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { until } from "@supervise/testkit";
import { leave, openDashboard } from "./dashboard-harness.js";
import { project } from "./harness.js";

const COUNT = 12_000;

/** Writes numbered lines into small files, that are compressed when they are full. */
const WRITER = (name: string): Readonly<Record<string, unknown>> => ({
  type: "oneshot",
  command: `i=0; while [ $i -lt ${COUNT} ]; do i=$((i+1)); case $i in *77) echo "ERROR: ${name} $i";; *) echo "${name} $i end";; esac; done`,
  shell: true,
  logging: {
    driver: "file",
    options: { path: `${name}.log`, "max-size": "60k", "max-file": "200", compress: true },
  },
});

test("the log goes on in rotated and compressed files: up to their beginning, and a search through all of them", async (t) => {
  const it = project(t, {
    stay: { command: ["sleep", "60"] },
    one: WRITER("one"),
    two: { ...WRITER("two"), depends_on: { one: { condition: "service_completed_successfully" } } },
  });
  await it.up();
  await until(async () => (await it.client.service("two")).state, {
    is: (state) => state === "done",
    what: "both to have written all",
    deadlineMs: 60_000,
  });
  await until(() => readdirSync(it.directory).some((name) => name.endsWith(".gz")), {
    what: "a file to be compressed",
  });
  const screen = openDashboard(t, ["--socket", join(it.runtimeDirectory, "control")], {
    columns: 100,
    rows: 24,
  });
  await screen.sees(/two +d done/);
  screen.type("8\tz");
  await screen.sees(new RegExp(`one ${COUNT} end`));
  screen.type("g");
  await screen.sees(
    (lines) => (lines[2] ?? "").endsWith(" one 1 end"),
    "the first line of all files",
  );
  screen.type("G");
  await screen.sees(new RegExp(`one ${COUNT} end`));
  screen.type("/error: one 4277\r");
  const found = await screen.sees(/ERROR: one 4277$/m);
  ok(
    found.some((row) => /one 4278 end/.test(row)),
    "what stands around it is there too",
  );
  const row = found.findIndex((text) => text.endsWith("ERROR: one 4277"));
  notEqual(screen.screen.styleAt(11, row), screen.screen.styleAt(0, row), "the match is marked");
  screen.type("L");
  await screen.sees(/err and graver/);
  const errors = (await screen.sees(/ERROR: one 4177/)).filter((text) =>
    /^\d\d:.*one \d/.test(text),
  );
  ok(errors.every((text) => text.includes("ERROR")));

  screen.type("LLLLL");
  await screen.sees((lines) => !lines.join("\n").includes("and graver"), "all levels");
  screen.type("m");
  await screen.sees(new RegExp(`two +. two ${COUNT} end`));
  screen.type("g");
  await screen.sees((lines) => (lines[2] ?? "").endsWith(" one 1 end"), "the first line of both");
  screen.type("&two 1 \r");
  await screen.sees(/lines with "two 1 "/);
  screen.type("\u001b[99z");
  screen.type("/two 1 end\r");
  await screen.sees(/two 1 end$/m);
  await leave(screen);
  match(readFileSync(join(it.directory, "one.log"), "utf8"), /end/);
});
