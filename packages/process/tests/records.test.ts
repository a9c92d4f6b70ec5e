import assert from "node:assert/strict";
import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openRecords } from "@supervise/process";
import type { RecordStore, ServiceRecord } from "@supervise/process";
import { createKernel } from "@supervise/sys";
import type { Kernel } from "@supervise/sys";
import { assertNoLeaks, atEnd, temporaryDirectory } from "@supervise/testkit";
import type { TestScope } from "@supervise/testkit";

const kernel = createKernel();

function record(service: string, changes: Partial<ServiceRecord> = {}): ServiceRecord {
  return {
    service,
    run: 1,
    main: { pid: 4123, startTicks: 99, bootId: "boot", pidNamespace: "pid:[1]" },
    session: 4123,
    invocationId: "1f",
    state: "up",
    wanted: "up",
    ready: true,
    startedAtMs: 1_700_000_000_000,
    restarts: 0,
    stdoutPipe: 7,
    stderrPipe: null,
    readyPipe: null,
    bootId: "b",
    mark: null,
    machine: null,
    ...changes,
  };
}

type JournalKernel = Pick<Kernel, "open" | "write" | "close" | "replaceFile">;

function open(t: TestScope, directory: string, with_: JournalKernel = kernel): RecordStore {
  const store = openRecords(with_, directory);
  assert.ok("path" in store, JSON.stringify(store));
  atEnd(t, () => store.close());
  return store;
}

test("the last record of each service comes back, and only to its owner's eyes", (t) => {
  const directory = temporaryDirectory(t);
  const store = open(t, directory);
  assert.equal(store.loaded.records.size, 0);
  assert.equal(store.append(record("web")), 0);
  assert.equal(store.append(record("db", { main: null, startedAtMs: null })), 0);
  assert.equal(store.append(record("web", { run: 2, state: "backoff" })), 0);
  assert.equal(statSync(store.path).mode & 0o777, 0o600);
  const { records, skipped } = open(t, directory).loaded;
  assert.deepEqual(
    [...records.values()],
    [record("web", { run: 2, state: "backoff" }), record("db", { main: null, startedAtMs: null })],
  );
  assert.deepEqual(skipped, []);
});

test("a forgotten service does not come back", (t) => {
  const directory = temporaryDirectory(t);
  const store = open(t, directory);
  store.append(record("web"));
  store.append(record("db"));
  store.append({ service: "web", forgotten: true });
  assert.deepEqual([...open(t, directory).loaded.records.keys()], ["db"]);
});

test("a journal torn at any byte gives all whole lines, and goes on from there", (t) => {
  const directory = temporaryDirectory(t);
  const path = join(directory, "records");
  const first = `${JSON.stringify(record("web"))}\n`;
  const second = `${JSON.stringify(record("web", { run: 2 }))}\n`;
  for (let length = 0; length <= first.length + second.length; length += 1) {
    writeFileSync(path, first + second);
    truncateSync(path, length);
    const store = openRecords(kernel, directory);
    assert.ok("path" in store);
    const run = length < first.length ? undefined : length < first.length + second.length ? 1 : 2;
    assert.equal(store.loaded.records.get("web")?.run, run, String(length));
    assert.deepEqual(store.loaded.skipped, []);
    assert.equal(store.append(record("web", { run: 9 })), 0);
    store.close();
    const after = openRecords(kernel, directory);
    assert.ok("path" in after);
    assert.equal(after.loaded.records.get("web")?.run, 9, String(length));
    after.close();
  }
});

test("lines that are no records are skipped and told by number", (t) => {
  const directory = temporaryDirectory(t);
  const good = JSON.stringify(record("web"));
  const bad = [
    "garbage",
    "\0\0\0\0",
    "[]",
    "null",
    '"web"',
    "{}",
    good.replace('"run":1', '"run":-1'),
    good.replace('"run":1', '"run":"1"'),
    good.replace('"state":"up"', '"state":"dancing"'),
    good.replace('"wanted":"up"', '"wanted":1'),
    good.replace('"pid":4123', '"pid":0'),
    good.replace('"startTicks":99', '"startTicks":1.5'),
    good.replace('"bootId":"boot"', '"bootId":null'),
    good.replace('"ready":true', '"ready":"yes"'),
    good.replace('"service":"web"', '"service":""'),
    good.replace('"stdoutPipe":7', '"stdoutPipe":"7"'),
  ];
  writeFileSync(
    join(directory, "records"),
    `${good}\n\n${bad.join("\n")}\n${good.replace("web", "db")}\n`,
  );
  const { records, skipped } = open(t, directory).loaded;
  assert.deepEqual([...records.keys()], ["web", "db"]);
  assert.deepEqual(
    skipped,
    bad.map((_, index) => index + 3),
  );
});

test("a journal that has grown is rewritten with one line for each service", (t) => {
  const directory = temporaryDirectory(t);
  const store = open(t, directory);
  let largest = 0;
  for (let run = 1; run <= 5_000; run += 1) {
    assert.equal(store.append(record(`s${run % 3}`, { run })), 0);
    if (run % 100 === 0) largest = Math.max(largest, statSync(store.path).size);
  }
  assert.ok(largest < 300 * 1024, String(largest));
  const { records } = open(t, directory).loaded;
  assert.deepEqual(
    new Map([...records].map(([name, { run }]) => [name, run])),
    new Map([
      ["s0", 4_998],
      ["s1", 4_999],
      ["s2", 5_000],
    ]),
  );
  assert.equal(store.compact(), 0);
  assert.equal(readFileSync(store.path, "utf8").split("\n").length, 4);
  store.append(record("s0", { run: 6_000 }));
  assert.equal(open(t, directory).loaded.records.get("s0")?.run, 6_000);
});

test("a full disk is an errno, tears no later line, and is made good by the next change", (t) => {
  const directory = temporaryDirectory(t);
  let full: "no" | "short" | "error" = "no";
  const filling: JournalKernel = {
    ...kernel,
    write: (fd, buffer, offset, length) =>
      full === "error" ? -28 : kernel.write(fd, buffer, offset, full === "short" ? 10 : length),
  };
  const store = open(t, directory, filling);
  store.append(record("web"));
  full = "short";
  assert.equal(store.append(record("web", { run: 2 })), -28);
  full = "error";
  assert.equal(store.append(record("web", { run: 3 })), -28);
  full = "no";
  assert.equal(store.append(record("web", { run: 4 })), 0);
  const { records, skipped } = open(t, directory).loaded;
  assert.equal(records.get("web")?.run, 4);
  assert.deepEqual(skipped, [2]);
});

test("a journal that cannot be opened is an error with its errno, and nothing stays open", (t) => {
  assertNoLeaks(t);
  const directory = temporaryDirectory(t);
  assert.deepEqual(openRecords(kernel, join(directory, "none")), { errno: "ENOENT" });
  mkdirSync(join(directory, "records"));
  assert.deepEqual(openRecords(kernel, directory), { errno: "EISDIR" });
});

test("appending after the file was removed does not fail: the next compaction makes it anew", (t) => {
  const directory = temporaryDirectory(t);
  const store = open(t, directory);
  appendFileSync(store.path, "");
  assert.equal(kernel.unlink(store.path), 0);
  assert.equal(store.append(record("web")), 0);
  assert.equal(store.compact(), 0);
  assert.equal(open(t, directory).loaded.records.size, 1);
});
