import type { Proc } from "../proc.js";
import { readStat } from "../stat.js";
import type { LimitPair } from "./resource-limits.js";

/** The soft limit that the kernel gives its first process (INR_OPEN_CUR), and so most others. */
const USUAL_SOFT = 1024;

/**
 * The limit of open files that we were started with. Node raises its own soft limit to the hard one before any code runs, and the old value is
 * gone; but our parent has what we inherited, unless it is a Node itself: then its parent, and so on. Without one to be seen, the usual one.
 * Null: /proc does not tell. `toldSoft`: what a keeper says, whose own limit is raised too.
 */
export function originalOpenFiles(proc: Proc, toldSoft: number | null = null): LimitPair | null {
  const own = readOpenFiles(proc, proc.self);
  if (own === null) return null;
  if (toldSoft !== null) return { soft: toldSoft, hard: own.hard };
  const executable = proc.link("self/exe");
  let pid = readStat(proc, proc.self)?.ppid ?? 0;
  while (pid > 1 && proc.link(`${pid}/exe`) === executable) pid = readStat(proc, pid)?.ppid ?? 0;
  const ancestor = pid > 0 ? readOpenFiles(proc, pid) : null;
  if (ancestor !== null && ancestor.hard === own.hard) return ancestor;
  return { soft: own.hard === -1 ? USUAL_SOFT : Math.min(USUAL_SOFT, own.hard), hard: own.hard };
}

function readOpenFiles(proc: Proc, pid: number): LimitPair | null {
  const match = /^Max open files +(\d+|unlimited) +(\d+|unlimited) /m.exec(
    proc.text(`${pid}/limits`) ?? "",
  );
  return match === null ? null : { soft: limitOf(match[1]), hard: limitOf(match[2]) };
}

function limitOf(text: string | undefined): number {
  return text === undefined || text === "unlimited" ? -1 : Number(text);
}
