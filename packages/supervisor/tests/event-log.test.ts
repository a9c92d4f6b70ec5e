import assert from "node:assert/strict";
import { test } from "node:test";
import { createEventLog } from "#supervisor/event-log.js";
import type { EventLog } from "#supervisor/event-log.js";

const never = new AbortController().signal;

function filled(count: number): EventLog {
  const log = createEventLog(() => 0);
  for (let n = 1; n <= count; n += 1)
    log.add({ service: "web", kind: "state", message: `number ${n}` });
  return log;
}

async function sequence(log: EventLog, after: number, follow: boolean): Promise<number[]> {
  const seen: number[] = [];
  for await (const { seq } of log.read({ after, follow }, never)) seen.push(seq);
  return seen;
}

test("entries are read in order, and only those after the asked one", async () => {
  const log = filled(4);
  assert.deepEqual(await sequence(log, 0, false), [1, 2, 3, 4]);
  assert.deepEqual(await sequence(log, 2, false), [3, 4]);
  assert.deepEqual(await sequence(log, 4, false), []);
});

test("what an event does not say is null", async () => {
  const reader = filled(1).read({ after: 0, follow: false }, never)[Symbol.asyncIterator]();
  const { value: entry } = await reader.next();
  assert.deepEqual(entry, {
    seq: 1,
    time: "1970-01-01T00:00:00.000Z",
    service: "web",
    kind: "state",
    message: "number 1",
    state: null,
    pid: null,
    run: null,
  });
});

test("no more than the newest 2000 entries are read back", async () => {
  const seen = await sequence(filled(4_100), 0, false);
  assert.equal(seen.length, 2_000);
  assert.equal(seen[0], 2_101);
  assert.equal(seen.at(-1), 4_100);
});

test("a follower gets the kept entries, then the new ones, and ends at the close", async () => {
  const log = filled(2);
  const reader = log.read({ after: 1, follow: true }, never)[Symbol.asyncIterator]();
  assert.equal((await reader.next()).value?.seq, 2);
  const next = reader.next();
  log.add({ service: null, kind: "reload", message: "new" });
  assert.equal((await next).value?.message, "new");
  const last = reader.next();
  log.close();
  assert.equal((await last).done, true);
});

test("an abort ends a follower that waits", async () => {
  const abort = new AbortController();
  const reader = filled(0).read({ after: 0, follow: true }, abort.signal)[Symbol.asyncIterator]();
  const next = reader.next();
  abort.abort();
  assert.equal((await next).done, true);
});

test("a follower that is too far behind skips to the newest, and seq shows the gap", async () => {
  const log = filled(1);
  const reader = log.read({ after: 0, follow: true }, never)[Symbol.asyncIterator]();
  assert.equal((await reader.next()).value?.seq, 1);
  for (let n = 0; n <= 10_000; n += 1) log.add({ service: null, kind: "state", message: "" });
  assert.equal((await reader.next()).value?.seq, 8_003);
  await reader.return?.();
});

test("a listener hears nothing after its undo", () => {
  const log = filled(0);
  const heard: number[] = [];
  const undo = log.listen(({ seq }) => heard.push(seq));
  log.add({ service: null, kind: "state", message: "" });
  undo();
  log.add({ service: null, kind: "state", message: "" });
  assert.deepEqual(heard, [1]);
});
