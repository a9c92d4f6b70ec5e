import assert from "node:assert/strict";
import { test } from "node:test";

import type { LineBatch } from "#log/line-batch.js";
import { LineRing } from "#log/line-ring.js";
import { readableLines } from "#log/log-line.js";
import * as fc from "fast-check";

function batch(lines: readonly string[], firstSeq: number, partial = false): LineBatch {
  const bytes = Buffer.from(`before ${lines.join("\n")}${partial ? "" : "\n"} behind`);
  const ends: number[] = [];
  let at = 7;
  for (const line of lines) {
    at += Buffer.byteLength(line);
    ends.push(at);
    at += 1;
  }
  return {
    source: { name: "web", id: 3 },
    run: 2,
    stream: 1,
    priority: -1,
    timeMicros: 5_000,
    firstSeq,
    firstArrival: firstSeq + 100,
    bytes,
    start: 7,
    ends: Uint32Array.from(ends),
    count: lines.length,
    partial,
    continued: false,
  };
}

function held(ring: LineRing): { seq: number; text: string; partial: boolean }[] {
  return [...ring.records()].flatMap((record) =>
    readableLines(record, "web").map(({ seq, text, partial }) => ({ seq, text, partial })),
  );
}

test("what the ring holds is always the newest lines, whole and in order, within its bytes", () => {
  const text = fc.oneof(
    fc.string({ maxLength: 30 }),
    fc.integer({ min: 0, max: 900 }).map((length) => "z".repeat(length)),
  );
  const line = text.map((value) => value.replaceAll("\n", " "));
  const batches = fc.array(fc.array(line, { minLength: 1, maxLength: 40 }), { maxLength: 60 });
  fc.assert(
    fc.property(batches, fc.integer({ min: 1024, max: 8192 }), (given, limit) => {
      const ring = new LineRing(limit);
      const all: { seq: number; text: string; partial: boolean }[] = [];
      let lost = 0;
      for (const lines of given) {
        ring.append(batch(lines, all.length + 1));
        for (const value of lines) all.push({ seq: all.length + 1, text: value, partial: false });
        lost += ring.takeLost();
        assert.ok(ring.bytesAllocated <= limit);
        assert.equal(ring.lines, all.length - lost);
        assert.deepEqual(held(ring), all.slice(lost));
      }
      // Lines that are small beside the ring fill it.
      const textBytes = all
        .slice(lost)
        .reduce((sum, { text: kept }) => sum + Buffer.byteLength(kept) + 45, 0);
      if (lost > 0 && all.every(({ text: kept }) => kept.length < limit / 16))
        assert.ok(textBytes > limit / 3, `${textBytes} of ${limit}`);
    }),
  );
});

test("records taken out come in order, and make room", () => {
  const ring = new LineRing(1024);
  const taken: number[] = [];
  let seq = 1;
  for (let round = 0; round < 200; round += 1) {
    for (let index = 0; index < 1 + (round % 4); index += 1)
      ring.append(batch(["x".repeat(50 + (seq % 100))], seq++));
    for (let index = 0; index < 1 + (round % 4); index += 1)
      taken.push(ring.take()?.firstSeq ?? -1);
  }
  assert.equal(ring.take(), null);
  assert.equal(ring.takeLost(), 0);
  assert.deepEqual(
    taken,
    Array.from({ length: seq - 1 }, (_, index) => index + 1),
  );
});

test("all numbers of a record come back", () => {
  const ring = new LineRing(1024);
  ring.append(batch(["a", "b"], 2 ** 40));
  const [record] = ring.records();
  assert.deepEqual(
    { ...record, lines: record?.lines.toString() },
    {
      source: 3,
      run: 2,
      stream: 1,
      priority: -1,
      partial: false,
      timeMicros: 5_000,
      firstArrival: 2 ** 40 + 100,
      firstSeq: 2 ** 40,
      count: 2,
      lines: "a\nb\n",
    },
  );
});

test("a line longer than the ring is cut and flagged", () => {
  const ring = new LineRing(1024);
  ring.append(batch(["small"], 1));
  ring.append(batch(["y".repeat(5_000)], 2));
  const [line, ...others] = held(ring);
  assert.deepEqual(others, []);
  assert.equal(line?.partial, true);
  assert.ok(line.text.length > 900 && /^y+$/.test(line.text));
});

test("a ring takes no memory before its first line, and little for few", () => {
  const ring = new LineRing(65_536);
  assert.equal(ring.bytesAllocated, 0);
  ring.append(batch(["hello"], 1));
  assert.ok(ring.bytesAllocated <= 512);
});
