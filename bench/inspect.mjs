// @ts-check
// A snapshot of many processes with their descriptors, beside lsof(8) and ps(1): time and system calls. docs/benchmarks.md says what is measured.
//
//   node bench/inspect.mjs [PROCESSES] [ROUNDS]
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { inspectProcesses, openInspectSource } from "../packages/process/dist/index.js";
import { createKernel } from "../packages/sys/dist/index.js";
import { describeMachine, load } from "./machine.mjs";
import { bothGroups, fullGroups, tableGroups } from "./snapshot-groups.mjs";
import { summarize } from "./statistics.mjs";

const count = Number(process.argv[2] ?? 1000);
const rounds = Number(process.argv[3] ?? 5);
const directory = mkdtempSync(join(tmpdir(), "supervise-bench-"));
process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
const snapshot = join(import.meta.dirname, "programs/snapshot.mjs");
const psColumns =
  "pid,ppid,pgid,sid,tty,stat,nlwp,uid,gid,nice,rss,vsz,time,lstart,wchan,pending,blocked,ignored,caught,cgroup,args";
const holders = join(directory, "holders");
execFileSync(process.env["CC"] ?? "cc", [
  ...["-std=gnu17", "-O2", "-Wall", "-Wextra", "-o", holders],
  join(import.meta.dirname, "programs/holders.c"),
]);
const child = spawn(holders, [String(count)], { stdio: ["pipe", "pipe", "inherit"] });
try {
  await main(await numbersOf(child.stdout));
} finally {
  child.stdin.end();
}

/** @param {import("node:stream").Readable} output */
async function numbersOf(output) {
  const pids = [];
  for await (const line of createInterface(output)) {
    if (line === "ready") return pids;
    pids.push(Number(line));
  }
  throw new Error("the processes that were to be looked at did not come about");
}

/** @param {number[]} pids */
async function main(pids) {
  const list = pids.join(",");
  const source = openInspectSource(createKernel());
  /** @type {Record<string, { command: string[], input?: string } | (() => unknown)>} */
  const ways = {
    "table, in our process": () => inspectProcesses(source, pids, { groups: tableGroups }),
    "ps, table": { command: ["ps", "-o", psColumns, "-p", list] },
    "everything with descriptors, in our process": () =>
      inspectProcesses(source, pids, { groups: fullGroups, ends: "among" }),
    "table and descriptors, in our process": () =>
      inspectProcesses(source, pids, { groups: bothGroups, ends: "among" }),
    "lsof, descriptors": { command: ["lsof", "-nPw", "-p", list] },
    "lsof +E, with other ends": { command: ["lsof", "-nPw", "+E", "-p", list] },
    "Node, to start alone": programOf("none", pids),
    "table, as a program": programOf("table", pids),
    "everything, as a program": programOf("full", pids),
  };
  /** @type {Map<string, number[]>} */
  const times = new Map();
  /** @type {Map<string, number[]>} */
  const cpus = new Map();
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, way] of Object.entries(ways)) {
      const began = performance.now();
      const before = cpuMs();
      if (typeof way === "function") way();
      else runWell(way.command, way.input);
      const took = performance.now() - began;
      times.set(name, [...(times.get(name) ?? []), took]);
      cpus.set(name, [...(cpus.get(name) ?? []), cpuMs() - before]);
    }
  }
  const { kernel, processors, node } = describeMachine();
  say(
    `${count} processes with 13 descriptors each, ${rounds} rounds; Linux ${kernel}, ${processors} processors, load ${load()}, Node ${node}`,
  );
  say("");
  say("| what | ms: median (least-most) | CPU ms | system calls | for each process |");
  say("| --- | --- | --- | --- | --- |");
  const none = calls(programOf("none", pids));
  for (const [name, way] of Object.entries(ways)) {
    const summary = summarize(times.get(name) ?? []);
    if (summary === undefined) throw new Error("internal error: nothing was measured");
    const { median, min, max } = summary;
    const own = typeof way === "function";
    const counted = own ? calls(programOf(kindOf(name), pids)) - none : calls(way);
    const cells = [
      name,
      `${median.toFixed(0)} (${min.toFixed(0)}-${max.toFixed(0)})`,
      medianOf(cpus, name).toFixed(0),
      counted,
      (counted / count).toFixed(1),
    ];
    say(`| ${cells.join(" | ")} |`);
  }
  say("");
  for (const lsof of ["lsof, descriptors", "lsof +E, with other ends"]) ratios(times, cpus, lsof);
  for (const [unit, values] of /** @type {const} */ ([
    ["time", times],
    ["CPU time", cpus],
  ])) {
    const ratio = medianOf(values, "table, in our process") / medianOf(values, "ps, table");
    say(`${unit}: table, in our process / ps: ${ratio.toFixed(2)}`);
  }
}

/** @param {Map<string, number[]>} times @param {Map<string, number[]>} cpus @param {string} lsof */
function ratios(times, cpus, lsof) {
  for (const [unit, values] of /** @type {const} */ ([
    ["time", times],
    ["CPU time", cpus],
  ])) {
    const both = medianOf(values, "ps, table") + medianOf(values, lsof);
    for (const what of ["table and descriptors", "everything with descriptors"]) {
      const ratio = medianOf(values, `${what}, in our process`) / both;
      say(`${unit}: ${what}, in our process / (ps + ${lsof}): ${ratio.toFixed(2)}`);
    }
  }
}

/** What the program is asked for that does the same. @param {string} name */
function kindOf(name) {
  if (name.startsWith("everything")) return "full";
  return name.startsWith("table and") ? "both" : "table";
}

/** @param {Map<string, number[]>} values @param {string} name */
function medianOf(values, name) {
  return summarize(values.get(name) ?? [])?.median ?? Number.NaN;
}

/** Of this process and of children that have ended, in ticks of 10 ms. */
function cpuMs() {
  const stat = readFileSync("/proc/self/stat", "latin1");
  const fields = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .map(Number);
  return [14, 15, 16, 17].reduce((sum, field) => sum + (fields[field - 3] ?? 0) * 10, 0);
}

/** @param {string} kind @param {number[]} pids */
function programOf(kind, pids) {
  return { command: [process.execPath, snapshot, kind], input: `${pids.join("\n")}\n` };
}

/** @param {string[]} command @param {string | undefined} input */
function runWell([file = "", ...words], input) {
  const { status, error } = spawnSync(file, words, {
    input: input ?? "",
    stdio: ["pipe", "ignore", "ignore"],
  });
  if (error !== undefined) throw error;
  // lsof says 1 where something was not found.
  if (status !== 0 && !(file === "lsof" && status === 1))
    throw new Error(`${file} ended with ${status}`);
}

/** All system calls, those of threads and children too. @param {{ command: string[], input?: string }} way */
function calls({ command, input }) {
  const counts = join(directory, "strace");
  runWell(["strace", "-f", "-c", "-o", counts, ...command], input);
  const total = /^ *100\.00 +\S+ +\S+ +(\d+)(?: +\d+)? total$/m.exec(
    readFileSync(counts, "utf8"),
  )?.[1];
  if (total === undefined) throw new Error("strace has counted nothing");
  return Number(total);
}

/** @param {string} line */
function say(line) {
  process.stdout.write(`${line}\n`);
}
