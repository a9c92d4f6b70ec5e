import { closeSync, constants, lstatSync, openSync } from "node:fs";
import type { Stats } from "node:fs";
import { readHolder } from "@supervise/daemon";
import {
  describePidfile,
  examinePidfile,
  printable,
  readCommandLine,
  readStat,
  readStatus,
  type PidfileVerdict,
  type Proc,
} from "@supervise/process";
import { errnoName, type Kernel } from "@supervise/sys";

/** What is known of a pidfile, and whence. The names are those of the JSON. */
export interface PidfileReport {
  readonly file: string;
  readonly verdict: PidfileVerdict["kind"];
  /** A sentence without its full stop. */
  readonly why: string;
  readonly pid: number | null;
  /** User id of the file's owner; null: there is no file. */
  readonly owner: number | null;
  /** When it was last written; ISO 8601. */
  readonly written: string | null;
  readonly process: ProcessEvidence | null;
  /** Null: there is no lock on the file, and no lock file beside it. */
  readonly lock: LockEvidence | null;
}

/** Who has the number now. */
export interface ProcessEvidence {
  readonly started: string | null;
  readonly executable: string | null;
  readonly command: string | null;
  readonly parent: number;
  readonly parentCommand: string | null;
  readonly session: number;
  readonly user: number | null;
  readonly state: string;
}

export interface LockEvidence {
  readonly file: string;
  readonly held: boolean;
  /** The kernel's word; null: it names no process. */
  readonly holder: number | null;
}

/** USER_HZ, fixed for all that /proc shows. */
const MS_PER_TICK = 10;

/** Looks, and changes nothing. `executable`: what the process must run. `where`: under which name the file is now. */
export function examine(
  kernel: Pick<Kernel, "lockHolder" | "kill">,
  proc: Proc,
  file: string,
  executable: string | null,
  where: string = file,
): PidfileReport {
  const beside = openFile(`${file}.lock`);
  const record = beside === null ? null : readHolder(beside);
  const verdict = examinePidfile(proc, where, {
    record,
    ...(executable === null ? {} : { executable }),
    exists: (pid) => errnoName(kernel.kill(pid, 0)) !== "ESRCH",
  });
  const lock =
    (beside === null ? null : askLock(kernel, `${file}.lock`, beside)) ?? askOwnLock(kernel, where);
  if (beside !== null) closeSync(beside);
  const stat = statOf(where);
  const pid = "pid" in verdict ? verdict.pid : null;
  return {
    file,
    verdict: verdict.kind,
    why: describePidfile(verdict, file),
    pid,
    owner: stat?.uid ?? null,
    written: stat?.mtime.toISOString() ?? null,
    process: pid === null ? null : processEvidence(proc, pid),
    lock,
  };
}

function processEvidence(proc: Proc, pid: number): ProcessEvidence | null {
  const stat = readStat(proc, pid);
  if (stat === null) return null;
  const uptimeMs = Number.parseFloat(proc.text("uptime") ?? "") * 1_000;
  const startedMs = Date.now() - uptimeMs + stat.startTicks * MS_PER_TICK;
  const parent = readStat(proc, stat.ppid);
  const executable = proc.link(`${pid}/exe`);
  return {
    started: Number.isFinite(startedMs) ? new Date(startedMs).toISOString() : null,
    executable: executable === null ? null : printable(executable),
    command: readCommandLine(proc, pid, stat),
    parent: stat.ppid,
    parentCommand: parent === null ? null : readCommandLine(proc, parent.pid, parent),
    session: stat.session,
    user: readStatus(proc, pid)?.uids[1] ?? null,
    state: stat.state,
  };
}

/** Null: it is not there, or not ours to see. */
function statOf(path: string): Stats | null {
  try {
    return lstatSync(path);
  } catch {
    return null;
  }
}

function openFile(path: string): number | null {
  // A FIFO or a device is not opened at all.
  try {
    if (!lstatSync(path).isFile()) return null;
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    // Not there, or not ours to read: nothing is known of it.
    return null;
  }
}

function askLock(
  kernel: Pick<Kernel, "lockHolder">,
  file: string,
  fd: number,
): LockEvidence | null {
  const holder = kernel.lockHolder(fd);
  return typeof holder === "number" ? null : { file, held: holder.held, holder: holder.pid };
}

/** Many a daemon locks its pidfile itself. */
function askOwnLock(kernel: Pick<Kernel, "lockHolder">, file: string): LockEvidence | null {
  const fd = openFile(file);
  if (fd === null) return null;
  const lock = askLock(kernel, file, fd);
  closeSync(fd);
  return lock?.held === true ? lock : null;
}
