import { equal } from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { fixture, until } from "@supervise/testkit";
import { gone, kill, project } from "./harness.js";

const LINES = 60_000;

test("every line is there once, in order, whatever is done to the service, its file and the supervisor", async (t) => {
  const services = (format: string) => ({
    one: {
      // Twice at full speed, the second time when told.
      command: [
        "sh",
        "-c",
        `"$0" ${LINES}; until [ -e go ]; do sleep 0.02; done; "$0" ${LINES}; until [ -e stop ]; do sleep 0.02; done; echo last; exec sleep 60`,
        fixture("write-lines"),
      ],
      logging: {
        driver: "file",
        options: {
          path: "logs/",
          "max-size": "100k",
          "max-file": "1000",
          compress: "true",
          format,
        },
      },
    },
    stay: { command: ["sleep", "60"] },
  });
  const it = project(t, services("plain"));
  await it.detach();
  const directory = join(it.directory, "logs");
  const rotated = (): readonly string[] => {
    try {
      return readdirSync(directory).filter((name) => name !== "one.log" && !name.endsWith(".part"));
    } catch {
      return [];
    }
  };
  let before = 0;
  for (const format of ["json", "plain"]) {
    await until(rotated, { is: (names) => names.length > before, what: "another rotation" });
    const { pid } = await it.client.project();
    kill(pid, "SIGKILL");
    await gone(pid);
    // The next one finds what was on its way, and takes the service over.
    await it.detach();
    equal((await it.run("signal", "STOP", "one")).code, 0);
    equal((await it.run("logs", "--rotate", "one")).code, 0);
    it.write(services(format));
    equal((await it.run("reload")).code, 0);
    before = rotated().length;
    equal((await it.run("signal", "CONT", "one")).code, 0);
    equal((await it.run("exec", "one", "--", "touch", "go")).code, 0);
  }
  equal((await it.run("exec", "one", "--", "touch", "stop")).code, 0);
  await until(() => readFileSync(join(directory, "one.log"), "utf8"), {
    is: (text) => /out last$/m.test(text),
    what: "the last line",
    deadlineMs: 60_000,
  });
  const verified = await it.run("logs", "--verify", "one");
  equal(verified.code, 0, verified.stdout + verified.stderr);
  equal((await it.run("down")).code, 0);
  const names = [...rotated().toSorted(), "one.log"];
  const plain = new Set(names);
  const rows = names
    // Compressed and not for a moment: they are the same.
    .filter((name) => !plain.has(name.replace(/\.gz$/, "")) || !name.endsWith(".gz"))
    .flatMap((name) => {
      const bytes = readFileSync(join(directory, name));
      return (name.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString().split("\n").slice(0, -1);
    });
  const numbers = rows.flatMap((row) => /line (\d+)(?:"\})?$/.exec(row)?.[1] ?? []);
  equal(numbers.length, 2 * LINES);
  equal(
    numbers.findIndex((number, index) => Number(number) !== (index % LINES) + 1),
    -1,
  );
});
