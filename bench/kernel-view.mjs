// @ts-check
// What the kernel says of a tree of processes, read from /proc.
import { readFileSync, readdirSync } from "node:fs";

/**
 * All descendants of `root`, itself not among them.
 *
 * @param {number} root
 * @returns {number[]}
 */
export function descendants(root) {
  /** @type {Map<number, number[]>} */
  const children = new Map();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = readOrNothing(`/proc/${name}/stat`);
    // The command, in brackets, may itself hold brackets and spaces.
    const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [Number(name)]);
    else siblings.push(Number(name));
  }
  const found = [...(children.get(root) ?? [])];
  for (const pid of found) found.push(...(children.get(pid) ?? []));
  return found;
}

/**
 * The memory that `pids` hold, in kB: their proportional set size, in which a page
 * shared by n processes counts for one n-th in each.
 *
 * @param {number[]} pids
 */
export function proportionalSetKb(pids) {
  let total = 0;
  for (const pid of pids) {
    total += Number(/^Pss:\s+(\d+) kB/m.exec(readOrNothing(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);
  }
  return total;
}

/**
 * How often the threads of `pids` have left a processor, and their time on one.
 *
 * @param {number[]} pids
 * @returns {{ switches: number, cpuNs: number }}
 */
export function activity(pids) {
  let switches = 0;
  let cpuNs = 0;
  for (const pid of pids) {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const status = readOrNothing(`/proc/${pid}/task/${thread}/status`);
      for (const [, count] of status.matchAll(/ctxt_switches:\s+(\d+)/g)) switches += Number(count);
      cpuNs += Number(readOrNothing(`/proc/${pid}/task/${thread}/schedstat`).split(" ")[0]);
    }
  }
  return { switches, cpuNs };
}

/**
 * A process may end between the listing and the look; it then counts for nothing.
 *
 * @param {string} path
 */
function readOrNothing(path) {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = /** @type {NodeJS.ErrnoException} */ (error).code;
    if (code === "ENOENT" || code === "ESRCH") return "";
    throw error;
  }
}

/**
 * The only child of a process, which it starts before it does anything else.
 *
 * @param {number} pid
 */
export function childOf(pid) {
  for (const end = performance.now() + 5_000; performance.now() < end;) {
    const found = readOrNothing(`/proc/${pid}/task/${pid}/children`).trim();
    if (found !== "") return Number(found.split(" ")[0]);
  }
  throw new Error(`process ${pid} has started nothing`);
}

/**
 * User and system time of a process so far, by clock ticks of 10 ms; null: it has ended.
 *
 * @param {number} pid
 */
export function cpuMs(pid) {
  const stat = readOrNothing(`/proc/${pid}/stat`);
  if (stat === "") return null;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
