import { equal, match, ok } from "node:assert/strict";
import { readFileSync, readdirSync, readlinkSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fixture, until } from "@supervise/testkit";
import { identity, project } from "./harness.js";

const lineNumbers = (text: string): readonly number[] =>
  [...text.matchAll(/line (\d+)$/gm)].map((found) => Number(found[1]));

test("a file that grows over its size is rotated between two lines, and the newest are kept", async (t) => {
  const it = project(t, {
    one: {
      type: "oneshot",
      command: [fixture("write-lines"), "5000"],
      logging: {
        driver: "file",
        options: { path: "logs/one.log", "max-size": "20k", "max-file": "3" },
      },
    },
    stay: { command: ["sleep", "60"] },
  });
  const { events } = await it.up();
  await events.state("one", "done");
  equal((await it.run("down")).code, 0);
  const directory = join(it.directory, "logs");
  const files = readdirSync(directory).toSorted();
  equal(files.length, 3);
  for (const name of files) {
    ok(statSync(join(directory, name)).size <= 20 * 1024, name);
    match(readFileSync(join(directory, name), "utf8"), /\n$/);
  }
  const numbers = files
    .flatMap((name) => lineNumbers(readFileSync(join(directory, name), "utf8")))
    .toSorted((left, right) => left - right);
  equal(numbers.at(-1), 5_000);
  // No gap: from the oldest that is kept to the last.
  equal(numbers.length, 5_000 - (numbers[0] ?? 0) + 1);
});

test("a reload moves the log to another file without a restart and without a line lost", async (t) => {
  const command = [
    "sh",
    "-c",
    "n=0; until [ -e stop ]; do n=$((n + 1)); echo line $n; sleep 0.005; done; echo last; exec sleep 60",
  ];
  const to = (path: string) => ({
    web: { command, logging: { driver: "file", options: { path } } },
  });
  const it = project(t, to("before.log"));
  const { events } = await it.up();
  await events.state("web", "up");
  const web = identity(await it.pid("web"));
  const read = (name: string): string => readFileSync(join(it.directory, name), "utf8");
  await until(() => lineNumbers(read("before.log")).length > 20, { what: "twenty lines" });
  it.write(to("after.log"));
  equal((await it.run("reload")).code, 0);
  await until(() => lineNumbers(read("after.log")).length > 20, {
    what: "twenty lines in the new file",
  });
  equal((await it.run("exec", "web", "--", "touch", "stop")).code, 0);
  await until(() => /last$/m.test(read("after.log")), { what: "the last line" });
  equal(identity(await it.pid("web")), web);
  const numbers = [...lineNumbers(read("before.log")), ...lineNumbers(read("after.log"))];
  equal(numbers.join(), numbers.map((_, index) => index + 1).join());
});

test("a log file that cannot be written is told, and the service goes on", async (t) => {
  const it = project(t, {
    web: {
      command: ["sh", "-c", "echo hello; exec sleep 60"],
      ready: { log: "hello" },
      logging: { driver: "file", options: { path: "/proc/no/such.log" } },
    },
  });
  const supervisor = await it.up();
  await supervisor.events.state("web", "up");
  const told = await supervisor.events.find("a warning", (entry) => entry.kind === "warning");
  match(told.message, /\/proc\/no.*\((ENOENT|EACCES|EROFS|EPERM)\)/);
  match((await it.run("logs", "web")).stdout, /hello/);
});

test("the ring forgets old lines before new ones, and their numbers show it", async (t) => {
  const it = project(t, {
    one: { type: "oneshot", command: [fixture("write-lines"), "200000"] },
    stay: { command: ["sleep", "60"] },
  });
  const supervisor = await it.up({ words: ["--quiet"] });
  await supervisor.events.find(
    "the end",
    (entry) => entry.service === "one" && entry.state === "done",
  );
  const { stdout } = await it.run("logs", "--json", "-n", "5", "one");
  const lines = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { seq: number; text: string });
  equal(
    lines.map(({ text }) => text).join(),
    [199_996, 199_997, 199_998, 199_999, 200_000].map((number) => `line ${number}`).join(),
  );
  equal(lines.at(-1)?.seq, (lines[0]?.seq ?? 0) + 4);
});

