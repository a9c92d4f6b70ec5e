import { equal } from "node:assert/strict";
import { test } from "node:test";
import { parseMoment } from "#supervise/verbs/log-moment.js";

/** 2026-01-02, three in the afternoon here, wherever that is. */
const now = new Date(2026, 0, 2, 15, 0, 0).getTime();
const here = (...parts: [number, number, number, number?, number?, number?, number?]): number =>
  new Date(...(parts as [number, number, number])).getTime() * 1000;

const rows: readonly (readonly [text: string, micros: number | null])[] = [
  ["10m", (now - 600_000) * 1000],
  ["1h30m", (now - 5_400_000) * 1000],
  ["1.5h", (now - 5_400_000) * 1000],
  ["2d", (now - 172_800_000) * 1000],
  ["250ms", (now - 250) * 1000],
  ["now", now * 1000],
  ["today", here(2026, 0, 2)],
  ["yesterday", here(2026, 0, 1)],
  ["2026-01-02", here(2026, 0, 2)],
  ["2026-01-02T03:04:05.123456Z", Date.UTC(2026, 0, 2, 3, 4, 5) * 1000 + 123_456],
  ["2026-01-02 03:04:05+01:00", Date.UTC(2026, 0, 2, 2, 4, 5) * 1000],
  ["2026-01-02T03:04Z", Date.UTC(2026, 0, 2, 3, 4) * 1000],
  ["@1767323045.5", 1_767_323_045_500_000],
  ["", null],
  ["10", null],
  ["10 minutes", null],
  ["soon", null],
  ["2026-02-30", null],
  ["2026-13-01", null],
  ["2026-01-02T25:00:00Z", null],
  ["25:00", null],
  ["10m5", null],
];

for (const [text, micros] of rows) {
  test(`the moment "${text}"`, () => {
    equal(parseMoment(text, now), micros);
  });
}

test("a time of day and a date without a zone are those of here", () => {
  equal(parseMoment("03:04", now), new Date(2026, 0, 2, 3, 4).getTime() * 1000);
  equal(
    parseMoment("2026-01-02 03:04:05.25", now),
    new Date(2026, 0, 2, 3, 4, 5, 250).getTime() * 1000,
  );
});
