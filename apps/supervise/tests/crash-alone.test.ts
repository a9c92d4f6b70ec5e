import { equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { runAlone } from "./crash-alone.js";

/** The same deaths in each run. A fault tells the seed; CRASH_SEED chooses another. `node bench/crash.mjs --alone`, the long version, draws ever new ones. */
const SEED = Number(process.env["CRASH_SEED"] ?? 1);

test("no service notices that its supervisor is killed, and the next one has every line", async (t) => {
  const moments = ["begin", "run", "begin", "stop", "reload", "restart", "down", "run"] as const;
  const { faults, lines } = await runAlone(t, { seed: SEED, moments });
  equal(faults.join("\n"), "");
  ok(lines > 1_000);
});
