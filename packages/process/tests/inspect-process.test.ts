import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, readdirSync, readlinkSync, rmSync, mkdirSync, chmodSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  FACT_GROUPS,
  inspectProcess,
  inspectProcesses,
  inspectTree,
  openInspectSource,
  sortAsTree,
  threadGroupOf,
} from "@supervise/process";
import type { FactGroup, InspectSource, ProcessSnapshot } from "@supervise/process";
import { createKernel } from "@supervise/sys";
import { atEnd, fixture, start, temporaryDirectory, until } from "@supervise/testkit";
import type { Started, TestScope } from "@supervise/testkit";

const kernel = createKernel();
const source = openInspectSource(kernel);
const room = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

function snapshot<Group extends FactGroup>(
  pid: number,
  groups: readonly Group[],
  from: InspectSource = source,
): ProcessSnapshot<Group> {
  const read = inspectProcess(from, pid, { groups });
  assert.ok(read.outcome === "read", `process ${pid} is gone`);
  return read.process;
}

async function run(t: TestScope, name: string, ...words: readonly string[]): Promise<Started> {
  const started = start(t, join(room, "build/fixtures", name), words);
  await started.stdout.match(/^ready$/, { log: () => started.stderr.all.join("\n") });
  return started;
}

test("signals are told by name: pending, blocked, ignored, caught", async (t) => {
  const { pid } = await run(t, "hold-signals");
  const { signals } = snapshot(pid, ["signals"]);
  assert.ok(signals.known);
  const { pendingProcess, pendingThread, blocked, ignored, caught } = signals.value;
  assert.deepEqual([pendingProcess, pendingThread], [["SIGUSR1"], ["SIGUSR2"]]);
  assert.deepEqual(blocked, ["SIGUSR1", "SIGUSR2", "SIGRTMAX"]);
  assert.ok(ignored.includes("SIGHUP") && !ignored.includes("SIGTERM"));
  assert.deepEqual(caught, ["SIGTERM", "SIGRTMIN"]);
});

test("every group of facts of our own process is known", () => {
  const found = snapshot(process.pid, FACT_GROUPS);
  const expected: readonly FactGroup[] = FACT_GROUPS;
  for (const group of expected) assert.equal(found[group].known, true, group);
  assert.equal(found.pid, process.pid);
  assert.equal(found.ppid, process.ppid);
  assert.ok(found.command.known && found.command.value.words[0] === process.argv0);
  assert.ok(found.program.known && found.program.value.executable.known);
  assert.equal(found.program.value.executable.value?.path, readlinkSync("/proc/self/exe"));
  assert.ok(found.credentials.known);
  assert.equal(found.credentials.value.uids[0], process.getuid?.());
  assert.ok(found.memory.known && found.sharedMemory.known);
  assert.ok(found.sharedMemory.value.unique <= found.sharedMemory.value.proportional);
  assert.ok(found.memory.value.resident <= found.memory.value.peakResident);
  assert.ok(found.threads.known && found.threads.value[0]?.tid === process.pid);
  assert.ok(found.namespaces.known && found.namespaces.value.every(({ shared }) => shared));
  assert.ok(found.startedAt !== null);
  const startedMs = Date.now() - process.uptime() * 1000;
  // Between the birth of a process and its first instruction others may have the processor.
  assert.ok(Math.abs(Date.parse(found.startedAt) - startedMs) < 10_000);
});

