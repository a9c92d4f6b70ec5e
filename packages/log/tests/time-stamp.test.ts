import assert from "node:assert/strict";
import { test } from "node:test";

import { TimeStamp } from "#log/time-stamp.js";
import * as fc from "fast-check";

test("a time stamp is the time in UTC, to the microsecond, whatever was stamped before", () => {
  const stamp = new TimeStamp();
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
