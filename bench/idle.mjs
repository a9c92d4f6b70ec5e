// @ts-check
// What supervisors do while nothing happens.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { activity } from "./kernel-view.mjs";

/**
 * From the last service's start to the beginning of the period. A start has its aftermath: some ten
 * seconds later V8 collects garbage once more and gives memory back.
 */
const settleMs = 20_000;

/**
 * All contenders are idle in the same period, side by side: the counters are per
 * thread, and a machine that is idle is what they ask for.
 *
 * @param {import("./lives.mjs").Contender[]} contenders
 * @param {import("./lives.mjs").Course & { periodMs: number, strace: boolean }} course
 */
export async function runIdle(contenders, course) {
  /** @type {{ name: string, plan: import("./life.mjs").Plan, life: import("./life.mjs").Life }[]} */
  const lives = [];
  try {
    for (const { name, plan } of contenders) {
      course.say(`idle: starting ${name}, ${course.count} services`);
      const life = course.live(plan, course.count, course.driver);
      try {
        await life.started();
        lives.push({ name, plan, life });
      } catch (error) {
        course.samples.fail(
          name,
          course.count,
          error instanceof Error ? error.message : String(error),
        );
        await life.end();
      }
    }
    course.say(
      `idle: settling for ${settleMs / 1000} s, then counting for ${course.periodMs / 1000} s`,
    );
    await delay(settleMs);
    const before = lives.map(({ life }) => activity(life.supervisorPids()));
    await delay(course.periodMs);
    const after = lives.map(({ life }) => activity(life.supervisorPids()));
    for (const [at, { name }] of lives.entries()) {
      const [from, to] = [before[at], after[at]];
      if (from === undefined || to === undefined) continue;
      const perMinute = 60_000 / course.periodMs;
      const figure = { scenario: "idle", count: course.count, peer: name };
      course.samples.add(
        { ...figure, metric: "switches" },
        (to.switches - from.switches) * perMinute,
      );
      course.samples.add({ ...figure, metric: "cpu" }, ((to.cpuNs - from.cpuNs) / 1e6) * perMinute);
    }
    if (course.strace) {
      // strace costs processor time itself, so it comes after, and one contender at a time.
      for (const { name, plan, life } of lives) {
        course.say(`idle: counting the system calls of ${name} for ${course.periodMs / 1000} s`);
        const calls = await countCalls(life.supervisorPids(), plan.directory, course.periodMs);
        const figure = { scenario: "idle", count: course.count, peer: name, metric: "calls" };
        course.samples.add(figure, (calls * 60_000) / course.periodMs);
      }
    }
  } finally {
    for (const { life } of lives) await life.end();
  }
}

/** Whether strace is there to count with. */
export function haveStrace() {
  try {
    execFileSync("strace", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {number[]} pids
 * @param {string} directory
 * @param {number} periodMs
 */
async function countCalls(pids, directory, periodMs) {
  const file = join(directory, "strace");
  const attach = pids.flatMap((pid) => ["-p", String(pid)]);
  const strace = spawn("strace", ["-f", "-c", "-o", file, ...attach], { stdio: "ignore" });
  await delay(periodMs);
  strace.kill("SIGINT");
  await once(strace, "exit");
  return Number(
    /^\s*100\.00\s+\S+\s+\S+\s+(\d+).*total$/m.exec(readFileSync(file, "utf8"))?.[1] ?? 0,
  );
}
