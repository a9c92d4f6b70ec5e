// @ts-check
// What this program sets out to reach, each as a ratio to a peer measured in the same run.

const ours = "supervise";
/** Supervisors in their own right: neither the C loop nor bare Node. */
const supervisors = ["runit", "s6", "daemontools", "supervisord", "pm2"];

/**
 * @typedef {object} Verdict
 * @property {string} target
 * @property {number | undefined} ours
 * @property {number | undefined} against
 * @property {number | undefined} leastRatio of the least values instead of the medians
 * @property {number} limit the greatest ratio, or the greatest value, that passes
 * @property {string} unit
 * @property {"pass" | "miss" | "not measured"} verdict
 */

/**
 * @param {import("./samples.mjs").Samples} samples
 * @param {ReadonlySet<string>} scenarios those that were run
 * @returns {Verdict[]} of each target of these scenarios
 */
export function judge(samples, scenarios) {
  /** @type {(scenario: string, count: number, metric: string, peer: string) => import("./statistics.mjs").Summary | undefined} */
  const of = (scenario, count, metric, peer) => samples.summary({ scenario, count, metric, peer });

  /** @type {(target: string, scenario: string, count: number, metric: string, peer: string, limit: number, unit?: string) => Verdict} */
  const ratio = (target, scenario, count, metric, peer, limit, unit = "ms") => {
    const own = of(scenario, count, metric, ours);
    return compare(target, own, of(scenario, count, metric, peer), limit, unit);
  };

  const fastest = supervisors
    .map((peer) => of("start", 1000, "last", peer))
    .filter((summary) => summary !== undefined)
    .sort((a, b) => a.median - b.median)[0];

  const one = of("memory", 1, "pss", ours)?.median;
  const thousand = of("memory", 1000, "pss", ours)?.median;
  const perService =
    one === undefined || thousand === undefined ? undefined : ((thousand - one) * 1024) / 999;

  const verdicts = [
    ratio("start of 1: at most 1.5 x bare Node", "start", 1, "last", "bare Node", 1.5),
    ratio("start of 100: at most 0.8 x runit", "start", 100, "last", "runit", 0.8),
    compare(
      "start of 1000: not slower than the fastest peer",
      of("start", 1000, "last", ours),
      fastest,
      1,
      "ms",
    ),
    ratio("start of 1000: at most 1.1 x C loop", "start", 1000, "last", "C loop", 1.1),
    ratio("restart, 1 service: not slower than runit", "restart", 1, "restart", "runit", 1),
    ratio("restart, 100 services: not slower than runit", "restart", 100, "restart", "runit", 1),
    ratio("stop of 100: at most 1.0 x runit", "stop", 100, "stop", "runit", 1),
    ratio("stop of 1000: at most 0.4 x runit", "stop", 1000, "stop", "runit", 0.4),
    ratio("memory, 1 service: at most 1.3 x bare Node", "memory", 1, "pss", "bare Node", 1.3, "MB"),
    ratio(
      "memory, 1000 services: at most 0.65 x runit",
      "memory",
      1000,
      "pss",
      "runit",
      0.65,
      "MB",
    ),
    bound("memory per further service: at most 12 KB", perService, 12, "KB"),
    bound(
      "idle, 100 services: no wake-up in a minute",
      of("idle", 100, "switches", ours)?.median,
      0,
      "switches",
    ),
    // One tick of the clock by which the kernel shows processor time.
    bound(
      "idle, 100 services: less than 10 ms of CPU in a minute",
      of("idle", 100, "cpu", ours)?.median,
      10,
      "ms",
    ),
  ];
  return verdicts.filter(({ target }) => scenarios.has(target.split(/[ ,]/, 1)[0] ?? ""));
}

/**
 * @param {string} target
 * @param {import("./statistics.mjs").Summary | undefined} own
 * @param {import("./statistics.mjs").Summary | undefined} against
 * @param {number} limit
 * @param {string} unit
 * @returns {Verdict}
 */
export function compare(target, own, against, limit, unit) {
  const medians = { target, ours: own?.median, against: against?.median, limit, unit };
  if (own === undefined || against === undefined) {
    return { ...medians, leastRatio: undefined, verdict: "not measured" };
  }
  const verdict = own.median <= limit * against.median ? "pass" : "miss";
  return { ...medians, leastRatio: own.min / against.min, verdict };
}

/**
 * @param {string} target
 * @param {number | undefined} own
 * @param {number} limit
 * @param {string} unit
 * @returns {Verdict}
 */
export function bound(target, own, limit, unit) {
  const verdict = own === undefined ? "not measured" : own <= limit ? "pass" : "miss";
  return { target, ours: own, against: undefined, leastRatio: undefined, limit, unit, verdict };
}
