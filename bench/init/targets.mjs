// @ts-check
// What the init sets out to reach.
import { bound, compare } from "../targets.mjs";
import { ours, withGlibc, withMusl } from "./inits.mjs";

/** @typedef {import("../targets.mjs").Verdict} Verdict */

/**
 * @param {import("../samples.mjs").Samples} samples
 * @param {ReadonlySet<string>} scenarios those that were run
 * @returns {Verdict[]}
 */
export function judgeInit(samples, scenarios) {
  /** @type {(scenario: string, metric: string, peer?: string) => import("../statistics.mjs").Summary | undefined} */
  const of = (scenario, metric, peer = ours) =>
    samples.summary({ scenario, count: 1, metric, peer });
  /** @type {(target: string, scenario: string, metric: string, unit: string) => Verdict} */
  const tini = (target, scenario, metric, unit) =>
    compare(target, of(scenario, metric), of(scenario, metric, "tini"), 1.1, unit);
  /** @type {(target: string, summary: import("../statistics.mjs").Summary | undefined, limit: number, unit: string) => Verdict} */
  const most = (target, summary, limit, unit) => bound(target, summary?.median, limit, unit);

  // catatonit is static, with glibc.
  /** @type {(target: string, peer: string) => Verdict} */
  const against = (target, peer) =>
    compare(target, of("idle", "pss", peer), of("idle", "pss", "catatonit"), 1, "MB");

  const verdicts = [
    tini("start as PID 1: at most 1.1 x tini", "start, pid-1", "first", "us"),
    tini("start as a child: at most 1.1 x tini", "start, child", "first", "us"),
    tini("signal as PID 1: at most 1.1 x tini", "signal, pid-1", "handler", "us"),
    tini("signal as a child: at most 1.1 x tini", "signal, child", "handler", "us"),
    most("idle: no wake-up in 10 s", of("idle", "switches"), 0, "switches"),
    most("idle: memory at most 0.3 MB", of("idle", "pss"), 0.3, "MB"),
    most("idle: file under 100 kB", of("idle", "file"), 100, "kB"),
    most("idle, musl: memory at most 0.3 MB", of("idle", "pss", withMusl), 0.3, "MB"),
    most("idle, musl: file under 100 kB", of("idle", "file", withMusl), 100, "kB"),
    against("idle: memory at most catatonit's", ours),
    against("idle, glibc: memory at most catatonit's", withGlibc),
    most("storm: no orphan left", of("storm", "left"), 0, "orphans"),
    tini("storm: CPU at most 1.1 x tini", "storm", "cpu", "ms"),
    most("recovery of 100 services: at most 150 ms", of("recovery", "recovered"), 150, "ms"),
    most(
      "recovery, the keeper idle: no wake-up in 10 s",
      of("recovery", "switches"),
      0,
      "switches",
    ),
  ];
  return verdicts.filter(({ target }) => scenarios.has(target.split(/[ ,:]/, 1)[0] ?? ""));
}
