import type { Proc } from "@supervise/process";
import type { LiveRun } from "../live-run.js";
import type { Trees } from "../trees.js";

/**
 * Which runs have waited for a child since the last look. The kernel adds the page faults of a child to its parent's account when the parent waits for it
 * (cminflt of proc_pid_stat(5)), and no program runs without any: so a sender that is gone from the process table, and was not ours to wait for, was of a
 * run whose account has grown.
 */
export interface WaitingParents {
  among(runs: readonly LiveRun[]): readonly LiveRun[];
}

export function createWaitingParents(proc: Proc, trees: Pick<Trees, "members">): WaitingParents {
  /** A process begins with an account of 0. */
  const accounts = new WeakMap<LiveRun, ReadonlyMap<number, number>>();
  return {
    among: (runs) =>
      runs.filter((run) => {
        const before = accounts.get(run);
        const now = new Map(trees.members(run).map((pid) => [pid, childFaults(proc, pid)]));
        accounts.set(run, now);
        return [...now].some(([pid, faults]) => faults > (before?.get(pid) ?? 0));
      }),
  };
}

/** The eleventh field, of which the third is the first behind the name, which may hold anything but ends with the last bracket. */
function childFaults(proc: Proc, pid: number): number {
  const text = proc.text(`${pid}/stat`) ?? "";
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ", 9);
  return Number(fields[8] ?? 0);
}