test("logs --rotate changes the file for a new one, and its rows say where runs begin and end", async (t) => {
  const logging = { driver: "file", options: { path: "web.log" } };
  const it = project(t, {
    web: { command: ["sh", "-c", "echo hello; exec sleep 60"], logging },
    none: { command: ["sleep", "60"] },
  });
  const { events } = await it.up();
  await events.state("web", "up");
  const pid = await it.pid("web");
  const path = join(it.directory, "web.log");
  await until(() => readFileSync(path, "utf8"), {
    is: (text) => /hello$/m.test(text),
    what: "the line",
  });
  equal((await it.run("logs", "--rotate", "web")).code, 0);
  const refused = await it.run("logs", "--rotate", "none");
  equal(refused.code, 1);
  match(refused.stdout + refused.stderr, /it has no log file/);
  const rotated = readdirSync(it.directory).filter((name) => name.startsWith("web.log."));
  equal(rotated.length, 1);
  const text = readFileSync(join(it.directory, rotated[0] ?? ""), "utf8");
  match(text, new RegExp(`^\\S+ web - begin run 1, pid ${pid}\n\\S+ web 1 out hello\n$`));
  equal((await it.run("signal", "KILL", "web")).code, 0);
  await until(() => readFileSync(path, "utf8"), {
    is: (rows) => /^\S+ web - end run 1 was killed by SIGKILL\n$/.test(rows),
    what: "the end of the run",
  });
});

test("a service that asks for one pipe has its output and errors in their true order", async (t) => {
  const it = project(t, {
    one: {
      type: "oneshot",
      command: [
        "sh",
        "-c",
        "n=0; while [ $n -lt 300 ]; do echo $n; echo $n >&2; n=$((n + 1)); done",
      ],
      logging: { driver: "file", options: { path: "one.log", stderr: "stdout" } },
    },
    stay: { command: ["sleep", "60"] },
  });
  const { events } = await it.up();
  await events.state("one", "done");
  const text = await until(() => readFileSync(join(it.directory, "one.log"), "utf8"), {
    is: (found) => / end run 1 .*\n$/.test(found),
    what: "the end of the run",
  });
  const rows = text.split("\n").slice(1, -2);
  equal(
    rows.map((row) => row.replace(/^\S+ one \d+ /, "")).join(),
    Array.from({ length: 600 }, (_, index) => `out ${Math.floor(index / 2)}`).join(),
  );
});

test("a service with its log file in its own hands writes there directly, and is told of a rotation", async (t) => {
  const command = [
    "sh",
    "-c",
    "trap 'exec >>logs/web.log 2>&1; echo reopened' HUP; echo hello; echo oops >&2; while :; do sleep 0.02; done",
  ];
  const logging = { driver: "direct", options: { path: "logs/" } };
  const it = project(t, {
    web: { command, logging, reload_signal: "SIGHUP" },
    deaf: { command: ["sleep", "60"], logging },
  });
  const { events } = await it.up();
  await events.state("web", "up");
  const path = join(it.directory, "logs/web.log");
  const text = (): string => readFileSync(path, "utf8");
  await until(text, { is: (found) => found === "hello\noops\n", what: "its output" });
  equal(readlinkSync(`/proc/${await it.pid("web")}/fd/1`), path);
  match((await it.run("logs", "web")).stdout, /hello/);
  equal((await it.run("logs", "--rotate", "deaf")).code, 1);
  equal((await it.run("logs", "--rotate", "web")).code, 0);
  await until(() => readdirSync(join(it.directory, "logs")), {
    is: (names) => names.includes("web.log") && text() === "reopened\n",
    what: "the new file",
  });
  const old = readdirSync(join(it.directory, "logs")).filter((name) => name.startsWith("web.log."));
  equal(old.length, 1);
  equal(readFileSync(join(it.directory, "logs", old[0] ?? ""), "utf8"), "hello\noops\n");
});

test("values of variables with such names are masked in logs, files and status texts", async (t) => {
  const command = ["sh", "-c", "echo pass $DB_PASSWORD; echo user $DB_USER; exec sleep 60"];
  const it = project(t, {
    web: {
      command,
      environment: { DB_PASSWORD: "open sesame", DB_USER: "ali baba" },
      logging: { driver: "file", options: { path: "web.log" } },
    },
  });
  const text = readFileSync(it.file, "utf8");
  writeFileSync(it.file, JSON.stringify({ ...(JSON.parse(text) as object), mask: ["*_PASSWORD"] }));
  const { events } = await it.up();
  await events.state("web", "up");
  const rows = await until(() => readFileSync(join(it.directory, "web.log"), "utf8"), {
    is: (found) => found.includes("user"),
    what: "both lines",
  });
  match(rows, /out pass \*\*\*\n.*out user ali baba\n/);
  match((await it.run("logs", "--no-prefix", "web")).stdout, /pass \*\*\*\nuser ali baba/);
});