test("limits are told with what is used of each, and the umask", async (t) => {
  // What it opens to be loaded it has closed once it says so.
  const started = start(t, "sh", [
    "-c",
    'umask 027; ulimit -S -n 64; ulimit -S -v 4000000; exec "$0"',
    fixture("ignore-term"),
  ]);
  await started.stdout.match(/^ready$/);
  const read = inspectProcess(source, started.pid, {
    groups: ["limits", "openFiles"],
    countUserProcesses: true,
  });
  assert.ok(read.outcome === "read" && read.process.limits.known);
  const limits = new Map(read.process.limits.value.map((limit) => [limit.name, limit]));
  assert.equal(limits.size, 16);
  const count = readdirSync(`/proc/${started.pid}/fd`).length;
  assert.deepEqual([limits.get("nofile")?.soft, limits.get("nofile")?.use], [64, count]);
  assert.equal(limits.get("as")?.soft, 4_000_000 * 1024);
  assert.ok((limits.get("as")?.use ?? 0) > 100_000);
  assert.ok((limits.get("nproc")?.use ?? 0) >= 2);
  const { credentials } = snapshot(started.pid, ["credentials"]);
  assert.equal(credentials.known && credentials.value.umask, 0o27);
  const uncounted = snapshot(started.pid, ["limits"]).limits;
  assert.ok(uncounted.known);
  assert.equal(uncounted.value.find(({ name }) => name === "nproc")?.use, null);
  const { openFiles } = read.process;
  assert.ok(openFiles.known && openFiles.value.soft === 64 && openFiles.value.count === count);
});

test("an executable and a working directory that were removed are said to be deleted", async (t) => {
  const directory = temporaryDirectory(t);
  const [program, place] = [join(directory, "program"), join(directory, "place")];
  copyFileSync(fixture("ignore-term"), program);
  chmodSync(program, 0o700);
  mkdirSync(place);
  const started = start(t, program, [], { cwd: place });
  await started.stdout.match(/^ready$/);
  rmSync(program);
  rmSync(place, { recursive: true });
  const facts = snapshot(started.pid, ["program"]).program;
  assert.ok(facts.known);
  assert.deepEqual(facts.value.executable, {
    known: true,
    value: { path: program, deleted: true },
  });
  assert.deepEqual(facts.value.workingDirectory, {
    known: true,
    value: { path: place, deleted: true },
  });
});

test("environments and command lines pass with every byte that they have", async (t) => {
  const odd = Uint8Array.from([0x4f, 0x3d, 0xff, 0x0a, 0xc3]);
  const spawned = kernel.spawn({
    files: ["/bin/sleep"],
    argv: ["sleep", "60"],
    env: ["A=1", odd, "EMPTY="],
    descriptors: [],
    session: "new",
  });
  assert.ok("pid" in spawned);
  atEnd(t, async () => {
    kernel.kill(spawned.pid, 9);
    const others = (pid: number): boolean => pid !== spawned.pid;
    await until(() => kernel.reap(others).length === 1, { what: "the end of sleep" });
  });
  // The kernel shows nothing until exec has set it up.
  const environment = await until(() => snapshot(spawned.pid, ["environment"]).environment, {
    what: "an environment",
    is: (fact) => fact.known && fact.value.length > 0,
  });
  assert.ok(environment.known);
  assert.deepEqual(
    environment.value.map((entry) => [...entry]),
    [[0x41, 0x3d, 0x31], [...odd], [...Buffer.from("EMPTY=")]],
  );
});

test("a zombie says of what it gave back that it has ended, and still has its names", async (t) => {
  // The shell's child ends at once, and sleep, which takes the shell's place, never waits for it.
  const started = start(t, "sh", ["-c", "true & exec sleep 60"]);
  const children = await until(
    () => inspectTree(source, started.pid, { groups: [] }).members.slice(1),
    { what: "a zombie", is: (members) => members[0]?.process.state === "Z" },
  );
  const pid = children[0]?.process.pid ?? 0;
  const found = snapshot(pid, ["command", "environment", "memory", "credentials", "program"]);
  assert.equal(found.stateText, "zombie");
  assert.deepEqual(found.command, { known: false, why: "ended" });
  assert.deepEqual(found.environment, { known: false, why: "ended" });
  assert.deepEqual(found.memory, { known: false, why: "ended" });
  assert.equal(found.credentials.known, true);
  assert.ok(found.program.known);
  assert.deepEqual(found.program.value.executable, { known: false, why: "ended" });
});

