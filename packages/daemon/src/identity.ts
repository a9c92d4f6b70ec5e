import { readFileSync, readlinkSync } from "node:fs";

/** What names a process beyond doubt, where a PID alone is given out again. The same facts as the supervisor keeps in its records. */
export interface DaemonIdentity {
  readonly pid: number;
  /** Clock ticks (1/100 s) from boot to its start. */
  readonly startTicks: number;
  /** Of this boot of the machine; empty where /proc does not tell. */
  readonly bootId: string;
  /** "pid:[4026531836]"; empty where /proc does not tell. */
  readonly pidNamespace: string;
}

/** Of a process that lives: null where there is none (or only a zombie), or where /proc does not show it. */
export function identityOf(pid: number): DaemonIdentity | null {
  const fields = statFields(pid);
  if (fields === null || fields.state === "Z" || fields.state === "X") return null;
  return {
    pid,
    startTicks: fields.startTicks,
    bootId: textOf("/proc/sys/kernel/random/boot_id")?.trim() ?? "",
    pidNamespace: linkOf("/proc/self/ns/pid") ?? "",
  };
}

export function sameIdentity(one: DaemonIdentity | null, other: DaemonIdentity | null): boolean {
  return (
    one !== null &&
    other !== null &&
    one.pid === other.pid &&
    one.startTicks === other.startTicks &&
    one.bootId === other.bootId &&
    one.pidNamespace === other.pidNamespace
  );
}

/** Two lines: the PID alone, for people, then what proves it. */
export function formatIdentity({ pid, startTicks, bootId, pidNamespace }: DaemonIdentity): string {
  return `${pid}\n${startTicks} ${bootId} ${pidNamespace}\n`;
}

/** Null: it is not what `formatIdentity` writes. */
export function parseIdentity(text: string): DaemonIdentity | null {
  const found = /^([1-9]\d{0,9})\n(\d{1,20}) (\S*) (\S*)\n$/.exec(text);
  if (found === null) return null;
  const [, pid, startTicks, bootId = "", pidNamespace = ""] = found;
  return { pid: Number(pid), startTicks: Number(startTicks), bootId, pidNamespace };
}

interface StatFields {
  readonly state: string;
  readonly session: number;
  readonly startTicks: number;
}

/** proc_pid_stat(5); the name in parentheses may hold anything. */
export function statFields(pid: number): StatFields | null {
  const text = textOf(`/proc/${pid}/stat`);
  if (text === null) return null;
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return { state: fields[0] ?? "", session: Number(fields[3]), startTicks: Number(fields[19]) };
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, "latin1");
  } catch {
    // Gone, hidden or forbidden: there is nothing to be known.
    return null;
  }
}

function linkOf(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    // As above.
    return null;
  }
}
