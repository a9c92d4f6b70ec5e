// @ts-check
// How fast lines of 100 bytes come from a pipe into log files, beside programs that split and stamp too, and beside cat(1), which does neither.
// Rounds are interleaved. Then the memory of known, silent and speaking services. docs/logs.md says what is measured.
//
//   node --expose-gc bench/log.mjs [MEGABYTES] [ROUNDS]
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDescriptorWatch, createLogHub } from "../packages/log/dist/index.js";
import { createKernel } from "../packages/sys/dist/index.js";
import { summarize } from "./statistics.mjs";

/** @typedef {Parameters<ReturnType<typeof createLogHub>["configure"]>[0]["logging"]} LoggingSpec */

const megabytes = Number(process.argv[2] ?? 256);
const rounds = Number(process.argv[3] ?? 5);
const services = 1000;
const line = Buffer.from(`${"x".repeat(99)}\n`);
const source = `yes ${line.toString().trim()} | head -c ${megabytes}000000`;
const rotateBytes = 10_000_000;

const directory = mkdtempSync(join(tmpdir(), "supervise-bench-"));
process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
const kernel = createKernel();
const watch = createDescriptorWatch(kernel);

/** @param {LoggingSpec} logging @param {boolean} follow */
async function viaHub(logging, follow) {
  const hub = makeHub();
  hub.configure({ name: "web-1", logging });
  if (follow) hub.follow(null);
  const pipe = makePipe();
  hub.openRun("web-1", 1, { stdout: pipe.read, stderr: null });
  const child = spawn("sh", ["-c", source], { stdio: ["ignore", pipe.write, "inherit"] });
  kernel.close(pipe.write);
  await once(child, "exit");
  hub.closeRun("web-1", 1);
  if (hub.tail(["web-1"], 1)[0]?.seq !== megabytes * 10_000) throw new Error("lines are missing");
  hub.close();
}

/** @param {string} command */
function viaShell(command) {
  const { status } = spawnSync("sh", ["-c", `mkdir -p ${directory}/d; ${source} | ${command}`], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status !== 0) throw new Error(`"${command}" ended with status ${status}`);
}

function makeHub() {
  return createLogHub({
    kernel,
    watch,
    clock: () => Date.now() * 1000,
    terminal: null,
    onProblem: ({ message }) => {
      throw new Error(message);
    },
  });
}

function makePipe() {
  const pipe = kernel.pipe();
  if (typeof pipe === "number")
    throw new Error(`cannot make a pipe: ${pipe}; raise the limit of open files (ulimit -n)`);
  return pipe;
}

/** @param {number | null} maxSizeBytes @returns {LoggingSpec} */
function toFile(maxSizeBytes) {
  return {
    driver: "file",
    path: join(directory, "d/web.log"),
    maxSizeBytes,
    maxAgeMs: null,
    maxFiles: 3,
    maxTotalBytes: null,
    compression: null,
    format: "plain",
    timestamps: "utc",
  };
}

/** @param {string} program */
function isInstalled(program) {
  return spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
}

/** @type {[name: string, needs: string, run: () => Promise<void> | void][]} */
const setups = [
  ["cat, no stamps", "cat", () => viaShell(`cat > ${directory}/d/cat.log`)],
  ["multilog, rotated", "multilog", () => viaShell(`multilog t s${rotateBytes} n3 ${directory}/d`)],
  ["svlogd -tt", "svlogd", () => viaShell(`svlogd -tt ${directory}/d`)],
  ["s6-log, rotated", "s6-log", () => viaShell(`s6-log T s${rotateBytes} n3 ${directory}/d`)],
  ["supervise, memory", "sh", () => viaHub({ driver: "none" }, false)],
  ["supervise, file", "sh", () => viaHub(toFile(null), false)],
  ["supervise, rotated", "sh", () => viaHub(toFile(rotateBytes), false)],
  ["supervise, followed", "sh", () => viaHub(toFile(rotateBytes), true)],
];

/** What each service more costs; in a young process, as a collected one may shrink for other reasons. */
function measureMemory() {
  const { gc } = globalThis;
  if (gc === undefined) return console.log("memory: not measured without --expose-gc");
  const used = () => {
    for (let time = 0; time < 4; time += 1) gc();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const hub = makeHub();
  const pipes = Array.from({ length: services }, () => ({ out: makePipe(), err: makePipe() }));
  /** @param {string} name @param {typeof pipes[number]} pipe @param {number} lines */
  const speak = (name, pipe, lines) => {
    for (let said = 0; said < lines; said += 1) {
      kernel.write(pipe.out.write, line, 0, line.length);
      hub.drain(name);
    }
  };
  /** @type {[what: string, step: (name: string, pipe: typeof pipes[number]) => void][]} */
  const steps = [
    ["known", (name) => hub.configure({ name, logging: { driver: "none" } })],
    [
      "silent, two pipes",
      (name, { out, err }) => hub.openRun(name, 1, { stdout: out.read, stderr: err.read }),
    ],
    ["after 1 line", (name, pipe) => speak(name, pipe, 1)],
    ["after 20 lines", (name, pipe) => speak(name, pipe, 19)],
    ["after 2000 lines", (name, pipe) => speak(name, pipe, 1980)],
  ];
  const before = used();
  for (const [what, step] of steps) {
    pipes.forEach((pipe, index) => step(`service-${index}`, pipe));
    console.log(
      `memory, ${what.padEnd(19)} ${((used() - before) / services).toFixed(0).padStart(7)} bytes a service`,
    );
  }
  hub.close();
  for (const { out, err } of pipes) for (const fd of [out.write, err.write]) kernel.close(fd);
}

measureMemory();
/** @type {Map<string, number[]>} */
const rates = new Map();
for (let round = 0; round < rounds; round += 1) {
  for (const [name, needs, run] of setups) {
    if (!isInstalled(needs)) continue;
    const start = performance.now();
    await run();
    rates.set(name, [...(rates.get(name) ?? []), (megabytes * 1000) / (performance.now() - start)]);
    rmSync(join(directory, "d"), { recursive: true, force: true });
  }
}
const ours = summarize(rates.get("supervise, rotated") ?? [])?.median ?? Number.NaN;
for (const [name, found] of rates) {
  const { median = 0, min = 0, max = 0 } = summarize(found) ?? {};
  console.log(
    `${name.padEnd(19)} ${median.toFixed(0).padStart(5)} MB/s (${min.toFixed(0)} to ${max.toFixed(0)}); supervise, rotated = ${(ours / median).toFixed(2)} x`,
  );
}
watch.close();
