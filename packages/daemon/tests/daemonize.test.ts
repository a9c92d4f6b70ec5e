import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { atEnd, isAlive, readProcess, start, temporaryDirectory, until } from "@supervise/testkit";
import type { TestScope } from "@supervise/testkit";

const program = join(import.meta.dirname, "programs/node-daemon.js");

interface Ran {
  readonly code: number | null;
  readonly errors: readonly string[];
}

async function run(t: TestScope, mode: string, directory: string): Promise<Ran> {
  const started = start(t, process.execPath, [program, mode, directory]);
  const { code } = await started.exit();
  return { code, errors: await started.stderr.rest() };
}

/** Ends the daemon with the test. */
function daemonOf(t: TestScope, directory: string): number {
  const pid = Number(readFileSync(join(directory, "d.pid"), "utf8"));
  atEnd(t, async () => {
    if (isAlive(pid)) process.kill(pid, "SIGKILL");
    await until(() => !isAlive(pid), { what: "the end of the daemon" });
  });
  return pid;
}

function statusOf(pid: number, field: string): string {
  return (
    new RegExp(`^${field}:\\s*(.*)$`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ??
    ""
  );
}

test("a program in Node becomes a daemon by the rules", async (t) => {
  const directory = temporaryDirectory(t);
  const { code, errors } = await run(t, "ready", directory);
  assert.equal(code, 0);
  // Until it is ready its words are shown here, and then they are in its log.
  assert.deepEqual(errors, ["starting"]);
  const pid = daemonOf(t, directory);
  const log = join(directory, "d.log");
  await until(() => readFileSync(log, "utf8"), {
    is: (text) => text === "ready, detached: true, replaced: null\n",
    what: "its words in the log",
  });
  const entry = readProcess(pid);
  assert.ok(entry !== null);
  assert.notEqual(entry.sid, pid);
  assert.equal(readProcess(entry.sid), null);
  assert.equal(readlinkSync(`/proc/${pid}/cwd`), "/");
  assert.equal(statusOf(pid, "Umask"), "0022");
  assert.equal(statusOf(pid, "SigBlk"), "0000000000000000");
  assert.equal(readlinkSync(`/proc/${pid}/fd/0`), "/dev/null");
  assert.equal(readlinkSync(`/proc/${pid}/fd/1`), "/dev/null");
  assert.equal(readlinkSync(`/proc/${pid}/fd/2`), log);
  // Where it said that it is ready.
  assert.ok(!readdirSync(`/proc/${pid}/fd`).includes("3"));

  process.kill(pid, "SIGTERM");
  await until(() => !isAlive(pid), { what: "its end" });
  assert.ok(!existsSync(join(directory, "d.pid")));
});

test("without a log its stderr is /dev/null from when it is ready", async (t) => {
  const directory = temporaryDirectory(t);
  assert.deepEqual(await run(t, "plain", directory), { code: 0, errors: ["starting"] });
  const pid = daemonOf(t, directory);
  await until(() => readlinkSync(`/proc/${pid}/fd/2`) === "/dev/null", { what: "/dev/null" });
});

test("what it throws before it is ready is shown, and its exit code is the starter's", async (t) => {
  const directory = temporaryDirectory(t);
  const thrown = await run(t, "throw", directory);
  assert.equal(thrown.code, 1);
  assert.match(thrown.errors.join("\n"), /^starting\n(?:.*\n)*Error: no port\n/);
  assert.match(thrown.errors.at(-1) ?? "", /it ended before it was ready \(exit code 1\)/);
  assert.equal((await run(t, "exit", directory)).code, 7);
  const never = await run(t, "never", directory);
  assert.equal(never.code, 1);
  assert.match(never.errors.at(-1) ?? "", /it was not ready within 0\.3 s, and was stopped/);
  assert.ok(!existsSync(join(directory, "d.pid")));
});

test("a second one is refused at the starter, and says who the first is", async (t) => {
  const directory = temporaryDirectory(t);
  await run(t, "ready", directory);
  const pid = daemonOf(t, directory);
  const second = await run(t, "ready", directory);
  assert.equal(second.code, 1);
  assert.match(
    second.errors.join("\n"),
    new RegExp(`it runs already as process ${pid} \\(EBUSY\\)`),
  );
  assert.ok(isAlive(pid));
});

test("one that was killed leaves its pidfile, and the next one takes its place", async (t) => {
  const directory = temporaryDirectory(t);
  await run(t, "ready", directory);
  const first = daemonOf(t, directory);
  process.kill(first, "SIGKILL");
  await until(() => !isAlive(first), { what: "its end" });
  assert.equal((await run(t, "ready", directory)).code, 0);
  assert.notEqual(daemonOf(t, directory), first);
  await until(() => readFileSync(join(directory, "d.log"), "utf8"), {
    is: (text) => text.endsWith(`replaced: ${first}\n`),
    what: "the number that it replaced",
  });
});

test("in the foreground it is the process that was started", async (t) => {
  const directory = temporaryDirectory(t);
  const started = start(t, process.execPath, [program, "foreground", directory]);
  await started.stderr.match(/^starting$/);
  const log = join(directory, "d.log");
  await until(() => readFileSync(log, "utf8") === "ready, detached: false, replaced: null\n", {
    what: "its log",
  });
  assert.equal(readFileSync(join(directory, "d.pid"), "utf8"), `${started.pid}\n`);
  process.kill(started.pid, "SIGTERM");
  assert.equal((await started.exit()).code, 0);
});
