import { printable } from "../command-line.js";
import { ttyName } from "../tty-name.js";
import type { ProcessView } from "./view.js";

/** What every snapshot holds: it comes from the one file that is read in any case. */
export interface ProcessBasics {
  readonly pid: number;
  /** Name of the main thread, at most 15 bytes; safe to print. */
  readonly name: string;
  /** R, S, D, Z, T, t, I, X ... of proc_pid_stat(5). */
  readonly state: string;
  /** That letter in words: "sleeping", "waiting for a disk", "zombie" ... */
  readonly stateText: string;
  readonly ppid: number;
  readonly processGroup: number;
  readonly session: number;
  /** Controlling terminal without "/dev/": "pts/3". Null: none. */
  readonly terminal: string | null;
  /** Process group that the terminal's keys go to. Null: no terminal. */
  readonly foregroundGroup: number | null;
  readonly threadCount: number;
  readonly nice: number;
  /** Clock ticks (1/100 s) from boot to its start: with the PID they name the process. */
  readonly startTicks: number;
  /** ISO 8601, to 10 ms as the kernel tells it, from the boot time of /proc/stat (whole seconds). Null: the boot time is hidden. */
  readonly startedAt: string | null;
  readonly kernelThread: boolean;
}

/** Of fs/proc/array.c, in the words of ps(1) where it has some. */
const STATES: Readonly<Record<string, string>> = {
  R: "running",
  S: "sleeping",
  D: "waiting for a device",
  Z: "zombie",
  T: "stopped",
  t: "traced",
  I: "idle",
  X: "ended",
  x: "ended",
  P: "parked",
};

const TICK_MS = 10;

export function readBasics({ stat, look }: ProcessView): ProcessBasics {
  const bootMs = look.bootMs();
  const terminal = stat.ttyNr === 0 ? null : ttyName(stat.ttyNr);
  return {
    pid: stat.pid,
    name: printable(Buffer.from(stat.comm, "latin1")),
    state: stat.state,
    stateText: STATES[stat.state] ?? stat.state,
    ppid: stat.ppid,
    processGroup: stat.processGroup,
    session: stat.session,
    terminal,
    foregroundGroup: terminal === null || stat.tpgid < 0 ? null : stat.tpgid,
    threadCount: stat.threads,
    nice: stat.nice,
    startTicks: stat.startTicks,
    startedAt: bootMs === null ? null : timeText(bootMs + stat.startTicks * TICK_MS),
    kernelThread: stat.kernelThread,
  };
}

/** Null: no time that a calendar has. */
function timeText(ms: number): string | null {
  const time = new Date(ms);
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}
