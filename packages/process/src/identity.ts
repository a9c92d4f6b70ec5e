import { isLive, readStat } from "./stat.js";
import type { Proc } from "./proc.js";

/**
 * What names a process beyond doubt. A PID alone names nothing: it is given out again. (Start times have a resolution of 10 ms; a number
 * would have to go round within that.)
 */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks from boot to its start, field 22 of /proc/PID/stat. */
  readonly startTicks: number;
  /** /proc/sys/kernel/random/boot_id: PIDs and ticks of another boot say nothing. */
  readonly bootId: string;
  /** "pid:[4026531836]": the namespace the PID is a number of. */
  readonly pidNamespace: string;
}

/** Identity of a process that has not been waited for yet (a zombie still has one). Null: gone. */
export function readIdentity(proc: Proc, pid: number): ProcessIdentity | null {
  const stat = readStat(proc, pid);
  return stat === null
    ? null
    : { pid, startTicks: stat.startTicks, bootId: bootId(proc), pidNamespace: pidNamespace(proc) };
}

/** Does the process of this identity still live (a zombie does not)? */
export function sameProcess(proc: Proc, identity: ProcessIdentity): boolean {
  if (identity.bootId !== bootId(proc) || identity.pidNamespace !== pidNamespace(proc))
    return false;
  const stat = readStat(proc, identity.pid);
  return stat !== null && stat.startTicks === identity.startTicks && isLive(stat);
}

/** Neither changes while we live, so that each is read once for each mount of /proc. */
const boots = new WeakMap<Proc, string>();
const namespaces = new WeakMap<Proc, string>();

/** Id of this boot of the machine; empty where /proc does not tell. */
export function bootId(proc: Proc): string {
  let id = boots.get(proc);
  if (id === undefined)
    boots.set(proc, (id = proc.text("sys/kernel/random/boot_id")?.trim() ?? ""));
  return id;
}

/** Our PID namespace, such as "pid:[4026531836]"; empty where /proc does not tell. */
export function pidNamespace(proc: Proc): string {
  let name = namespaces.get(proc);
  if (name === undefined) namespaces.set(proc, (name = proc.link("self/ns/pid") ?? ""));
  return name;
}
