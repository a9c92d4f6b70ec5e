import { deepEqual, equal, match, ok } from "node:assert/strict";
import { openSync, closeSync, readFileSync } from "node:fs";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { fixture, inTerminal, waitForExit } from "@supervise/testkit";
import { COMMAND, finish, project, type Project } from "./harness.js";

const ESCAPE = "\u001b";

/** `up` with its output in a file, as bytes. */
async function upIntoFile(it: Project, environment: NodeJS.ProcessEnv = {}): Promise<Buffer> {
  const path = join(it.directory, "output");
  const fd = openSync(path, "w");
  const child = spawn(
    process.execPath,
    [COMMAND, "up", "--file", it.file, "--runtime-dir", it.runtimeDirectory],
    {
      cwd: it.directory,
      env: { ...it.environment, ...environment },
      stdio: ["ignore", fd, "inherit"],
    },
  );
  closeSync(fd);
  await waitForExit(child, { deadlineMs: 40_000 });
  return readFileSync(path);
}

const numbers = (last: number, text: string): readonly string[] =>
  Array.from({ length: last }, (_, index) => `${text} ${index + 1}`);

test("lines of two services that write at once are neither torn nor lost nor out of order", async (t) => {
  const it = project(t, {
    one: { type: "oneshot", command: [fixture("write-lines"), "10000"] },
    second: { type: "oneshot", command: [fixture("write-lines"), "10000"] },
  });
  const lines = (await upIntoFile(it)).toString("utf8").split("\n");
  for (const name of ["one", "second"]) {
    const own = lines
      .map((line) => /^(\w+) +\| (line \d+)$/.exec(line))
      .filter((found) => found?.[1] === name);
    equal(own.map((found) => found?.[2]).join("\n"), numbers(10_000, "line").join("\n"), name);
  }
  const foreign = lines.filter(
    (line) => line !== "" && !/^(one|second) +\| (ready|line \d+)$/.test(line),
  );
  ok(
    foreign.every((line) => /(one|second) is (up|done)|exit|starts|code 0/.test(line)),
    JSON.stringify(foreign.slice(0, 5)),
  );
});

