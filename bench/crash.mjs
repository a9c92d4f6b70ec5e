// @ts-check
// The supervisor dies, hundreds of times, in every way and at every moment, above a busy project; after each death the kernel, the control socket
// and in the end every line are looked at. The short version is apps/supervise/tests/crash.test.ts; docs/keeper.md says what has to hold.
//
//   node bench/crash.mjs [--deaths 300] [--seed N] [--course N] [--keep DIRECTORY]
//   node bench/crash.mjs --alone [--deaths 300] [--seed N] [--course N]
//
// With `--alone` nobody is above the supervisor: it is killed by SIGKILL in the foreground and in the background, and `up` is called anew each time
// (apps/supervise/tests/crash-alone.test.ts is the short version; docs/processes.md says what has to hold).
//
// It needs what `npm test` has built. Exit code 1: something was not as it should be; it is printed, with the seed of its course. `--course` runs
// only the course with that seed; `--keep` says where the directory of a project with a fault is copied to.
import { parseArgs } from "node:util";
import { runCourse } from "../apps/supervise/dist/tests/crash-course.js";
import { ALONE_MOMENTS, runAlone } from "../apps/supervise/dist/tests/crash-alone.js";
import { MOMENTS, pick, seeded, WAYS } from "../apps/supervise/dist/tests/crash-orders.js";

/** @typedef {import("../apps/supervise/dist/tests/crash-orders.js").PlannedDeath} PlannedDeath */

/** Deaths that the keeper mends within a minute. */
const mostDeaths = 5;

const { values } = parseArgs({
  options: {
    deaths: { type: "string" },
    seed: { type: "string" },
    course: { type: "string" },
    keep: { type: "string" },
    alone: { type: "boolean" },
  },
});
const wanted = Number(values.deaths ?? 300);
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const random = seeded(seed);
/** @type {PlannedDeath["way"][]} */
const waysLeft = [];

/** @type {import("../apps/supervise/dist/tests/crash-course.js").Death[]} */
const deaths = [];
const sums = { courses: 0, faults: 0, lines: 0, repeated: 0, torn: 0, runs: 0 };
/** @type {(() => void | Promise<void>)[]} */
const undos = [];
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]))
  process.once(signal, () => void undoAll().then(() => process.exit(1)));
const began = performance.now();
process.stdout.write(`seed ${seed}\n`);
if (values.alone === true) await alone();
while (values.alone !== true && deaths.length < wanted) {
  const courseSeed = Math.floor(random() * 2 ** 31);
  const options = {
    seed: courseSeed,
    plan: drawPlan(),
    asPidOne: random() < 0.6,
    keep: values.keep,
  };
  if (values.course !== undefined && Number(values.course) !== courseSeed) {
    deaths.push(...options.plan.map((death) => ({ ...death, adoptedMs: null })));
    continue;
  }
  const result = await inScope((t) => runCourse(t, options));
  sums.courses += 1;
  sums.faults += result.faults.length;
  sums.lines += result.lines;
  sums.repeated += result.repeated;
  sums.torn += result.torn;
  sums.runs += result.runs;
  deaths.push(...result.deaths);
  const words = options.plan.map(({ way, moment }) => `${moment}:${way}`).join(" ");
  process.stdout.write(
    `${Math.round((performance.now() - began) / 1_000)} s, ${deaths.length} deaths: ${options.asPidOne ? "PID 1" : "subreaper"} ${words}\n`,
  );
  for (const fault of result.faults) process.stdout.write(`FAULT ${fault}\n`);
  // One that got nowhere must not go on for ever.
  if (result.deaths.length === 0 && sums.faults > 20) break;
}
if (values.alone !== true) report();
process.exitCode = sums.faults > 0 ? 1 : 0;

