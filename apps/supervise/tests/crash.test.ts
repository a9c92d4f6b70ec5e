import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { pidNamespaceSkip } from "@supervise/testkit";
import { runCourse } from "./crash-course.js";
import type { PlannedDeath } from "./crash-orders.js";
import { needsInit } from "./keeper-harness.js";

/** The same deaths in each run. A fault tells the seed of its course; CRASH_SEED chooses another. `node bench/crash.mjs`, the long version, draws ever new ones. */
const SEED = Number(process.env["CRASH_SEED"] ?? 1);

/** Each way at least twice, at every moment. */
const PLANS: readonly (readonly PlannedDeath[])[] = [
  [
    { way: "kill", moment: "begin" },
    { way: "exception", moment: "run" },
    { way: "abort", moment: "stop" },
    { way: "segv", moment: "reload" },
    { way: "heap", moment: "end" },
  ],
  [
    { way: "rejection", moment: "run" },
    { way: "overflow", moment: "adoption" },
    { way: "heap", moment: "start" },
    { way: "kill", moment: "end" },
  ],
  [
    { way: "loop", moment: "run" },
    { way: "rejection", moment: "reload" },
    { way: "stopped", moment: "restart" },
    { way: "abort", moment: "run" },
    { way: "exception", moment: "end" },
  ],
  [
    { way: "segv", moment: "begin" },
    { way: "overflow", moment: "run" },
    { way: "stopped", moment: "start" },
    { way: "loop", moment: "reload" },
    { way: "segv", moment: "upgrade" },
  ],
];

for (const [index, plan] of PLANS.entries()) {
  const asPidOne = index % 2 === 0;
  const words = plan.map(({ way, moment }) => `${way} at ${moment}`).join(", ");
  test(
    `${asPidOne ? "under PID 1" : "under a subreaper"} no service notices ${words}`,
    { skip: needsInit || (asPidOne && pidNamespaceSkip()) },
    async (t) => {
      const result = await runCourse(t, { seed: SEED + index, plan, asPidOne });
      equal(result.faults.join("\n"), "");
      deepEqual(
        result.deaths.map(({ way, moment }) => ({ way, moment })),
        plan,
      );
    },
  );
}

test(
  "a reload that a death has cut in two is whole in the end, wherever it was cut",
  { skip: needsInit },
  async (t) => {
    // Around the message that hands the new configuration to the keeper.
    const plan = [5, 6, 7, 8, 9].map((calls) => ({
      way: "kill" as const,
      moment: "reload" as const,
      place: { only: "send", calls },
    }));
    const { faults } = await runCourse(t, { seed: SEED, plan, asPidOne: false });
    equal(faults.join("\n"), "");
  },
);
