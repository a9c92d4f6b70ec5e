// @ts-check
// One run of one logger: its services write, and what it costs is counted until all lines are in its files.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  createReadStream,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { descendants } from "../kernel-view.mjs";
import { filesOf } from "./loggers.mjs";

/** @typedef {import("./loggers.mjs").Logger} Logger */
/** @typedef {{ megabytes: number, services: number, stamps: boolean, rotateBytes: number | null }} Work */
/** @typedef {{ mbPerSecond: number, cpuSeconds: number, moreMb: number, faults: string }} Result `moreMb`: memory at its peak, over that before the first line */

const lineBytes = 100;
const lookMs = 5;
/** Longer than any logger holds lines back. */
const quietMs = 300;
/** So long a service may take to begin. */
const patienceMs = 20_000;
const ticksPerSecond = 100;
const settleMs = 300;
/** A row is at most so much larger than its line. */
const rowFactor = 1.6;
const notTheLogger = new Set(["log-writer", "sh"]);

/**
 * @param {{ writer: string, check: string }} programs
 * @param {string} directory made and removed again
 * @param {Logger} logger
 * @param {Work} work
 * @returns {Promise<Result>}
 */
export async function run(programs, directory, logger, work) {
  mkdirSync(join(directory, "logs"), { recursive: true });
  const [gate, done] = [join(directory, "gate"), join(directory, "done")];
  execFileSync("mkfifo", [gate, done]);
  const each = Math.round((work.megabytes * 1e6) / lineBytes / work.services);
  const ids = Array.from({ length: work.services }, (_, index) => index + 1);
  const { commands, environment, stdout } = logger.prepare({
    directory,
    ids,
    writer: (id) => [programs.writer, String(id), String(each), gate, done],
    ...work,
  });
  const said = openSync(join(directory, "said"), "a");
  const out = stdout === undefined ? said : openSync(stdout, "a");
  const children = commands.map(([file = "", ...args]) =>
    spawn(file, args, {
      cwd: directory,
      env: { PATH: process.env["PATH"], HOME: directory, LANG: "C", ...environment },
      stdio: ["ignore", out, said],
      detached: true,
    }),
  );
  const words = createReadStream(done);
  try {
    await told(words, ids.length);
    const all = children.flatMap(({ pid = 0 }) => [pid, ...descendants(pid)]);
    const pids = all.filter((pid) => !notTheLogger.has(textOf(pid, "comm").trim()));
    await sleep(settleMs);
    warmMemory(join(directory, "warm"), work.megabytes);
    for (const pid of pids) writeFileSync(`/proc/${pid}/clear_refs`, "5");
    const before = look(pids);
    const started = performance.now();
    const opened = await open(gate, "w");
    await once(words, "end");
    const tookMs = (await arrived(directory, logger)) - started;
    const after = look(pids);
    await opened.close();
    return {
      mbPerSecond: (each * ids.length * lineBytes) / 1000 / tookMs,
      cpuSeconds: after.cpuSeconds - before.cpuSeconds,
      moreMb: (after.peakKb - before.nowKb) / 1000,
      faults: faultsIn(programs.check, filesOf(join(directory, "logs"), logger), ids.length, each),
    };
  } finally {
    words.destroy();
    await end(children);
    for (const fd of new Set([said, out])) closeSync(fd);
    rmSync(directory, { recursive: true, force: true });
  }
}

/**
 * A virtual machine gives memory that has been free for seconds back to its host, and to get it anew is slower than any logger. So the pages that will hold the logs
 * are taken once before.
 *
 * @param {string} path
 * @param {number} megabytes
 */
function warmMemory(path, megabytes) {
  const fd = openSync(path, "w");
  const bytes = Buffer.alloc(1_000_000);
  for (let left = megabytes * rowFactor; left > 0; left -= 1) writeSync(fd, bytes);
  closeSync(fd);
  rmSync(path);
}

/** Every writer says one byte when it is there.
 *
 * @param {import("node:fs").ReadStream} words @param {number} count */
async function told(words, count) {
  let heard = 0;
  const { promise, resolve, reject } = withResolvers();
  words.on("data", (bytes) => {
    heard += bytes.length;
    if (heard >= count) resolve();
  });
  const patience = setTimeout(
    () => reject(new Error(`only ${heard} services are there`)),
    patienceMs,
  );
  await promise.finally(() => clearTimeout(patience));
}

function withResolvers() {
  /** @type {() => void} */
  let resolve = () => undefined;
  /** @type {(error: Error) => void} */
  let reject = () => undefined;
  const promise = new Promise((yes, no) => {
    resolve = () => yes(undefined);
    reject = no;
  });
  return { promise, resolve, reject };
}

/**
 * When the files grew last: nothing may come for a while before that is believed.
 *
 * @param {string} directory
 * @param {Logger} logger
 */
async function arrived(directory, logger) {
  let before = -1;
  let grewAt = performance.now();
  for (;;) {
    const size = filesOf(join(directory, "logs"), logger).reduce(
      (sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0),
      0,
    );
    const now = performance.now();
    if (size !== before) grewAt = now;
    else if (now - grewAt > quietMs) return grewAt;
    before = size;
    await sleep(lookMs);
  }
}

/** @param {number[]} pids */
function look(pids) {
  const sum = { cpuSeconds: 0, nowKb: 0, peakKb: 0 };
  for (const pid of pids) {
    const fields = textOf(pid, "stat")
      .replace(/^.*\) /, "")
      .split(" ");
    sum.cpuSeconds += (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
    const status = textOf(pid, "status");
    sum.nowKb += Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0);
    sum.peakKb += Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0);
  }
  return sum;
}

/** @param {number} pid @param {string} name */
function textOf(pid, name) {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch {
    return "";
  }
}

/** @param {string} check @param {string[]} files @param {number} services @param {number} each */
function faultsIn(check, files, services, each) {
  const words = execFileSync(check, ["1", String(services), ...files], { encoding: "utf8" });
  /** @type {Record<"lines" | "missing" | "double" | "torn", number>} */
  const found = JSON.parse(words);
  const lost = each * services - found.lines + found.double;
  return [
    ...(lost > 0 ? [`${lost} lost`] : []),
    ...(found.double > 0 ? [`${found.double} double`] : []),
    ...(found.torn > 0 ? [`${found.torn} torn`] : []),
  ].join(", ");
}

/** @param {import("node:child_process").ChildProcess[]} children */
async function end(children) {
  for (const child of children) {
    const { pid = 0 } = child;
    const all = [pid, ...descendants(pid)];
    for (const one of all.filter((each) => textOf(each, "comm").trim() === "log-writer"))
      kill(one, "SIGKILL");
    kill(pid, "SIGTERM");
    const deadline = AbortSignal.timeout(15_000);
    if (child.exitCode === null && child.signalCode === null)
      await once(child, "exit", { signal: deadline }).catch(() => undefined);
    for (const one of all) kill(one, "SIGKILL");
  }
}

/** @param {number} pid @param {NodeJS.Signals} signal */
function kill(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended already.
  }
}
