// @ts-check
import { summarize } from "../statistics.mjs";

/** @typedef {import("./run.mjs").Result} Result */

/** Of ours to that of the peer: bytes in a second at least so many, seconds of processor time at most the inverse. */
const ratios = /** @type {const} */ ([
  ["stamps: supervise", "stamps: s6-log", 2],
  ["stamps: supervise", "stamps: concurrently", 1],
  ["plain: supervise raw", "plain: supervisord", 0.7],
  ["plain: supervise raw", "plain: s6-log", 1],
  ["rotation: supervise raw", "rotation: supervisord", 1],
  ["hundred: supervise", "hundred: s6-log", 1],
  ["direct: supervise direct", "direct: shell", 0.95],
]);
const mostMb = 30;

/**
 * What was asked of us and what came of it.
 *
 * @param {ReadonlyMap<string, readonly Result[]>} found
 */
export function targets(found) {
  /** @param {string} key @param {"mbPerSecond" | "cpuSeconds"} what */
  const median = (key, what) =>
    summarize((found.get(key) ?? []).map((result) => result[what]))?.median ?? Number.NaN;
  const rows = ratios.flatMap(([ours, theirs, least]) => {
    if (!found.has(ours) || !found.has(theirs)) return [];
    const rate = median(ours, "mbPerSecond") / median(theirs, "mbPerSecond");
    const cpu = median(theirs, "cpuSeconds") / median(ours, "cpuSeconds");
    const isDirect = ours.startsWith("direct");
    return [
      {
        text: `${ours} / ${theirs}: ${rate.toFixed(2)} x the bytes a second (at least ${least})`,
        holds: rate >= least,
      },
      // Nobody stands between: there is no processor time to compare.
      ...(isDirect
        ? []
        : [
            {
              text: `${theirs} / ${ours}: ${cpu.toFixed(2)} x the processor time (at least ${least})`,
              holds: cpu >= least,
            },
          ]),
    ];
  });
  const own = [...found]
    .filter(([key]) => /: supervise( |$)/.test(key))
    .flatMap(([, results]) => results);
  const memory = Math.max(0, ...own.map(({ moreMb }) => moreMb));
  return [
    ...rows,
    {
      text: `memory: ${memory.toFixed(1)} MB over idle (at most ${mostMb})`,
      holds: memory <= mostMb,
    },
    {
      text: "every line of ours is there once, in order and whole",
      holds: own.every(({ faults }) => faults === ""),
    },
  ];
}
