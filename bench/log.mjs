// @ts-check
// How fast lines of 100 bytes come from services into log files, beside other loggers, and that none is lost, doubled or torn on the way: whole programs, run in turn, rounds
// interleaved. docs/benchmarks.md says what is measured and holds the figures.
//
//   node bench/log.mjs [SCENARIO...] [--megabytes 500] [--rounds 3] [--only NAME,NAME]
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { compileLogPrograms } from "./compile.mjs";
import { describeMachine, load } from "./machine.mjs";
import { run } from "./log/run.mjs";
import { scenarios } from "./log/scenarios.mjs";
import { targets } from "./log/targets.mjs";
import { summarize } from "./statistics.mjs";

/** @typedef {import("./log/run.mjs").Result} Result */

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    megabytes: { type: "string" },
    rounds: { type: "string" },
    only: { type: "string" },
  },
});
const megabytes = Number(values.megabytes ?? 500);
const rounds = Number(values.rounds ?? 3);
const only = values.only?.split(",");
const directory = mkdtempSync(join(tmpdir(), "supervise-bench-"));
process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"]))
  process.once(signal, () => process.exit(1));
const programs = compileLogPrograms(directory);
const { kernel, node, processors } = describeMachine();
console.log(
  `${megabytes} MB in lines of 100 bytes, ${rounds} rounds; ${processors} processors, load ${load()}, Linux ${kernel}, Node ${node}`,
);

/** @type {Map<string, Result[]>} */
const found = new Map();
for (const scenario of scenarios) {
  if (positionals.length > 0 && !positionals.includes(scenario.name)) continue;
  const loggers = scenario.loggers.filter((logger) => {
    if (only !== undefined && !only.includes(logger.name)) return false;
    const missing = logger.missing();
    if (missing !== undefined) console.log(`${scenario.name}: without ${logger.name}: ${missing}`);
    return missing === undefined;
  });
  for (let round = 0; round < rounds; round += 1)
    for (const logger of loggers) {
      execFileSync("sync");
      const key = `${scenario.name}: ${logger.name}`;
      const work = { ...scenario, megabytes };
      const result = await run(programs, join(directory, "life"), logger, work);
      found.set(key, [...(found.get(key) ?? []), result]);
    }
  console.log(`\n${scenario.name}: ${scenario.title}`);
  for (const { name } of loggers) tell(name, found.get(`${scenario.name}: ${name}`) ?? []);
}
console.log("\ntargets");
const missed = targets(found).filter(({ text, holds }) => {
  console.log(`${holds ? "pass" : "MISS"}  ${text}`);
  return !holds;
});
process.exitCode = missed.length > 0 ? 1 : 0;

/** @param {string} name @param {readonly Result[]} results */
function tell(name, results) {
  const rate = summarize(results.map(({ mbPerSecond }) => mbPerSecond));
  const cpu = summarize(results.map(({ cpuSeconds }) => cpuSeconds));
  const memory = summarize(results.map(({ moreMb }) => moreMb));
  const faults = results.flatMap((result) => (result.faults === "" ? [] : [result.faults]));
  if (rate === undefined || cpu === undefined || memory === undefined) return;
  const range = `(${rate.min.toFixed(0)} to ${rate.max.toFixed(0)})`;
  console.log(
    `${name.padEnd(22)} ${rate.median.toFixed(0).padStart(5)} MB/s ${range.padEnd(14)} ${cpu.median.toFixed(2).padStart(6)} s CPU ${memory.max.toFixed(1).padStart(6)} MB over idle  ${faults.length === 0 ? "every line once" : faults.join("; ")}`,
  );
}