test("output that goes to no terminal is plain, at a terminal it is in colour, and NO_COLOR is heeded there", async (t) => {
  const it = project(t, { one: { type: "oneshot", command: ["echo", "hello"] } });
  ok(!(await upIntoFile(it)).includes(ESCAPE));
  ok((await upIntoFile(it, { FORCE_COLOR: "1" })).includes(ESCAPE));
  const command = [
    process.execPath,
    COMMAND,
    "up",
    "--file",
    it.file,
    "--runtime-dir",
    it.runtimeDirectory,
  ] as const;
  const options = { cwd: it.directory, env: { ...it.environment, TERM: "xterm" } };
  const coloured = inTerminal(t, [...command], options);
  await coloured.exit();
  match(coloured.output(), /hello/);
  ok(/\u001b\[[0-9;]*m/.test(coloured.output()));
  const plain = inTerminal(t, [...command], { ...options, env: { ...options.env, NO_COLOR: "1" } });
  await plain.exit();
  match(plain.output(), /hello/);
  ok(!/\u001b\[[0-9;]*m/.test(plain.output()));
});

test("binary output reaches a file byte for byte, and logs give the bytes", async (t) => {
  const it = project(t, {
    one: {
      type: "oneshot",
      command: [fixture("write-binary"), "1024"],
      logging: { driver: "file", options: { path: "one.log" } },
    },
    stay: { command: ["sleep", "60"] },
  });
  const { events } = await it.up();
  await events.state("one", "done");
  const expected = Buffer.concat([
    Buffer.from("ready\n"),
    Buffer.from(Array.from({ length: 1_024 }, (_, index) => index & 255)),
  ]);
  const logged = await it.run("logs", "--json", "one");
  const lines = logged.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { stream: string; text: string; bytes?: string })
    .filter(({ stream }) => stream === "stdout");
  const bytes = Buffer.concat(
    lines.flatMap((line) => [
      line.bytes === undefined ? Buffer.from(line.text) : Buffer.from(line.bytes, "base64"),
      Buffer.from("\n"),
    ]),
  );
  // The last line has no newline of its own.
  deepEqual(bytes.subarray(0, -1), expected);
  equal((await it.run("down")).code, 0);
  const file = readFileSync(join(it.directory, "one.log"));
  // A row of the file begins with its time and service.
  for (let start = 6, end = 6; end >= 0; start = end + 1) {
    end = expected.indexOf(0x0a, start);
    ok(
      file.includes(expected.subarray(start, end < 0 ? undefined : end)),
      `the file lacks what begins at byte ${start}`,
    );
  }
});

test("a line of ten million bytes is kept whole in the file", async (t) => {
  const it = project(t, {
    one: {
      type: "oneshot",
      command: [fixture("long-line"), "10000000"],
      logging: { driver: "file", options: { path: "one.log" } },
    },
  });
  const shown = await upIntoFile(it);
  equal(count(shown.subarray(0, shown.lastIndexOf("x\n") + 1), 0x78), 10_000_000);
  const file = readFileSync(join(it.directory, "one.log"), "utf8");
  const parts = [...file.matchAll(/^\S+ one \d+ out\+? (x+)$/gm)].map(
    ([, part = ""]) => part.length,
  );
  equal(
    parts.reduce((sum, length) => sum + length, 0),
    10_000_000,
  );
});

test("a last line without a newline is not lost", async (t) => {
  const it = project(t, {
    one: {
      type: "oneshot",
      command: ["printf", "first\\nlast"],
      logging: { driver: "file", options: { path: "one.log" } },
    },
  });
  const shown = (await upIntoFile(it)).toString("utf8");
  match(shown, /one +\| first\none +\| last\n/);
  match(readFileSync(join(it.directory, "one.log"), "utf8"), /1 out first\n[^\n]* 2 out\+ last\n/);
});

test("stderr is kept apart from stdout and both are complete in the file", async (t) => {
  const it = project(t, {
    one: {
      type: "oneshot",
      command: [
        "sh",
        "-c",
        "n=0; while [ $n -lt 500 ]; do echo out $n; echo err $n >&2; n=$((n + 1)); done",
      ],
      logging: { driver: "file", options: { path: "one.log" } },
    },
    stay: { command: ["sleep", "60"] },
  });
  const { events } = await it.up();
  await events.state("one", "done");
  const { stdout } = await it.run("logs", "--json", "one");
  const lines = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { stream: string; text: string; seq: number });
  const expected = (word: string): readonly string[] =>
    Array.from({ length: 500 }, (_, index) => `${word} ${index}`);
  deepEqual(
    lines.filter(({ stream }) => stream === "stdout").map(({ text }) => text),
    expected("out"),
  );
  deepEqual(
    lines.filter(({ stream }) => stream === "stderr").map(({ text }) => text),
    expected("err"),
  );
  equal((await it.run("down")).code, 0);
  const file = readFileSync(join(it.directory, "one.log"), "utf8");
  for (const word of ["out", "err"])
    equal((file.match(new RegExp(` ${word} ${word} \\d+$`, "gm")) ?? []).length, 500);
});

test("control characters of a service are no commands to the terminal", async (t) => {
  const it = project(t, {
    one: { type: "oneshot", command: ["printf", "a\\033]0;title\\007b\\033[2Jc\\n"] },
  });
  const terminal = inTerminal(
    t,
    [process.execPath, COMMAND, "up", "--file", it.file, "--runtime-dir", it.runtimeDirectory],
    { cwd: it.directory, env: { ...it.environment, TERM: "xterm" } },
  );
  await terminal.exit();
  ok(!terminal.output().includes(`${ESCAPE}]0;`));
  ok(!terminal.output().includes(`${ESCAPE}[2J`));
});

test("--quiet shows no lines, and what the services write is still in the logs", async (t) => {
  const it = project(t, {
    one: { command: ["sh", "-c", "echo hello; exec sleep 60"], ready: { log: "hello" } },
  });
  const supervisor = await it.up({ words: ["--quiet"] });
  await supervisor.events.state("one", "up");
  equal((await it.run("logs", "--no-prefix", "one")).stdout, "hello\n");
  equal((await it.run("down")).code, 0);
  equal((await finish(supervisor)).stdout, "");
});

function count(bytes: Uint8Array, byte: number): number {
  let found = 0;
  for (const one of bytes) if (one === byte) found += 1;
  return found;
}
