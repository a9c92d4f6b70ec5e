import { equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { runAlone } from "./crash-alone.js";

/** A fault tells the seed; CRASH_SEED runs it again. `node bench/crash.mjs --alone` is the long version. */
const SEED = Number(process.env["CRASH_SEED"] ?? Date.now() % 1_000_000);

test("no service notices that its supervisor is killed, and the next one has every line", async (t) => {
  const moments = ["begin", "run", "begin", "stop", "reload", "restart", "down", "run"] as const;
  const { faults, lines } = await runAlone(t, { seed: SEED, moments });
  equal(faults.join("\n"), "");
  ok(lines > 1_000);
});
