import type { Proc } from "./proc.js";

/** /proc/PID/stat, as far as it is used; the fields are described in proc_pid_stat(5). */
export interface ProcessStat {
  readonly pid: number;
  /** Name of the executable, cut to 15 bytes by the kernel; one character a byte, and it may hold any character. */
  readonly comm: string;
  /** R, S, D, Z, T, t, I, X ... */
  readonly state: string;
  readonly ppid: number;
  readonly processGroup: number;
  readonly session: number;
  /** Device number of the controlling terminal, 0: none. */
  readonly ttyNr: number;
  /** Foreground process group of that terminal, or -1. */
  readonly tpgid: number;
  readonly nice: number;
  readonly threads: number;
  /** Clock ticks (1/100 s) from boot to the start of the process. With the PID it names the process. */
  readonly startTicks: number;
  readonly kernelThread: boolean;
}

/** PF_KTHREAD of linux/sched.h. */
const KERNEL_THREAD = 0x00200000;
const STAT_BYTES = 4096;

/** Null: no such process (any more). */
export function readStat(proc: Proc, pid: number): ProcessStat | null {
  const text = proc.text(`${pid}/stat`, STAT_BYTES);
  return text === null ? null : parseStat(text);
}

/**
 * The name stands in parentheses and may itself hold blanks, parentheses and newlines, so that only the last ")" ends it.
 * Null where the text is cut or is none.
 */
export function parseStat(text: string): ProcessStat | null {
  const open = text.indexOf("(");
  const close = text.lastIndexOf(")");
  if (open < 2 || close < open) return null;
  const pid = Number(text.slice(0, open - 1));
  // Field 3 of the manual page is the first one here.
  const fields = text.slice(close + 2).split(" ");
  if (!Number.isInteger(pid) || pid <= 0 || fields.length < 21) return null;
  const at = (field: number): number => Number(fields[field - 3]);
  const stat: ProcessStat = {
    pid,
    comm: text.slice(open + 1, close),
    state: fields[0] ?? "",
    ppid: at(4),
    processGroup: at(5),
    session: at(6),
    ttyNr: at(7),
    tpgid: at(8),
    nice: at(19),
    threads: at(20),
    startTicks: at(22),
    kernelThread: (at(9) & KERNEL_THREAD) !== 0,
  };
  return Number.isInteger(stat.startTicks) &&
    Number.isInteger(stat.ppid) &&
    /^[A-Za-z]$/.test(stat.state)
    ? stat
    : null;
}

/**
 * Has it not ended? A zombie has; but a process whose first thread alone has ended (pthread_exit(3)) shows "Z" while its other
 * threads go on.
 */
export function isLive(stat: ProcessStat): boolean {
  if (stat.state === "X" || stat.state === "x") return false;
  return stat.state !== "Z" || stat.threads > 1;
}

/**
 * Raw wait status of a process that has ended and is not collected yet (field 52 of proc_pid_stat(5)); null: it lives, is gone, or is not ours
 * to see (PTRACE_MODE_READ_FSCREDS).
 */
export function readExitStatus(proc: Proc, pid: number): number | null {
  const text = proc.text(`${pid}/stat`, STAT_BYTES);
  const stat = text === null ? null : parseStat(text);
  if (text === null || stat === null || stat.state !== "Z") return null;
  const field = text.slice(text.lastIndexOf(")") + 2).split(" ")[52 - 3];
  // Hidden, the field reads 0, which would pass for a success: only a reader that sees the other hidden fields sees it.
  return field === undefined || !mayInspect(proc, pid) ? null : Number(field);
}

/** The permission is that of ptrace(2): root, or the same user. */
function mayInspect(proc: Proc, pid: number): boolean {
  const status = proc.text(`${pid}/status`);
  const owner = /^Uid:\t(\d+)/m.exec(status ?? "")?.[1];
  const self = /^Uid:\t\d+\t(\d+)/m.exec(proc.text("self/status") ?? "")?.[1];
  return self === "0" || (owner !== undefined && owner === self);
}
