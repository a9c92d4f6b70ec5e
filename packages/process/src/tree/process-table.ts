import { listPids } from "../pids.js";
import type { Proc } from "../proc.js";
import { isLive, readStat } from "../stat.js";
import type { ProcessStat } from "../stat.js";

/** All live processes at about one moment, by PID. Kernel threads and zombies are not in it. */
export type ProcessTable = ReadonlyMap<number, ProcessStat>;

/** One pass over /proc: some microseconds a process of the machine. What is forked or ends meanwhile may or may not be in it. */
export function processTable(proc: Proc): ProcessTable {
  const table = new Map<number, ProcessStat>();
  for (const pid of listPids(proc)) {
    const stat = readStat(proc, pid);
    if (stat !== null && isLive(stat) && !stat.kernelThread) table.set(pid, stat);
  }
  return table;
}
