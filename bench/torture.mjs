// @ts-check
// Services write numbered lines at full speed while everything is done to them, their files, their readers and their supervisor at once; afterwards every line is looked for. The short
// version is apps/supervise/tests/torture.test.ts; docs/logs.md says what has to hold.
//
//   node bench/torture.mjs [--seconds 600] [--seed N] [--course N] [--keep DIRECTORY]
//
// It needs what `npm test` has built, of which it takes a copy, and root for a full disk. Exit code 1: something was not as it should be; it is printed, with the seed of its course. `--course` runs only
// the course with that seed; `--keep` says where the directory of a project with a fault is copied to.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { copyBuilt } from "./built-copy.mjs";

const { values } = parseArgs({
  options: {
    seconds: { type: "string" },
    seed: { type: "string" },
    course: { type: "string" },
    keep: { type: "string" },
  },
});
const programs = mkdtempSync(join(tmpdir(), "supervise-torture-"));
process.once("exit", () => rmSync(programs, { recursive: true, force: true }));
copyBuilt(programs);
const tests = join(programs, "apps/supervise/dist/tests");
const { seeded } = await import(join(tests, "crash-orders.js"));
const { torture } = await import(join(tests, "torture.js"));
const seconds = Number(values.seconds ?? 600);
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const random = seeded(seed);
const sums = { courses: 0, lines: 0, gaps: 0, cut: 0, faults: 0, deaths: 0 };
/** @type {(() => void | Promise<void>)[]} */
const undos = [];
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"]))
  process.once(signal, () => void undoAll().then(() => process.exit(1)));
const began = performance.now();
console.log(`seed ${seed}`);
do {
  const courseSeed =
    values.course === undefined ? Math.floor(random() * 2 ** 31) : Number(values.course);
  await course(courseSeed);
} while (
  values.course === undefined &&
  performance.now() - began < seconds * 1000 &&
  sums.faults < 20
);
console.log(
  `${sums.courses} courses, ${sums.deaths} deaths of the supervisor: ${sums.lines} lines, each once and in order; ${sums.gaps} in counted gaps, ${sums.cut} that a killed service never ended; ${sums.faults} faults`,
);
process.exitCode = sums.faults > 0 ? 1 : 0;

/** @param {number} courseSeed */
async function course(courseSeed) {
  const deaths = Math.floor(random() * 5);
  const options = {
    seed: courseSeed,
    deeds: 25,
    deaths,
    burst: 1 << 18,
    pauseMicros: 80_000,
    keep: values.keep,
  };
  try {
    const t = { after: (/** @type {() => void | Promise<void>} */ undo) => void undos.push(undo) };
    const { faults, found, deeds, withoutFullDisk } = await torture(t, options);
    const all = Object.values(found);
    sums.courses += 1;
    sums.deaths += deaths;
    sums.faults += faults.length;
    const [lines, gaps, cut] = [
      all.reduce((sum, one) => sum + one.lines, 0),
      all.reduce((sum, one) => sum + one.gaps, 0),
      all.reduce((sum, one) => sum + one.cut, 0),
    ];
    sums.lines += lines;
    sums.gaps += gaps;
    sums.cut += cut;
    console.log(
      `${Math.round((performance.now() - began) / 1000)} s: course ${courseSeed}, ${deaths} deaths: ${lines} lines, ${gaps} in gaps${withoutFullDisk === null ? "" : ` (${withoutFullDisk})`}`,
    );
    for (const fault of faults) console.log(`FAULT ${fault}`);
    if (faults.length > 0) console.log(deeds.join(", "));
  } catch (error) {
    sums.faults += 1;
    console.log(`FAULT course ${courseSeed}: ${String(error)}`);
  } finally {
    await undoAll();
  }
}

async function undoAll() {
  for (const undo of undos.splice(0).toReversed()) {
    try {
      await undo();
    } catch (error) {
      sums.faults += 1;
      console.log(`FAULT afterwards: ${String(error)}`);
    }
  }
}
