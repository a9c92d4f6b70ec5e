import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { parseByteSize, parseDuration } from "#config/quantity.js";

for (const [text, expected] of [
  ["10s", 10_000],
  ["1m30s", 90_000],
  ["500ms", 500],
  ["1.5s", 1500],
  ["0s", 0],
  ["1h1m1s1ms", 3_661_001],
  ["2d", 172_800_000],
  ["1w", 604_800_000],
  ["1500us", 2],
  ["2147483647ms", 2_147_483_647],
  ["2147483648ms", null],
  ["25d", null],
  ["", null],
  ["10", null],
  ["s", null],
  ["-1s", null],
  ["1 s", null],
  ["1s ", null],
  ["1.s", null],
  [".5s", null],
  ["1e3s", null],
  ["10S", null],
  ["many", null],
] as const) {
  test(`the duration "${text}" is ${expected} ms`, () =>
    assert.equal(parseDuration(text), expected));
}

test("a duration written in any mix of units is the sum of its parts", () => {
  const part = fc.tuple(
    fc.nat(1000),
    fc.constantFrom(["ms", 1], ["s", 1000], ["m", 60_000]) as fc.Arbitrary<[string, number]>,
  );
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), (parts) => {
      const text = parts.map(([count, [unit]]) => `${count}${unit}`).join("");
      assert.equal(
        parseDuration(text),
        parts.reduce((sum, [count, [, size]]) => sum + count * size, 0),
      );
    }),
  );
});

test("any text is a whole number of milliseconds or no duration", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("1", "9", ".", "m", "s", "h", " ") }), (text) => {
      const ms = parseDuration(text);
      assert.ok(ms === null || (Number.isInteger(ms) && ms >= 0));
    }),
  );
});

for (const [text, expected] of [
  ["512", 512],
  ["10m", 10_485_760],
  ["1gb", 1_073_741_824],
  ["1 KiB", 1024],
  ["1.5k", 1536],
  ["2B", 2],
  ["1TB", 1_099_511_627_776],
  ["0", 0],
  ["-1", null],
  ["10x", null],
  ["m", null],
  ["", null],
  ["99999999t", null],
] as const) {
  test(`the size "${text}" is ${expected} bytes`, () =>
    assert.equal(parseByteSize(text), expected));
}
