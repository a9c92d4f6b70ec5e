import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import {
  createDescriptorWatch,
  createLogHub,
  openTerminal,
  type DescriptorWatch,
  type LogHub,
  type LogProblem,
} from "@supervise/log";
import type { LoggingSpec } from "@supervise/model";
import { createKernel, type Kernel } from "@supervise/sys";
import {
  atEnd,
  openDescriptors,
  temporaryDirectory,
  until,
  type TestScope,
} from "@supervise/testkit";

import { fileLogging } from "./file-logging.js";

interface RealScene {
  readonly kernel: Kernel;
  readonly watch: DescriptorWatch;
  readonly hub: LogHub;
  readonly problems: LogProblem[];
  readonly pipe: () => { read: number; write: number };
  /** Runs Node code whose stdout and stderr the hub reads as run 1 of a new service. Settles at its exit. */
  readonly run: (name: string, code: string, logging?: LoggingSpec) => Promise<void>;
}

function realScene(t: TestScope, terminal: number | null): RealScene {
  const before = openDescriptors();
  const kernel = createKernel();
  const watch = createDescriptorWatch(kernel);
  const problems: LogProblem[] = [];
  const hub = createLogHub({
    kernel,
    watch,
    clock: () => Date.now() * 1000,
    terminal: terminal === null ? null : { fd: terminal, tty: false, colour: false },
    onProblem: (problem) => problems.push(problem),
  });
  atEnd(t, () => {
    hub.close();
    watch.close();
    if (terminal === null) assert.deepEqual(openDescriptors(), before);
  });
  const pipe = (): { read: number; write: number } => {
    const made = kernel.pipe();
    if (typeof made === "number") throw new Error(`no pipe: ${made}`);
    return { ...made };
  };
  return {
    kernel,
    watch,
    hub,
    problems,
    pipe,
    async run(name, code, logging = { driver: "none" }) {
      const [out, err] = [pipe(), pipe()];
      hub.configure({ name, logging });
      hub.openRun(name, 1, { stdout: out.read, stderr: err.read });
      const child = spawn(process.execPath, ["-e", code], {
        stdio: ["ignore", out.write, err.write],
      });
      kernel.close(out.write);
      kernel.close(err.write);
      atEnd(t, () => void child.kill("SIGKILL"));
      const [status] = await once(child, "exit");
      assert.equal(status, 0);
    },
  };
}

/** Lines of random length, numbered; `process.stdout` of a pipe is synchronous, so that a full one blocks the writer. */
const talker = (lines: number): string => `
  const fs = require("node:fs");
  let seed = process.pid;
  for (let line = 0; line < ${lines}; line += 1) {
    seed = (seed * 48271) % 2147483647;
    let rest = Buffer.from(line + ":" + "x".repeat(seed % 300) + "\\n");
    const fd = seed % 3 === 0 ? 2 : 1;
    while (rest.length > 0) rest = rest.subarray(fs.writeSync(fd, rest));
  }`;

test("no line of services that write at once is torn or lost, at the terminal, in a shared file and in a follower", async (t) => {
  const directory = temporaryDirectory(t);
  const shown = join(directory, "shown");
  const terminal = fs.openSync(shown, "w");
  atEnd(t, () => fs.closeSync(terminal));
  const { hub, run, problems } = realScene(t, terminal);
  const path = join(directory, "all.log");
  const lines = 20_000;
  const names = ["one", "two", "three"];
  await Promise.all(names.map((name) => run(name, talker(lines), fileLogging(path))));
  for (const name of names) hub.closeRun(name, 1);
  await hub.flush();
  for (const [file, pattern] of [
    [shown, /^(\w+) +\| (\d+):(x*)$/],
    [path, /^\S{27} (\w+) \d+ (?:out|err) (\d+):(x*)$/],
  ] as const) {
    const seen = new Map<string, Set<number>>(names.map((name) => [name, new Set()]));
    const rows = fs.readFileSync(file, "utf8").split("\n");
    assert.equal(rows.pop(), "");
    for (const row of rows) {
      const found = pattern.exec(row);
      assert.ok(found, `torn: ${row}`);
      seen.get(found[1] ?? "")?.add(Number(found[2]));
    }
    assert.equal(rows.length, names.length * lines);
    for (const name of names) assert.equal(seen.get(name)?.size, lines);
  }
  assert.deepEqual(problems, []);
});

test("a drain at the exit of the main process has its last words, while a descendant holds the pipe and speaks later", async (t) => {
  const { kernel, hub, pipe } = realScene(t, null);
  const [out, go] = [pipe(), pipe()];
  hub.configure({ name: "web", logging: { driver: "none" } });
  hub.openRun("web", 1, { stdout: out.read, stderr: null });
  // The descendant waits for the end of descriptor 3, the main process does not.
  kernel.setNonBlocking(go.read, false);
  const main = spawn("sh", ["-c", "(cat; echo descendant) <&3 & printf 'last words'; exit 0"], {
    stdio: ["ignore", out.write, "ignore", go.read],
  });
  kernel.close(out.write);
  kernel.close(go.read);
  await once(main, "exit");
  hub.drain("web");
  assert.deepEqual(
    hub.tail(["web"], null).map(({ text, partial }) => [text, partial]),
    [["last words", true]],
  );
  const follower = hub.follow(["web"]);
  kernel.close(go.write);
  assert.equal((await follower.next()).value?.text, "descendant");
});

