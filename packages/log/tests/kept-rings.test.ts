import assert from "node:assert/strict";
import { test } from "node:test";
import { KeptRings } from "#log/kept-rings.js";
import { emptyBatch, type ReusedBatch } from "#log/line-batch.js";
import { LineRing, type KeptAs } from "#log/line-ring.js";
import type { LastingMemory } from "#log/ledger.js";

const LIMIT = 8 * 1024;

/** Pieces of one memory; each call of `open` sees what was stored before. */
function lasting(): () => LastingMemory {
  const pieces = new Map<number, Uint8Array>();
  return () => ({
    size: 0,
    map: (offset, length) => {
      const piece = pieces.get(offset) ?? new Uint8Array(length);
      pieces.set(offset, piece);
      return piece;
    },
    reserve: () => true,
  });
}

/** Appends lines with these numbers, from `from` on, each of a length that its number gives. */
function append(ring: LineRing, from: number, count: number, most: number): void {
  const texts = Array.from({ length: count }, (_, index) =>
    `${from + index} `.padEnd(((from + index) * 7919) % most, "x"),
  );
  const bytes = Buffer.from(texts.map((text) => `${text}\n`).join(""));
  const batch: ReusedBatch = emptyBatch(bytes, new Uint32Array(count));
  let end = 0;
  texts.forEach((text, index) => {
    batch.ends[index] = end + text.length;
    end += text.length + 1;
  });
  batch.source = { id: 7, name: "web" };
  batch.count = count;
  batch.firstSeq = from;
  batch.firstArrival = from;
  ring.append(batch);
}

function held(ring: LineRing): { numbers: number[]; text: string; lines: number } {
  const records = [...ring.records()];
  return {
    numbers: records.flatMap(({ firstSeq, count }) =>
      Array.from({ length: count }, (_, index) => firstSeq + index),
    ),
    text: records.map(({ lines }) => lines.toString()).join(""),
    lines: ring.lines,
  };
}

test("after every batch the next process finds the lines that this one holds", () => {
  const open = lasting();
  const key = 12;
  const ring = new LineRing(LIMIT, { rings: new KeptRings(open(), LIMIT), key });
  let seq = 1;
  for (let round = 0; round < 2_000; round += 1) {
    const count = 1 + (round % 5);
    append(ring, seq, count, round < 20 ? 40 : 900);
    seq += count;
    const next = new LineRing(LIMIT, { rings: new KeptRings(open(), LIMIT), key });
    assert.equal(next.restore(3), seq - 1);
    assert.deepEqual(held(next), held(ring));
    assert.equal([...next.records()][0]?.source, 3);
  }
});

test("lines that are handed on once more are not held twice", () => {
  const open = lasting();
  const kept = (): KeptAs => ({ rings: new KeptRings(open(), LIMIT), key: 5 });
  append(new LineRing(LIMIT, kept()), 1, 4, 30);
  const ring = new LineRing(LIMIT, kept());
  ring.restore(1);
  append(ring, 3, 4, 30);
  assert.deepEqual(held(ring).numbers, [1, 2, 3, 4, 5, 6]);
  append(ring, 2, 2, 30);
  ring.settle();
  append(ring, 1, 1, 30);
  assert.deepEqual(held(ring).numbers, [1, 2, 3, 4, 5, 6, 1]);
});

test("a ring that was released is nobody's, and its place is used again", () => {
  const open = lasting();
  const rings = new KeptRings(open(), LIMIT);
  const first = new LineRing(LIMIT, { rings, key: 1 });
  append(first, 1, 1, 30);
  append(new LineRing(LIMIT, { rings, key: 2 }), 1, 2, 30);
  first.release();
  append(new LineRing(LIMIT, { rings, key: 3 }), 1, 3, 30);
  const after = new KeptRings(open(), LIMIT);
  const lines = (key: number): number | null =>
    new LineRing(LIMIT, { rings: after, key }).restore(1);
  assert.deepEqual([1, 2, 3].map(lines), [null, 2, 3]);
});

test("rings of another size, or of nobody any more, are not gone by", () => {
  const open = lasting();
  append(new LineRing(LIMIT, { rings: new KeptRings(open(), LIMIT), key: 1 }), 1, 1, 30);
  const rings = new KeptRings(open(), LIMIT);
  rings.dropLeft();
  assert.equal(new LineRing(LIMIT, { rings, key: 1 }).restore(1), null);
  append(new LineRing(LIMIT, { rings, key: 1 }), 1, 1, 30);
  const other = new KeptRings(open(), LIMIT * 2);
  assert.equal(new LineRing(LIMIT * 2, { rings: other, key: 1 }).restore(1), null);
});
