// @ts-check
// The scenarios that are taken from whole lives: start, memory, restart, stop.
import { setTimeout as delay } from "node:timers/promises";
import { proportionalSetKb } from "./kernel-view.mjs";

/**
 * A service that has run for less than a second is restarted late by runit, s6 and
 * daemontools, on purpose. What is measured is the restart of one that has run longer.
 */
const settledMs = 1300;

/** Between two kills of different services, so that no restart waits for the one before it. */
const betweenKillsMs = 50;

/** A contender whose warm-up life takes longer than this is measured in fewer rounds. */
const slowMs = 10_000;
const slowRounds = 2;

/**
 * @typedef {object} Contender a peer with its plan for a number of services
 * @property {string} name
 * @property {boolean} startOnly
 * @property {import("./life.mjs").Plan} plan
 *
 * @typedef {object} Course
 * @property {string} driver
 * @property {number} count of services
 * @property {number} rounds
 * @property {number} kills in each life
 * @property {ReadonlySet<string>} scenarios
 * @property {import("./samples.mjs").Samples} samples
 * @property {(text: string) => void} say
 * @property {(plan: import("./life.mjs").Plan, count: number, driver: string) => import("./life.mjs").Life} live begins a life
 */

/**
 * Runs the contenders in turn, round after round; the first round only warms up. A
 * contender that fails is out for this number of services.
 *
 * @param {Contender[]} contenders
 * @param {Course} course
 */
export async function runLives(contenders, course) {
  let standing = contenders;
  /** @type {Set<Contender>} */
  const slow = new Set();
  for (let round = 0; round <= course.rounds; round++) {
    if (round > slowRounds) standing = standing.filter((contender) => !slow.has(contender));
    // Each round begins with another contender, so that none always follows the same one.
    const first = standing.length === 0 ? 0 : round % standing.length;
    for (const contender of [...standing.slice(first), ...standing.slice(0, first)]) {
      const of = `${contender.name}, ${course.count} services`;
      course.say(round === 0 ? `warm-up: ${of}` : `round ${round} of ${course.rounds}: ${of}`);
      const begin = performance.now();
      try {
        await runLife(contender, course, round === 0);
        if (round === 0 && performance.now() - begin > slowMs) slow.add(contender);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        course.samples.fail(contender.name, course.count, message);
        standing = standing.filter((other) => other !== contender);
      }
    }
  }
}

/**
 * @param {Contender} contender
 * @param {Course} course
 * @param {boolean} warmUp whether it is run only for what it leaves in caches
 */
async function runLife({ name, startOnly, plan }, course, warmUp) {
  const { count, scenarios, samples } = course;
  /** @type {(scenario: string, metric: string, value: number) => void} */
  const add = (scenario, metric, value) => {
    if (!warmUp && scenarios.has(scenario))
      samples.add({ scenario, count, metric, peer: name }, value);
  };
  plan.renew?.();
  const life = course.live(plan, count, course.driver);
  try {
    const { firstMs, lastMs } = await life.started();
    add("start", "first", firstMs);
    add("start", "last", lastMs);
    await delay(settledMs);
    if (warmUp || startOnly) {
      await life.stop();
      return;
    }
    if (scenarios.has("memory"))
      add("memory", "pss", proportionalSetKb(life.supervisorPids()) / 1024);
    if (scenarios.has("restart")) {
      for (let kill = 0; kill < course.kills; kill++) {
        if (kill > 0) await delay(kill % count === 0 ? settledMs : betweenKillsMs);
        // Spread over all services, so that no supervisor's order of search favours it.
        const index = Math.floor(((kill % count) * count) / Math.min(course.kills, count));
        add("restart", "restart", await life.restart(index));
      }
      if (scenarios.has("stop")) await delay(settledMs);
    }
    if (scenarios.has("stop")) add("stop", "stop", await life.stop());
  } finally {
    await life.end();
  }
}
