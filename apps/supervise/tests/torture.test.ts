import { deepEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { needsInit } from "./keeper-harness.js";
import { torture } from "./torture.js";

test(
  "no line is lost, doubled or torn while services, files, readers and the supervisor are tortured at once",
  { skip: needsInit },
  async (t) => {
    const seed = Date.now() % 1_000_000;
    const options = { seed, deeds: 6, deaths: 2, burst: 1 << 17, pauseMicros: 40_000 };
    const { faults, found, deeds, withoutFullDisk } = await torture(t, options);
    if (withoutFullDisk !== null) t.diagnostic(`skipped: a full disk: ${withoutFullDisk}`);
    deepEqual(faults, [], `seed ${seed}: ${deeds.join(", ")}`);
    for (const [name, { lines }] of Object.entries(found)) ok(lines > 0, `${name} wrote nothing`);
  },
);
