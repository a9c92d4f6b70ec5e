import { readFileSync, readdirSync } from "node:fs";

/** One process as proc_pid_stat(5) tells it. */
export interface ProcessEntry {
  readonly pid: number;
  readonly name: string;
  /** "R", "S", "D", "Z", "T", ... */
  readonly state: string;
  readonly ppid: number;
  readonly pgid: number;
  readonly sid: number;
  /** Of a process whose first thread has ended, the others that have not are counted too. */
  readonly threads: number;
  /** Clock ticks after boot; with the pid it names the process for good. */
  readonly startTime: bigint;
}

/** Null: no such process. */
export function readProcess(pid: number | "self"): ProcessEntry | null {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return null; // ENOENT or ESRCH: it is gone.
  }
  // The name may hold blanks and parentheses: it ends at the last one.
  const open = text.indexOf("(");
  const close = text.lastIndexOf(")");
  const fields = text.slice(close + 2).split(" ");
  return {
    pid: Number(text.slice(0, open)),
    name: text.slice(open + 1, close),
    state: fields[0] ?? "?",
    ppid: Number(fields[1]),
    pgid: Number(fields[2]),
    sid: Number(fields[3]),
    threads: Number(fields[17]),
    startTime: BigInt(fields[19] ?? 0),
  };
}

/** Every process that /proc shows now. */
export function readProcesses(): ProcessEntry[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readProcess(Number(name)))
    .filter((entry) => entry !== null);
}

/** Lives and is no zombie. While a thread of it has not ended yet, its files are open and its locks are held, whatever the state of the first. */
export function isAlive(pid: number): boolean {
  const entry = readProcess(pid);
  return entry !== null && ((entry.state !== "Z" && entry.state !== "X") || entry.threads > 1);
}

/** The children of a process, zombies included (/proc/PID/task/TID/children of every thread); none if it is gone. */
export function childrenOf(pid: number | "self"): number[] {
  const children: number[] = [];
  try {
    for (const task of readdirSync(`/proc/${pid}/task`)) {
      const text = readFileSync(`/proc/${pid}/task/${task}/children`, "utf8");
      children.push(...text.split(" ").filter(Boolean).map(Number));
    }
  } catch {
    // The thread or the process has ended since: its children are another's now.
  }
  return children;
}

/** The process and all that descend from it now, by parent. */
export function treeOf(pid: number): number[] {
  const parents = new Map<number, number[]>();
  for (const entry of readProcesses())
    parents.set(entry.ppid, [...(parents.get(entry.ppid) ?? []), entry.pid]);
  const tree = [pid];
  for (let i = 0; i < tree.length; i++) tree.push(...(parents.get(tree[i] ?? 0) ?? []));
  return tree;
}
