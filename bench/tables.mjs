// @ts-check
// Figures as Markdown tables, to be read on a terminal and pasted into the docs.

/** For each scenario its metrics; the last one is what the ratio is taken of. */
const scenarios = {
  start: { first: "first service, ms", last: "last service, ms" },
  restart: { restart: "kill to next run, ms" },
  stop: { stop: "signal to all gone, ms" },
  memory: { pss: "PSS without services, MB" },
  idle: { calls: "system calls a minute", cpu: "CPU ms a minute", switches: "wake-ups a minute" },
};

/** The names of all scenarios. */
export const scenarioNames = Object.keys(scenarios);

/**
 * @param {import("./samples.mjs").Samples} samples
 * @param {string[]} peers in the order of rows
 * @param {number[]} counts
 */
export function figureTables(samples, peers, counts) {
  let text = "";
  for (const [scenario, metrics] of Object.entries(scenarios)) {
    for (const count of counts) {
      const table = figureTable(samples, scenario, metrics, peers, count, "supervise");
      if (table !== "")
        text += `\n**${scenario}, ${count} service${count === 1 ? "" : "s"}**\n\n${table}`;
    }
  }
  return text;
}

/**
 * @param {import("./samples.mjs").Samples} samples
 * @param {string} scenario
 * @param {Record<string, string>} metrics
 * @param {string[]} peers
 * @param {number} count
 * @param {string} ours whose median is divided by that of each row
 * @returns {string} empty if nothing was measured
 */
export function figureTable(samples, scenario, metrics, peers, count, ours) {
  /** @type {(metric: string, peer: string) => import("./statistics.mjs").Summary | undefined} */
  const summary = (metric, peer) => samples.summary({ scenario, count, metric, peer });
  const shown = Object.keys(metrics).filter((metric) =>
    peers.some((peer) => summary(metric, peer) !== undefined),
  );
  const key = shown.at(-1);
  if (key === undefined) return "";
  const own = summary(key, ours)?.median;
  const rows = peers
    .filter((peer) => summary(key, peer) !== undefined)
    .map((peer) => {
      const median = summary(key, peer)?.median;
      const ratio = own === undefined || !median ? "" : (own / median).toFixed(2);
      return [peer, ...shown.map((metric) => cell(summary(metric, peer))), ratio];
    });
  return markdown(
    ["", ...shown.map((metric) => metrics[metric] ?? metric), `${ours} / this`],
    rows,
  );
}

/** @param {import("./targets.mjs").Verdict[]} verdicts */
export function targetTable(verdicts) {
  const rows = verdicts.map(({ target, ours, against, leastRatio, limit, unit, verdict }) => [
    target,
    ours === undefined ? "" : `${digits(ours)} ${unit}`,
    against === undefined ? "" : `${digits(against)} ${unit}`,
    ours === undefined || against === undefined ? "" : (ours / against).toFixed(2),
    leastRatio?.toFixed(2) ?? "",
    String(limit),
    verdict,
  ]);
  return markdown(["target", "ours", "peer", "ratio", "of the least", "limit", ""], rows);
}

/** @param {import("./statistics.mjs").Summary | undefined} summary */
function cell(summary) {
  if (summary === undefined) return "";
  const { median, min, max, count } = summary;
  return count === 1 ? digits(median) : `${digits(median)} (${digits(min)}–${digits(max)})`;
}

/** @param {number} value */
function digits(value) {
  if (value === 0) return "0";
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/**
 * @param {string[]} head
 * @param {string[][]} rows
 */
function markdown(head, rows) {
  const widths = head.map((title, at) =>
    Math.max(3, title.length, ...rows.map((row) => row[at]?.length ?? 0)),
  );
  /** @type {(cells: string[], fill: string) => string} */
  const line = (cells, fill) =>
    `| ${widths.map((width, at) => (cells[at] ?? "").padEnd(width, fill)).join(" | ")} |\n`;
  return line(head, " ") + line([], "-") + rows.map((row) => line(row, " ")).join("");
}