test("a service that writes nothing costs nothing and its pipes close at its end", async (t) => {
  const { hub, run } = realScene(t, null);
  const before = openDescriptors().length;
  await run("quiet", "");
  await until(() => openDescriptors().length, {
    is: (count) => count === before,
    what: "the pipes to be closed",
  });
  assert.deepEqual(hub.tail(null, null), []);
});

test("a 10 MB line without newline comes whole to the file", async (t) => {
  const path = join(temporaryDirectory(t), "big.log");
  const { hub, run } = realScene(t, null);
  const code = `const fs = require("node:fs"); let rest = Buffer.alloc(1e7, "0123456789"); while (rest.length > 0) rest = rest.subarray(fs.writeSync(1, rest));`;
  await run("big", code, fileLogging(path));
  hub.closeRun("big", 1);
  const text = fs
    .readFileSync(path, "latin1")
    .split("\n")
    .map((row) => row.replace(/^\S+ \S+ \d+ out\+ /, ""))
    .join("");
  assert.ok(text === "0123456789".repeat(1e6));
});

test("a reader of the terminal that stops and goes on gets every line, without the caller's descriptor being made non-blocking", async (t) => {
  const kernel = createKernel();
  const made = kernel.pipe();
  if (typeof made === "number") throw new Error(`no pipe: ${made}`);
  const terminal = openTerminal(kernel, made.write);
  assert.equal(terminal.owned, true);
  const flags = fs.readFileSync(`/proc/self/fdinfo/${made.write}`, "utf8");
  assert.equal(
    Number.parseInt(/flags:\s*(\d+)/.exec(flags)?.[1] ?? "", 8) & fs.constants.O_NONBLOCK,
    0,
  );
  const scene = realScene(t, terminal.fd);
  const lines = 60_000;
  const running = scene.run("web", talker(lines));
  // Nobody reads, so it comes to a stop: more than the pipe and what may wait.
  await until(() => scene.hub.tail(["web"], 1)[0]?.seq ?? 0, {
    is: (seq) => seq > 5_000,
    what: "the limit of what may wait",
  });
  assert.ok((scene.hub.tail(["web"], 1)[0]?.seq ?? 0) < lines);
  const parts: Buffer[] = [];
  let flushed = false;
  const buffer = Buffer.alloc(65_536);
  const finish = async (): Promise<void> => {
    await running;
    scene.hub.closeRun("web", 1);
    await scene.hub.flush();
    flushed = true;
  };
  const done = finish();
  for (;;) {
    const length = kernel.read(made.read, buffer, 0, buffer.length);
    if (length > 0) parts.push(Buffer.from(buffer.subarray(0, length)));
    else if (flushed) break;
    else await new Promise((resolve) => setImmediate(resolve));
  }
  await done;
  for (const fd of [made.read, made.write, terminal.fd]) kernel.close(fd);
  const rows = Buffer.concat(parts).toString().split("\n").slice(0, -1);
  assert.equal(rows.length, lines);
  for (const row of rows) assert.match(row, /^web {7}\| \d+:x*$/);
});

test("a reader of the terminal that is gone does not stop the services", async (t) => {
  const kernel = createKernel();
  const made = kernel.pipe();
  if (typeof made === "number") throw new Error(`no pipe: ${made}`);
  kernel.close(made.read);
  const scene = realScene(t, made.write);
  await scene.run("web", talker(1_000));
  scene.hub.closeRun("web", 1);
  kernel.close(made.write);
  assert.equal(scene.hub.tail(["web"], 1)[0]?.seq, 1_000);
  assert.deepEqual(
    scene.problems.map(({ kind }) => kind),
    ["terminal"],
  );
});

/** Bytes that it takes until nobody can write without waiting. */
function fill(kernel: Kernel, fd: number): number {
  const bytes = Buffer.from("x".repeat(4095).concat("\n"));
  let filled = 0;
  for (let count = 0; count >= 0; filled += Math.max(count, 0))
    count = kernel.write(fd, bytes, 0, bytes.length);
  return filled;
}

test("the pipe of a service that keeps it full is made wider", async (t) => {
  const { kernel, hub, pipe } = realScene(t, null);
  const { read, write } = pipe();
  assert.equal(kernel.setNonBlocking(write, true), 0);
  hub.configure({ name: "web", logging: { driver: "none" } });
  hub.openRun("web", 1, { stdout: read, stderr: null });
  const sizes: number[] = [];
  for (let round = 0; round < 20; round += 1) {
    sizes.push(fill(kernel, write));
    await until(() => kernel.readable(write) === 0, { what: "the reading of all" });
  }
  assert.equal(sizes[0], 64 * 1024);
  assert.equal(sizes.at(-1), 256 * 1024);
  kernel.close(write);
  hub.closeRun("web", 1);
});
