// @ts-check
import { parseArgs } from "node:util";
import { initUsage } from "./init/options.mjs";
import { allPeers } from "./peers/all.mjs";
import { scenarioNames } from "./tables.mjs";
import { readCount, UsageError } from "./usage-error.mjs";

export const usage = `usage: npm run bench -- [SCENARIO...] [OPTION...]
       npm run bench -- init [SCENARIO...] [OPTION...]

scenarios: ${scenarioNames.join(", ")}; without any, all of them

  --peers A,B       only these: supervise,runit,"C loop" ...
  --sizes N,N       numbers of services; 1,100,1000 unless told otherwise
  --rounds N        counted rounds for every size; without it 10, 7 and 5
  --kills N         services killed in each life; without it enough for 30 in all
  --short           3 rounds, and 10 s of idleness instead of a minute
  --strace          counts the system calls of idle supervisors too
  --install-pm2     installs pm2 from npm into node_modules/.cache/bench

${initUsage}`;

/**
 * @typedef {object} Options
 * @property {Set<string>} scenarios
 * @property {string[] | undefined} peers
 * @property {number[]} sizes
 * @property {(size: number) => number} rounds
 * @property {(rounds: number) => number} kills
 * @property {number} idleMs
 * @property {boolean} strace
 * @property {boolean} installPm2
 */

/**
 * @param {string[]} words
 * @returns {Options}
 * @throws {UsageError} naming what was found and what is allowed
 */
export function readOptions(words) {
  const { values, positionals } = parse(words);
  for (const name of positionals) {
    if (!scenarioNames.includes(name)) {
      throw new UsageError(
        `cannot run scenario "${name}": it must be one of ${scenarioNames.join(", ")}`,
      );
    }
  }
  const peers = values.peers?.split(",");
  for (const name of peers ?? []) {
    if (!allPeers.some((peer) => peer.name === name)) {
      const names = allPeers.map((peer) => `"${peer.name}"`).join(", ");
      throw new UsageError(`cannot measure "${name}": it must be one of ${names}`);
    }
  }
  const rounds =
    values.rounds === undefined ? undefined : readCount("--rounds", values.rounds, 1000);
  const kills = values.kills === undefined ? undefined : readCount("--kills", values.kills, 1000);
  return {
    scenarios: new Set(positionals.length === 0 ? scenarioNames : positionals),
    peers,
    // runsvdir and svscan take no more than a thousand.
    sizes: (values.sizes ?? "1,100,1000")
      .split(",")
      .map((word) => readCount("--sizes", word, 1000)),
    rounds: (size) => rounds ?? (values.short ? 3 : size >= 1000 ? 5 : size >= 100 ? 7 : 10),
    kills: (counted) => kills ?? Math.ceil(30 / counted),
    idleMs: values.short ? 10_000 : 60_000,
    strace: values.strace,
    installPm2: values["install-pm2"],
  };
}

/** @param {string[]} words */
function parse(words) {
  try {
    return parseArgs({
      args: words,
      allowPositionals: true,
      options: {
        peers: { type: "string" },
        sizes: { type: "string" },
        rounds: { type: "string" },
        kills: { type: "string" },
        short: { type: "boolean", default: false },
        strace: { type: "boolean", default: false },
        "install-pm2": { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
