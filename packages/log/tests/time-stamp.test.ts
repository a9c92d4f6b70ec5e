import assert from "node:assert/strict";
import { test } from "node:test";

import { timeStamp } from "#log/time-stamp.js";
import * as fc from "fast-check";

test("a time stamp is the time in UTC, to the microsecond, whatever was stamped before", () => {
  const stamp = timeStamp("utc");
  assert.ok(stamp);
  const micros = fc.oneof(
    fc.nat({ max: 4_102_444_800 }).map((second) => second * 1e6),
    fc.nat({ max: 4e15 }),
  );
  fc.assert(
    fc.property(micros, (given) => {
      const text = stamp.of(given);
      assert.match(text, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
      assert.equal(Date.parse(`${text.slice(0, 19)}Z`) * 1000 + Number(text.slice(20, 26)), given);
    }),
  );
  assert.equal(stamp.of(1_767_323_045_123_456.75), "2026-01-02T03:04:05.123456Z");
});

test("TAI64N is written as daemontools does, to the nanosecond", () => {
  // 2000-01-01 00:00:00 UTC is 946684800, and 10 s more in TAI.
  assert.equal(timeStamp("tai64n")?.of(946_684_800_000_001), "@40000000386d438a000003e8");
});

test("a local time stamp is the same moment, whatever the zone", () => {
  const stamp = timeStamp("local");
  assert.ok(stamp);
  fc.assert(
    fc.property(fc.nat({ max: 4e15 }), (given) => {
      const text = stamp.of(given);
      assert.match(text, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}[+-]\d\d:\d\d$/);
      const micros = Date.parse(text.slice(0, 19) + text.slice(26)) * 1000;
      assert.equal(micros + Number(text.slice(20, 26)), given);
    }),
  );
});

test("a file may do without time stamps", () => {
  assert.equal(timeStamp("none"), null);
});
