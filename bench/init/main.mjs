// @ts-check
// The init side by side with tini, dumb-init and catatonit: docs/benchmarks.md says what is measured and how.
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compilePrograms } from "../compile.mjs";
import { Life } from "../life.mjs";
import { describeMachine, load } from "../machine.mjs";
import { Samples } from "../samples.mjs";
import { figureTable, targetTable } from "../tables.mjs";
import { gatherInits, ours } from "./inits.mjs";
import { readInitOptions } from "./options.mjs";
import { compileInitPrograms } from "./programs.mjs";
import { bareNode, measureRecovery } from "./recovery.mjs";
import { measureIdle, measureSignal, measureStart, measureStorm } from "./scenarios.mjs";
import { judgeInit } from "./targets.mjs";

/** Tables, in their order; the last metric is what the ratio is taken of. */
const tables = {
  "start, pid-1": {
    whole: "executed to init collected, us",
    first: "executed to first instruction, us",
  },
  "start, child": {
    whole: "executed to init collected, us",
    first: "executed to first instruction, us",
  },
  "signal, pid-1": { handler: "TERM to handler, us" },
  "signal, child": { handler: "TERM to handler, us" },
  idle: { file: "file, kB", switches: "wake-ups in 10 s", pss: "PSS, MB" },
  storm: { soon: "left of 10,000 after 1 s", left: "left in the end", cpu: "CPU, ms" },
  recovery: {
    switches: "keeper's wake-ups in 10 s",
    pss: "keeper's PSS, MB",
    unhindered: "less its waits for a processor, ms",
    recovered: "killed to answered, ms",
  },
};

const idleMs = 10_000;

/**
 * @param {string[]} words after `init` on the command line
 * @param {(line: string) => void} say
 */
export async function benchInit(words, say) {
  const options = readInitOptions(words);
  const directory = mkdtempSync(join(tmpdir(), "supervise-bench-"));
  process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]))
    process.once(signal, () => process.exit(1)); // the driver kills what runs once its parent ends
  const inits = gatherInits(directory, say);
  const programs = compileInitPrograms(directory);
  const samples = new Samples();
  /** @type {import("./scenarios.mjs").Add} */
  const add = (scenario, metric, peer, value) =>
    samples.add({ scenario, count: 1, metric, peer }, value);
  const begin = { at: new Date().toISOString(), load: load() };

  /** @type {Record<string, () => Promise<void>>} */
  const scenarios = {
    start: () => measureStart(programs, inits, options.rounds, add),
    signal: () => measureSignal(programs, inits, options.rounds, add),
    idle: () => measureIdle(programs, inits, idleMs, add),
    storm: () => measureStorm(programs, inits, options.storms, add, say),
    recovery: async () => {
      const { driver, stamp } = compilePrograms(mkdtempSync(join(directory, "services-")));
      const node = join(directory, "node");
      copyFileSync(process.execPath, node);
      const ground = {
        directory,
        init: inits[0]?.path ?? "",
        node,
        stamp,
        live: (/** @type {import("../life.mjs").Plan} */ plan, /** @type {number} */ count) =>
          new Life(driver, plan, count),
      };
      await measureRecovery(ground, options.lives, idleMs, (metric, peer, value) =>
        add("recovery", metric, peer, value),
      );
    },
  };
  for (const name of options.scenarios) {
    say(`init: ${name}`);
    try {
      await scenarios[name]?.();
    } catch (error) {
      // What the other scenarios have found is told all the same.
      say(`cannot measure ${name}: ${error instanceof Error ? error.message : String(error)}`);
      process.exitCode = 1;
    }
  }

  const peers = [...inits.map(({ name }) => name), bareNode, "supervisord"];
  for (const [scenario, metrics] of Object.entries(tables)) {
    const table = figureTable(samples, scenario, metrics, peers, 1, ours);
    if (table !== "") process.stdout.write(`\n**init, ${scenario}**\n\n${table}`);
  }
  const verdicts = judgeInit(samples, options.scenarios);
  process.stdout.write(`\n**targets of the init**\n\n${targetTable(verdicts)}`);
  const results = join(import.meta.dirname, "../results");
  mkdirSync(results, { recursive: true });
  const file = join(results, `init-${begin.at.replaceAll(":", "-")}.json`);
  const machine = { ...describeMachine(), loadBefore: begin.load, loadAfter: load() };
  const content = { begin: begin.at, machine, figures: samples.figures(), verdicts };
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`);
  say(`written: ${file}`);
}