/** Courses of some ten deaths without anybody above the supervisor. */
async function alone() {
  /** @type {Map<string, number>} */
  const counts = new Map(ALONE_MOMENTS.map((moment) => [moment, 0]));
  const done = { deaths: 0, detached: 0, placed: 0 };
  while (done.deaths < wanted) {
    const courseSeed = Math.floor(random() * 2 ** 31);
    const count = Math.min(wanted - done.deaths, 5 + Math.floor(random() * 15));
    const moments = Array.from({ length: count }, () => pick(random, ALONE_MOMENTS));
    done.deaths += moments.length;
    if (values.course !== undefined && Number(values.course) !== courseSeed) continue;
    const result = await inScope((t) => runAlone(t, { seed: courseSeed, moments }));
    sums.courses += 1;
    sums.faults += result.faults.length;
    sums.lines += result.lines;
    done.detached += result.detached;
    done.placed += result.placed;
    for (const moment of moments) counts.set(moment, (counts.get(moment) ?? 0) + 1);
    const seconds = Math.round((performance.now() - began) / 1_000);
    process.stdout.write(`${seconds} s, ${done.deaths} deaths: seed ${courseSeed}\n`);
    for (const fault of result.faults) process.stdout.write(`FAULT ${fault}\n`);
    if (sums.faults > 20) break;
  }
  const at = [...counts].map(([moment, count]) => `${count} at ${moment}`).join(", ");
  process.stdout.write(
    `${done.deaths} deaths by SIGKILL in ${sums.courses} courses: ${at}\n` +
      `${done.detached} in the background, ${done.placed} at a place in the code, the rest from outside\n` +
      `${sums.lines} lines in files, each once; ${sums.faults} faults\n`,
  );
}

/** Each way in turn, in an order of its own each time. */
function nextWay() {
  if (waysLeft.length === 0) waysLeft.push(...WAYS);
  const way = pick(random, waysLeft);
  waysLeft.splice(waysLeft.indexOf(way), 1);
  return way;
}

/** Deaths for one course, as many as the keeper mends. An "adoption" is two. */
function drawPlan() {
  /** @type {PlannedDeath[]} */
  const plan = [];
  const left = () =>
    plan.reduce((rest, { moment }) => rest - (moment === "adoption" ? 2 : 1), mostDeaths);
  /** @param {PlannedDeath["moment"]} moment */
  const add = (moment) => void plan.push({ way: nextWay(), moment });
  const middle = MOMENTS.filter((moment) => moment !== "begin" && moment !== "end");
  if (random() < 0.5) add("begin");
  while (left() > 1) add(pick(random, middle));
  if (left() > 0) add(random() < 0.5 ? "end" : "run");
  return plan;
}

function report() {
  const width = 11;
  /** @param {readonly (string | number)[]} cells */
  const row = (cells) => `${cells.map((cell) => String(cell).padStart(width)).join("")}\n`;
  process.stdout.write(row(["", ...MOMENTS, "all"]));
  for (const way of WAYS) {
    const of = deaths.filter((death) => death.way === way);
    const counts = MOMENTS.map((moment) => of.filter((death) => death.moment === moment).length);
    process.stdout.write(row([way, ...counts, of.length]));
  }
  const times = deaths
    .flatMap(({ adoptedMs }) => (adoptedMs === null ? [] : [adoptedMs]))
    .toSorted((one, other) => one - other);
  const median = times[Math.floor(times.length / 2)];
  process.stdout.write(
    `${deaths.length} deaths in ${sums.courses} courses; from death to an answer of the next: median ${median} ms, at most ${times.at(-1)} ms\n` +
      `${sums.lines} lines in files, each once; ${sums.repeated} came to standard output again, ${sums.torn} were torn there; ${sums.runs} runs with known ends\n` +
      `${sums.faults} faults\n`,
  );
}

/**
 * What a test has: everything is undone at the end, also where something throws, which is told as any fault.
 * @template T
 * @param {(t: { after(undo: () => void | Promise<void>): void }) => Promise<T>} work
 * @returns {Promise<T>}
 */
async function inScope(work) {
  try {
    return await work({ after: (undo) => void undos.push(undo) });
  } finally {
    await undoAll();
  }
}

async function undoAll() {
  for (const undo of undos.splice(0)) {
    try {
      await undo();
    } catch (error) {
      sums.faults += 1;
      process.stdout.write(`FAULT afterwards: ${String(error)}\n`);
    }
  }
}
