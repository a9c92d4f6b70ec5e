// @ts-check
// What is measured of inits: start, signal, idle (with memory) and storm. Recovery is a file of its own.
import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { join } from "node:path";
import { missingPackage } from "../peers/peer.mjs";
import { activity, descendants, proportionalSetKb } from "../kernel-view.mjs";
import { fileKb, withGlibc, withMusl } from "./inits.mjs";
import { drive, hold } from "./programs.mjs";
import { bareNode } from "./recovery.mjs";

/** @typedef {import("./inits.mjs").Init} Init */
/** @typedef {import("./programs.mjs").Programs} Programs */
/** @typedef {(scenario: string, metric: string, peer: string, value: number) => void} Add */

const orphanCount = 10_000;
/** Orphans that are as many as two seconds before are there to stay. */
const stableMs = 2000;
const lookEveryMs = 50;
/** supervisord collects some each second; what it has not collected by then counts as left. */
const longestMs = 10_000;
/** When it is asked first how many are left. */
const soonMs = 1000;

/**
 * Executed -> first instruction, as PID 1 and as a child.
 *
 * @param {Programs} programs
 * @param {Init[]} inits
 * @param {number} rounds
 * @param {Add} add
 */
export async function measureStart(programs, inits, rounds, add) {
  await eachMode(inits, async (mode, present, words) => {
    const commands = present.map((init) => [init.path, ...words(init), programs.first]);
    for (const { metric, index, us } of await drive(programs, "start", mode, rounds, commands))
      add(`start, ${mode}`, metric, present[index]?.name ?? "", us);
  });
}

/**
 * TERM sent to the init -> the handler under it runs.
 *
 * @param {Programs} programs
 * @param {Init[]} inits
 * @param {number} rounds
 * @param {Add} add
 */
export async function measureSignal(programs, inits, rounds, add) {
  await eachMode(inits, async (mode, present, words) => {
    const command = [programs.handler, programs.page];
    const commands = present.map((init) => [init.path, ...words(init), ...command]);
    for (const { index, us } of await drive(programs, "signal", mode, rounds, commands))
      add(`signal, ${mode}`, "handler", present[index]?.name ?? "", us);
  });
}

/**
 * @param {Init[]} inits
 * @param {(mode: "pid-1" | "child", present: Init[], words: (init: Init) => string[]) => Promise<void>} body
 */
async function eachMode(inits, body) {
  await body("pid-1", inits, (init) => init.pid1);
  const present = inits.filter((init) => init.child !== undefined);
  await body("child", present, (init) => init.child ?? []);
}

/**
 * Wake-ups, processor time and memory of inits whose child sleeps, all in the same period.
 *
 * @param {Programs} programs
 * @param {Init[]} inits
 * @param {number} periodMs
 * @param {Add} add
 */
export async function measureIdle(programs, inits, periodMs, add) {
  const commands = inits.map((init) => [init.path, ...init.pid1, programs.handler, programs.page]);
  await hold(programs, commands, async (pids) => {
    await delay(1000);
    const before = pids.map((pid) => activity([pid]));
    await delay(periodMs);
    for (const [at, pid] of pids.entries()) {
      const init = inits[at];
      const from = before[at];
      if (init === undefined || from === undefined) continue;
      const to = activity([pid]);
      add("idle", "switches", init.name, ((to.switches - from.switches) * 10_000) / periodMs);
      add("idle", "pss", init.name, proportionalSetKb([pid]) / 1024);
      add("idle", "file", init.name, fileKb(init));
    }
  });
}

/**
 * Ten thousand orphans: how many are left, and the processor time of the init.
 *
 * @param {Programs} programs
 * @param {Init[]} inits
 * @param {number} rounds
 * @param {Add} add
 * @param {(line: string) => void} say
 */
export async function measureStorm(programs, inits, rounds, add, say) {
  const storm = [programs.orphans, programs.page, String(orphanCount)];
  const contenders = inits
    .filter(({ name }) => name !== withGlibc && name !== withMusl)
    .map(({ name, path, pid1 }) => ({ name, command: [path, ...pid1, ...storm] }));
  contenders.push({ name: bareNode, command: bareNodeCommand(storm) });
  const reason = missingPackage("supervisor", "supervisord");
  if (reason === undefined)
    contenders.push({ name: "supervisord", command: supervisord(programs.directory, storm) });
  else say(`left out: ${reason}`);
  for (let round = 0; round < rounds; round++) {
    const first = round % contenders.length;
    for (const { name, command } of [...contenders.slice(first), ...contenders.slice(0, first)]) {
      say(`storm, round ${round + 1} of ${rounds}: ${name}`);
      const { soon, left, cpuMs } = await hold(programs, [command], ([pid = 0]) => afterStorm(pid));
      add("storm", "soon", name, soon);
      add("storm", "left", name, left);
      add("storm", "cpu", name, cpuMs);
    }
  }
}

/** @param {number} pid of the init */
async function afterStorm(pid) {
  // One is the program that made the orphans. Not a look at /proc each time: with ten thousand processes it would take the init's processor.
  await delay(soonMs);
  const soon = childrenOf(pid) - 1;
  let left = soon;
  const deadlineMs = performance.now() + longestMs;
  for (
    let sinceMs = 0;
    left > 0 && sinceMs < stableMs && performance.now() < deadlineMs;
    sinceMs += lookEveryMs
  ) {
    await delay(lookEveryMs);
    const now = childrenOf(pid) - 1;
    if (now !== left) sinceMs = 0;
    left = now;
  }
  return { soon, left, cpuMs: activity([pid]).cpuNs / 1e6 };
}

/** @param {number} pid */
function childrenOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
    return text === "" ? 0 : text.split(" ").length;
  } catch {
    // A kernel without that file.
    return descendants(pid).length;
  }
}

/** @param {string[]} storm */
const bareNodeCommand = (storm) => [
  process.execPath,
  "-e",
  'require("node:child_process").spawn(process.argv[1], process.argv.slice(2))',
  ...storm,
];

/**
 * @param {string} directory
 * @param {string[]} storm
 */
function supervisord(directory, storm) {
  const file = join(directory, "supervisord.conf");
  const head = `[supervisord]\nnodaemon=true\nlogfile=/dev/null\nlogfile_maxbytes=0\npidfile=${directory}/pid\n`;
  const user = process.getuid?.() === 0 ? "user=root\n" : "";
  const program = `[program:storm]\ncommand=${storm.join(" ")}\nstartsecs=0\nautorestart=false\n`;
  writeFileSync(file, `${head}${user}${program}`);
  return ["/usr/bin/env", "supervisord", "-c", file];
}
