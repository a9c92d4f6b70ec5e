import { deepEqual, equal, match, notEqual } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { connect } from "node:net";
import { test } from "node:test";
import {
  assertNoLeaks,
  atEnd,
  fixture,
  isAlive,
  lines,
  readProcess,
  spawnFixture,
  start,
  temporaryDirectory,
  treeOf,
  until,
} from "@supervise/testkit";

test("ignore-term lives on after SIGTERM", async (t) => {
  assertNoLeaks(t);
  const started = await spawnFixture(t, "ignore-term");
  started.child.kill("SIGTERM");
  equal(await started.stdout.next(), "ignored SIGTERM");
  started.child.kill("SIGKILL");
  deepEqual(await started.exit(), { code: null, signal: "SIGKILL" });
});

test("a process whose first thread has ended lives as long as another does", async (t) => {
  assertNoLeaks(t);
  const started = await spawnFixture(t, "end-first-thread");
  await until(() => readProcess(started.pid)?.state === "Z", { what: "its first thread to end" });
  equal(isAlive(started.pid), true);
  equal(readProcess(started.pid)?.threads, 2);
  started.child.kill("SIGKILL");
  deepEqual(await started.exit(), { code: null, signal: "SIGKILL" });
  equal(isAlive(started.pid), false);
});

test("fork-twice leaves an orphan in a session of its own", async (t) => {
  assertNoLeaks(t);
  const started = await spawnFixture(t, "fork-twice");
  const orphan = Number((await started.stdout.match(/^orphan (\d+)$/))[1]);
  atEnd(t, () => void process.kill(orphan, "SIGKILL"));
  started.child.kill("SIGKILL");
  await started.exit();
  equal(isAlive(orphan), true);
  const entry = await until(() => readProcess(orphan), { what: "the orphan" });
  equal(entry.sid !== started.pid && entry.ppid !== started.pid, true);
});

test("fork-forever stops growing at its limit", async (t) => {
  const started = await spawnFixture(t, "fork-forever", [], { env: { FORK_LIMIT: "5" } });
  await started.stdout.match(/^forked 5$/);
  const children = treeOf(started.pid).slice(1);
  atEnd(t, () => children.forEach((pid) => process.kill(pid, "SIGKILL")));
  equal(children.length, 5);
  await until(() => children.every((pid) => readProcess(pid)?.sid === pid), {
    what: "each child to have its own session",
  });
});

test("fork-away ends as another process than the one that began", async (t) => {
  const started = await spawnFixture(t, "fork-away", [], { env: { FORK_LIMIT: "5" } });
  const last = await until(
    () => {
      const tail = readGroup(started.pid).filter((pid) => pid !== started.pid);
      const entry = tail.length === 1 ? readProcess(tail[0] ?? 0) : null;
      return entry?.state === "S" && entry;
    },
    { what: "the chain to come to rest" },
  );
  notEqual(last.pid, started.pid);
  equal(last.sid, started.pid);
});

test("report-signals names each signal and its sender", async (t) => {
  const started = await spawnFixture(t, "report-signals");
  for (const signal of ["SIGHUP", "SIGTERM", "SIGUSR1"] as const) started.child.kill(signal);
  const seen = new Set([
    await started.stdout.next(),
    await started.stdout.next(),
    await started.stdout.next(),
  ]);
  deepEqual(seen, new Set([1, 10, 15].map((number) => `signal ${number} from ${process.pid}`)));
});

test("hold-lock is busy while another holds the lock", async (t) => {
  const path = `${temporaryDirectory(t)}/lock`;
  await spawnFixture(t, "hold-lock", [path]);
  const second = start(t, fixture("hold-lock"), [path]);
  deepEqual(await second.exit(), { code: 1, signal: null });
  deepEqual(await second.stdout.rest(), ["busy"]);
});

test("exit-with and crash end as they were told", () => {
  for (const code of [0, 1, 78, 126, 255])
    equal(spawnSync(fixture("exit-with"), [String(code)]).status, code);
  equal(spawnSync(fixture("crash")).signal, "SIGSEGV");
  equal(spawnSync(fixture("crash"), ["6"]).signal, "SIGABRT");
});

test("the writers write exactly what they say", () => {
  const text = spawnSync(fixture("write-lines"), ["3"], { encoding: "utf8" }).stdout;
  equal(text, "ready\nline 1\nline 2\nline 3\n");
  const binary = spawnSync(fixture("write-binary"), ["300"]).stdout.subarray("ready\n".length);
  deepEqual(
    [...binary],
    Array.from({ length: 300 }, (_, i) => i & 255),
  );
  equal(spawnSync(fixture("long-line"), ["100000"]).stdout.length, "ready\n".length + 100_001);
});

test("notify-fd writes its newline to the descriptor", async (t) => {
  const script = `exec 3>&1 >&2; exec "${fixture("notify-fd")}" 3`;
  const started = start(t, "sh", ["-c", script]);
  equal(await started.stdout.next(), "");
  await started.stderr.match(/^ready$/);
  started.child.kill("SIGKILL");
  deepEqual(await started.stdout.rest(), [""]);
});

test("notify-ready without a socket says so", () => {
  equal(spawnSync(fixture("notify-ready"), [], { env: {} }).status, 1);
});

test("listen-port answers a connection", async (t) => {
  assertNoLeaks(t);
  const started = await spawnFixture(t, "listen-port");
  const port = Number((await started.stdout.match(/^port (\d+)$/))[1]);
  const socket = connect(port, "127.0.0.1");
  const answer = lines(socket);
  socket.write("GET / HTTP/1.0\r\n\r\n");
  match(String(await answer.next()), /^HTTP\/1\.1 200 OK/);
  await answer.rest();
});

function readGroup(pgid: number): number[] {
  return treeOf(1).filter((pid) => readProcess(pid)?.pgid === pgid && isAlive(pid));
}
