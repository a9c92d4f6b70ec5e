import type { Proc } from "./proc.js";
import { readStat } from "./stat.js";

/** All processes that this /proc shows, in no particular order. */
export function listPids(proc: Proc): readonly number[] {
  const pids: number[] = [];
  for (const name of proc.names(".") ?? []) {
    const first = name.charCodeAt(0);
    if (first >= 0x31 && first <= 0x39) pids.push(Number(name));
  }
  return pids;
}

/** Direct children of a process, zombies included, of all its threads: a child hangs on the thread that forked it. Empty where it is gone. */
export function childrenOf(proc: Proc, pid: number): readonly number[] {
  const children: number[] = [];
  let told = false;
  for (const thread of proc.names(`${pid}/task`) ?? []) {
    const list = proc.bytes(`${pid}/task/${thread}/children`);
    if (list === null) continue;
    told = true;
    parseNumbers(list, (child) => children.push(child));
  }
  return told || readStat(proc, pid) === null ? children : childrenByScan(proc, pid);
}

/**
 * Direct children of `parent` (we ourselves, or the keeper) for which `isKnown` says no, zombies included. One open file and a page of text for each 600 children: this
 * is asked after every exit, so that the known ones cost no object.
 *
 * The first thread's list is enough: the kernel gives an orphan to the first thread of its subreaper that lives (find_alive_thread in
 * kernel/exit.c), and a child's parent thread that ends hands it on in the same way. Only children that a worker thread forked itself hang
 * elsewhere, and those are known to whoever forked them. The list can skip an entry only while entries are taken from it, which is when a child
 * is waited for: nobody may wait for children in another thread meanwhile. A keeper does; its list is read until it stands still: had the last reading
 * skipped one because another was taken, that other one would be missing in it.
 */
export function unknownChildren(
  proc: Proc,
  isKnown: (pid: number) => boolean,
  parent: number = proc.self,
): readonly number[] {
  const path = `${parent}/task/${parent}/children`;
  const first = proc.bytes(path);
  if (first === null) return childrenByScan(proc, parent).filter((pid) => !isKnown(pid));
  let list = first;
  for (let reading = 1; parent !== proc.self && reading < MOST_READINGS; reading += 1) {
    const before: Buffer = Buffer.from(list);
    list = proc.bytes(path) ?? before;
    if (before.equals(list)) break;
  }
  const unknown: number[] = [];
  parseNumbers(list, (pid) => {
    if (!isKnown(pid)) unknown.push(pid);
  });
  return unknown;
}

/** So often is the list of a busy keeper read; what it still skips is found the next time. */
const MOST_READINGS = 8;

/** All our own direct children. */
export function ownChildren(proc: Proc): readonly number[] {
  return unknownChildren(proc, () => false);
}

/** For kernels without /proc/PID/task/TID/children (CONFIG_PROC_CHILDREN). */
function childrenByScan(proc: Proc, parent: number): readonly number[] {
  return listPids(proc).filter((pid) => readStat(proc, pid)?.ppid === parent);
}

/** Decimal numbers separated by anything, without a string for each. */
export function parseNumbers(bytes: Uint8Array, found: (value: number) => void): void {
  let value = 0;
  let inside = false;
  for (let index = 0; index < bytes.length; index += 1) {
    const digit = (bytes[index] ?? 0) - 0x30;
    if (digit >= 0 && digit <= 9) {
      value = value * 10 + digit;
      inside = true;
    } else if (inside) {
      found(value);
      value = 0;
      inside = false;
    }
  }
  if (inside) found(value);
}
