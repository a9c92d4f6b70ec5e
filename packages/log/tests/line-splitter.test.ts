import assert from "node:assert/strict";
import { test } from "node:test";

import { LineSplitter, maxLineBytes } from "#log/line-splitter.js";
import * as fc from "fast-check";

interface Part {
  readonly bytes: Buffer;
  readonly partial: boolean;
  readonly continued: boolean;
}

/** Splits the chunks and flushes at the end. */
function split(chunks: readonly Buffer[]): Part[] {
  const parts: Part[] = [];
  const splitter = new LineSplitter();
  const receiver = {
    receive(
      bytes: Buffer,
      start: number,
      ends: Uint32Array,
      count: number,
      partial: boolean,
      continued: boolean,
    ) {
      let from = start;
      for (let index = 0; index < count; index += 1) {
        const end = ends[index] ?? Number.NaN;
        parts.push({
          bytes: Buffer.from(bytes.subarray(from, end)),
          partial,
          continued: continued && index === 0,
        });
        if (!partial) assert.equal(bytes[end], 10);
        from = end + 1;
      }
    },
  };
  for (const chunk of chunks) splitter.push(chunk, new Uint32Array(chunk.length + 1), receiver);
  splitter.flush(new Uint32Array(1), receiver);
  assert.equal(splitter.holdsPart, false);
  return parts;
}

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].toSorted(
    (a, b) => a - b,
  );
  return sorted.slice(1).map((end, index) => bytes.subarray(sorted[index], end));
}

function joined(parts: readonly Part[]): Buffer {
  return Buffer.concat(
    parts.flatMap((part) => (part.partial ? [part.bytes] : [part.bytes, Buffer.from("\n")])),
  );
}

const newlineOrByte = fc.oneof(fc.constant(10), fc.integer({ min: 0, max: 255 }));
const anyBytes = fc.array(newlineOrByte, { maxLength: 300 }).map((bytes) => Buffer.from(bytes));
const places = fc.array(fc.nat(), { maxLength: 20 });

/** Runs of one byte around the limit of a line, with newlines between them. */
const longBytes = fc
  .array(
    fc.record({
      length: fc.oneof(
        fc.integer({ min: -4, max: 4 }).map((off) => maxLineBytes + off),
        fc.integer({ min: 0, max: 200_000 }),
      ),
      byte: fc.constantFrom(0x61, 0x00, 0xff, 0x80, 0xe2),
      newline: fc.boolean(),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((runs) =>
    Buffer.concat(
      runs.flatMap(({ length, byte, newline }) => [
        Buffer.alloc(length, byte),
        Buffer.from(newline ? "\n" : ""),
      ]),
    ),
  );

test("any bytes in any chunks give back the same bytes", () => {
  fc.assert(
    fc.property(anyBytes, places, (bytes, at) =>
      assert.deepEqual(joined(split(cut(bytes, at))), bytes),
    ),
  );
});

test("what is handed on depends on the bytes, not on the chunks", () => {
  fc.assert(
    fc.property(anyBytes, places, (bytes, at) =>
      assert.deepEqual(split(cut(bytes, at)), split([bytes])),
    ),
  );
});

test("long lines come in the same parts however they arrive, none over the limit, none empty", () => {
  const property = fc.property(longBytes, places, (bytes, at) => {
    const parts = split(cut(bytes, at));
    assert.ok(joined(parts).equals(bytes));
    assert.deepEqual(
      parts.map((part) => [part.bytes.length, part.partial, part.continued]),
      split([bytes]).map((part) => [part.bytes.length, part.partial, part.continued]),
    );
    for (const part of parts) {
      assert.ok(part.bytes.length <= maxLineBytes);
      assert.ok(part.bytes.length > 0 || (!part.partial && !part.continued));
    }
  });
  fc.assert(property, { numRuns: 40 });
});

test("a line of exactly the limit is one line; one byte more makes two parts", () => {
  const whole = split([Buffer.from(`${"a".repeat(maxLineBytes)}\n`)]);
  assert.deepEqual(
    whole.map((part) => [part.bytes.length, part.partial]),
    [[maxLineBytes, false]],
  );
  const more = split([Buffer.from(`${"a".repeat(maxLineBytes + 1)}\n`)]);
  assert.deepEqual(
    more.map((part) => [part.bytes.length, part.partial, part.continued]),
    [
      [maxLineBytes, true, false],
      [1, false, true],
    ],
  );
});

test("a part of valid UTF-8 is valid UTF-8", () => {
  for (const letter of ["é", "€", "😀"]) {
    for (let shift = 0; shift < 4; shift += 1) {
      const text = "a".repeat(shift) + letter.repeat(50_000);
      const parts = split([Buffer.from(text)]);
      assert.ok(parts.length > 1);
      for (const part of parts)
        assert.ok(!part.bytes.toString().includes("\ufffd"), `${letter} after ${shift}`);
      assert.equal(parts.map((part) => part.bytes.toString()).join(""), text);
    }
  }
});

test("a carriage return before the newline stays in the line", () => {
  assert.deepEqual(
    split([Buffer.from("a\r\nb\r\r\n\r\n")]).map((part) => part.bytes.toString()),
    ["a\r", "b\r\r", "\r"],
  );
});

test("a 10 MB line without newline comes whole, in flagged parts", () => {
  const bytes = Buffer.alloc(10_000_000, "0123456789");
  const parts = split(
    cut(
      bytes,
      Array.from({ length: 200 }, (_, index) => index * 50_000),
    ),
  );
  assert.ok(joined(parts).equals(bytes));
  assert.ok(parts.every((part) => part.partial));
  assert.equal(parts.length, Math.ceil(bytes.length / maxLineBytes));
});

test("a stream of newlines is a stream of empty lines", () => {
  const parts = split([Buffer.alloc(65_536, 10)]);
  assert.equal(parts.length, 65_536);
  assert.ok(parts.every((part) => part.bytes.length === 0 && !part.partial));
});
