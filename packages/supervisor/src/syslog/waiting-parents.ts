import { childrenOf, type Proc } from "@supervise/process";
import type { LiveRun } from "../live-run.js";

/**
 * Which runs have waited for a child since the last look. The kernel adds the page faults of a child to its parent's account when the parent waits for it
 * (cminflt of proc_pid_stat(5)), and no program runs without any: so a sender that is gone from the process table, and was not ours to wait for, was of a
 * run whose account has grown.
 */
export interface WaitingParents {
  among(runs: readonly LiveRun[]): readonly LiveRun[];
}

export function createWaitingParents(proc: Proc): WaitingParents {
  /** A process begins with an account of 0. */
  const accounts = new WeakMap<LiveRun, ReadonlyMap<number, number>>();
  return {
    among: (runs) =>
      runs.filter((run) => {
        const before = accounts.get(run);
        const now = new Map(membersOf(proc, run).map((pid) => [pid, childFaults(proc, pid)]));
        accounts.set(run, now);
        return [...now].some(([pid, faults]) => faults > (before?.get(pid) ?? 0));
      }),
  };
}

/** As `Trees.members`, without a search for orphans that nobody knows yet, which would cost as much as there are services each time. */
function membersOf(proc: Proc, run: LiveRun): readonly number[] {
  const found = new Set(run.mainEnded || run.mainPid === 0 ? [] : [run.mainPid]);
  for (const pid of run.orphans) found.add(pid);
  // What is added while it is walked over is walked over too.
  for (const pid of found) for (const child of childrenOf(proc, pid)) found.add(child);
  return [...found];
}

/** The eleventh field, of which the third is the first behind the name, which may hold anything but ends with the last bracket. */
function childFaults(proc: Proc, pid: number): number {
  const text = proc.text(`${pid}/stat`) ?? "";
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ", 9);
  return Number(fields[8] ?? 0);
}
