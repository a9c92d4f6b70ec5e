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
 * Our own direct children for which `isKnown` says no, zombies included. One open file and a page of text for each 600 children: this
 * is asked after every exit, so that the known ones cost no object.
 *
 * The first thread's list is enough: the kernel gives an orphan to the first thread of its subreaper that lives (find_alive_thread in
 * kernel/exit.c), and a child's parent thread that ends hands it on in the same way. Only children that a worker thread forked itself hang
 * elsewhere, and those are known to whoever forked them. The list can skip an entry only while entries are taken from it, which is when a child
 * is waited for: nobody may wait for children in another thread meanwhile.
 */
export function unknownChildren(proc: Proc, isKnown: (pid: number) => boolean): readonly number[] {
  const list = proc.bytes(`self/task/${proc.self}/children`);
  if (list === null) return childrenByScan(proc, proc.self).filter((pid) => !isKnown(pid));
  const unknown: number[] = [];
  parseNumbers(list, (pid) => {
    if (!isKnown(pid)) unknown.push(pid);
  });
  return unknown;
}

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
