import type { ProcessRow } from "@supervise/model";
import { readCommandLine } from "./command-line.js";
import type { Proc } from "./proc.js";
import { readStat } from "./stat.js";
import type { ProcessStat } from "./stat.js";
import { readStatus } from "./status.js";
import { ttyName } from "./tty-name.js";

/** Columns of `ps -axj` for one process; whose service it belongs to, the caller knows. Null: gone. */
export function psRow(proc: Proc, pid: number): Omit<ProcessRow, "service" | "main"> | null {
  const stat = readStat(proc, pid);
  const status = readStatus(proc, pid);
  const command = readCommandLine(proc, pid, stat);
  if (stat === null || status === null || command === null) return null;
  return {
    uid: status.uids[1],
    pid,
    ppid: stat.ppid,
    pgid: stat.processGroup,
    sid: stat.session,
    tty: ttyName(stat.ttyNr),
    stat: statFlags(stat, status.lockedKilobytes),
    command,
  };
}

/** The STAT column in the order of procps: state, `<` or `N` for priority, `L` locked pages, `s` session leader, `l` threads, `+` foreground. */
export function statFlags(stat: ProcessStat, lockedKilobytes: number): string {
  let flags = stat.state;
  if (stat.nice < 0) flags += "<";
  if (stat.nice > 0) flags += "N";
  if (lockedKilobytes > 0) flags += "L";
  if (stat.session === stat.pid) flags += "s";
  if (stat.threads > 1) flags += "l";
  if (stat.processGroup === stat.tpgid) flags += "+";
  return flags;
}
