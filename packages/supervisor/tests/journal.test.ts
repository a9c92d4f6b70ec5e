import type { EventEntry } from "@supervise/model";
import assert from "node:assert/strict";
import { fstatSync, writeSync } from "node:fs";
import { test } from "node:test";
import type { ServiceMachine } from "@supervise/model";
import { createKernel } from "@supervise/sys";
import { assertNoLeaks, atEnd, type TestScope } from "@supervise/testkit";
import { openBirths } from "#supervisor/keeping/births.js";
import { createJournal, readJournal } from "#supervisor/keeping/journal.js";
import type { Journal, KeptRun, KeptService } from "#supervisor/keeping/journal.js";

const kernel = createKernel();

const RUN: KeptRun = {
  run: 3,
  invocationId: "1f",
  birthPlace: 8,
  session: 4123,
  otherSessions: [4200],
  mainPid: 4123,
  mainEnded: false,
  child: true,
  startedAtMs: 1_700_000_000_000.5,
  pipes: [7, 8],
};

function service(name: string, seq: number, run: KeptRun | null = RUN): KeptService {
  return { name, machine: { name } as ServiceMachine, run, seq };
}

interface Scene {
  readonly journal: Journal;
  /** What the keeper got last. */
  deposited(): number;
  readonly deposits: () => number;
  kept(): readonly KeptService[];
}

function scene(
  t: TestScope,
  first: readonly KeptService[] = [],
  recent: () => readonly EventEntry[] = () => [],
): Scene {
  let held = -1;
  let count = 0;
  const journal = createJournal(
    kernel,
    (fd) => {
      if (held >= 0) kernel.close(held);
      held = kernel.duplicate(fd);
      count += 1;
    },
    recent,
  );
  journal.begin(first);
  atEnd(t, () => {
    journal.close();
    kernel.close(held);
  });
  return {
    journal,
    deposited: () => held,
    deposits: () => count,
    kept: () => [...readJournal(held).services.values()],
  };
}

test("the last line of each service is what the next supervisor reads, however often it reads", (t) => {
  assertNoLeaks(t);
  const it = scene(t, [service("old", 1)]);
  it.journal.append([service("web", 2), service("db", 3, null)], []);
  it.journal.append([service("web", 4, { ...RUN, mainEnded: true })], []);
  const expected = [
    service("old", 1),
    service("web", 4, { ...RUN, mainEnded: true }),
    service("db", 3, null),
  ];
  assert.deepEqual(it.kept(), expected);
  assert.deepEqual(it.kept(), expected);
  it.journal.append([{ name: "old", run: null, seq: 5 }], []);
  assert.deepEqual(
    it.kept().map(({ name }) => name),
    ["web", "db"],
  );
});

test("a line that a death has torn, and any that is none, is skipped", (t) => {
  assertNoLeaks(t);
  const it = scene(t, [service("web", 1)]);
  const odd: readonly unknown[] = [
    null,
    7,
    { name: "", seq: "x", run: null },
    { ...service("web", 2), run: { ...RUN, mainPid: "1" } },
    { ...service("web", 2), run: { ...RUN, pipes: null } },
    { ...service("web", 2), run: undefined },
  ];
  for (const value of odd) writeSync(it.deposited(), `${JSON.stringify(value)}\n`);
  writeSync(it.deposited(), JSON.stringify(service("web", 9)).slice(0, -5));
  assert.deepEqual(it.kept(), [service("web", 1)]);
});

test("a journal that has grown is rewritten aside and replaces the old one whole", (t) => {
  assertNoLeaks(t);
  const it = scene(t, [service("web", 0), service("db", 0)]);
  let largest = 0;
  for (let seq = 1; seq <= 4_000; seq += 1) {
    it.journal.append([service("web", seq)], []);
    largest = Math.max(largest, fstatSync(it.deposited()).size);
  }
  assert.ok(it.deposits() > 1);
  assert.ok(largest < 300 * 1024, `${largest} bytes`);
  assert.deepEqual(it.kept(), [service("web", 4_000), service("db", 0)]);
});

function event(seq: number): EventEntry {
  const time = "2026-01-01T00:00:00.000Z";
  return { seq, time, service: "web", kind: "up", message: "ups", state: "up", pid: 7, run: 1 };
}

test("events stand beside the services, in order, without those that are torn or came twice", (t) => {
  assertNoLeaks(t);
  const all = [event(1), event(2)];
  const it = scene(t, [service("web", 2)], () => all);
  it.journal.append([service("web", 4)], [event(3), event(4)]);
  it.journal.append([], [event(4), event(9)]);
  writeSync(it.deposited(), `!${JSON.stringify(event(10)).slice(0, -3)}\n!null\n!{"seq":11}\n`);
  assert.deepEqual(readJournal(it.deposited()).events, [1, 2, 3, 4, 9].map(event));
  assert.deepEqual(it.kept(), [service("web", 4)]);
});

test("a journal that is rewritten has the events of that moment", (t) => {
  assertNoLeaks(t);
  let last = 0;
  const it = scene(t, [], () => [event(last)]);
  const before = it.deposits();
  while (it.deposits() === before) it.journal.append([], [event((last += 1))]);
  assert.deepEqual(readJournal(it.deposited()).events, [event(last)]);
});

test("each run has a place for its birth with nothing at it, and places go on after a death", (t) => {
  assertNoLeaks(t);
  const fd = kernel.memoryFile("births");
  atEnd(t, () => void kernel.close(fd));
  const births = openBirths(fd, -1);
  const first = births.nextPlace();
  assert.equal(births.at(first), 0);
  const born = kernel.spawn({
    files: ["/bin/true"],
    argv: ["true"],
    env: [],
    descriptors: [],
    session: "new",
    birth: { fd, place: first },
  });
  assert.ok("pid" in born);
  assert.equal(births.at(first), born.pid);
  const next = openBirths(fd, first);
  assert.equal(next.at(first), born.pid);
  const second = next.nextPlace();
  assert.notEqual(second, first);
  assert.deepEqual([next.at(second), next.at(4_000_000)], [0, 0]);
  // All places have been given out: the first is free again.
  let place = second;
  while (place !== first) place = next.nextPlace();
  assert.equal(next.at(first), 0);
  assert.ok(fstatSync(fd).size <= 4 * 65_536);
  kernel.kill(born.pid, 9);
  for (let ended = 0; ended === 0;) ended = kernel.reap(() => false).length;
});