test("a process that is not there, or is not any more, is gone, whatever is asked", async () => {
  const child = spawn("true");
  const pid = child.pid ?? 0;
  await once(child, "exit");
  assert.deepEqual(inspectProcesses(source, [pid, 2 ** 22 + 1], { groups: FACT_GROUPS }), [
    { outcome: "gone", pid },
    { outcome: "gone", pid: 2 ** 22 + 1 },
  ]);
  assert.deepEqual(inspectTree(source, pid, { groups: FACT_GROUPS }), { members: [], gone: [pid] });
});

test("a process whose number another one got while it was read is gone", () => {
  let reads = 0;
  const swapping = openInspectSource({
    ...kernel,
    readFile(path, buffer) {
      const count = kernel.readFile(path, buffer);
      if (!path.endsWith("/stat") || reads++ === 0) return count;
      const text = Buffer.from(buffer.subarray(0, count)).toString("latin1");
      const end = text.lastIndexOf(")") + 2;
      const fields = text.slice(end).split(" ");
      fields[19] = String(Number(fields[19]) + 1);
      return Buffer.from(buffer.buffer, buffer.byteOffset).write(
        text.slice(0, end) + fields.join(" "),
        "latin1",
      );
    },
  });
  assert.deepEqual(inspectProcess(swapping, process.pid, { groups: ["credentials"] }), {
    outcome: "gone",
    pid: process.pid,
  });
  assert.equal(reads, 2);
});

test(
  "another user's process hides some facts, and tells the others",
  { skip: rootSkip() },
  async (t) => {
    const { pid } = await run(t, "hold-signals");
    const found = asNobody(() => snapshot(pid, FACT_GROUPS));
    const why = (group: FactGroup): string => {
      const fact = found[group];
      return fact.known ? "known" : fact.why;
    };
    for (const group of ["descriptors", "sharedMemory", "io", "namespaces", "environment"] as const)
      assert.equal(why(group), "forbidden", group);
    for (const group of [
      "signals",
      "credentials",
      "limits",
      "openFiles",
      "memory",
      "cgroup",
    ] as const)
      assert.equal(why(group), "known", group);
  },
);

function asNobody<Value>(look: () => Value): Value {
  process.seteuid?.(65534);
  try {
    return look();
  } finally {
    process.seteuid?.(0);
  }
}

function rootSkip(): string | false {
  return process.getuid?.() === 0 ? false : "only root can become another user";
}

test("a tree of 240 processes is whole, in order, and nothing but what is asked for is read", async (t) => {
  const { pid } = await run(t, "fork-many", "60", "4");
  const paths: string[] = [];
  const counting = openInspectSource({
    ...kernel,
    readFile(path, buffer) {
      paths.push(path);
      return kernel.readFile(path, buffer);
    },
  });
  const { members, gone } = inspectTree(counting, pid, { groups: ["credentials"] });
  assert.deepEqual(gone, []);
  assert.equal(members.length, 241);
  const depths = new Map(members.map(({ depth, process: { pid: each } }) => [each, depth]));
  for (const { depth, process: each } of members.slice(1))
    assert.equal(depths.get(each.ppid), depth - 1);
  assert.deepEqual(
    [...new Set(depths.values())].toSorted((one, other) => one - other),
    [0, 1, 2, 3, 4],
  );
  const kinds = new Set(paths.map((path) => path.replace(/\d+/g, "N")));
  assert.deepEqual(kinds, new Set(["/proc/N/stat", "/proc/N/status", "/proc/uptime"]));
  const rows = members.map(({ process: { pid: each, ppid } }) => ({ pid: each, ppid }));
  assert.deepEqual(
    sortAsTree(rows.toReversed()),
    members.map(({ depth, process: { pid: each } }) => ({ pid: each, depth })),
  );
});

test("a mere thread is told from its process", () => {
  const { threads } = snapshot(process.pid, ["threads"]);
  assert.ok(threads.known);
  const other = threads.value.find(({ tid }) => tid !== process.pid);
  assert.ok(other !== undefined);
  assert.equal(threadGroupOf(source, other.tid), process.pid);
  assert.equal(threadGroupOf(source, 2 ** 22 + 1), null);
});
