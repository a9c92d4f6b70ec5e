import { constants, fstatSync, ftruncateSync, readSync, statSync, writeSync } from "node:fs";
import { errnoName, errnoNumber, errnoText } from "@supervise/sys";
import type { Kernel } from "@supervise/sys";
import { DaemonError } from "./daemon-error.js";
import { formatIdentity, identityOf, parseIdentity, sameIdentity } from "./identity.js";
import type { DaemonIdentity } from "./identity.js";
import { codeOf, whyUntrusted, whyUntrustedFile } from "./trusted-file.js";

const LONGEST_RECORD = 256;

/**
 * Opens the lock file of a daemon, made where it is not there; the descriptor is close-on-exec and the caller's. It is never removed again: whoever holds a lock on a
 * file without a name keeps nobody out. Throws a {@link DaemonError}: no file, not ours, or not to be opened.
 */
export function openLockFile(kernel: Pick<Kernel, "open" | "close">, path: string): number {
  const untrusted = attempt(path, () => whyUntrusted(path));
  if (untrusted !== null) throw refused(path, untrusted, "EPERM");
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const fd = kernel.open(path, flags, 0o644);
  if (fd < 0) throw failure(path, errnoName(fd));
  const changed = attempt(path, () => whyUntrustedFile(fstatSync(fd), path));
  if (changed === null) return fd;
  kernel.close(fd);
  throw refused(path, changed, "EPERM");
}

/** Does the name still stand for the file that is open? */
export function isStill(path: string, fd: number): boolean {
  const named = statSync(path, { throwIfNoEntry: false });
  const open = fstatSync(fd);
  return named !== undefined && named.ino === open.ino && named.dev === open.dev;
}

/** Notes for people, and for the time when the kernel's lock is lost, who has it. */
export function writeHolder(fd: number, pid: number): void {
  const identity = identityOf(pid);
  ftruncateSync(fd, 0);
  writeSync(fd, identity === null ? `${pid}\n` : formatIdentity(identity), 0);
}

/** Who is noted; null: nobody, or it can't be read. */
export function readHolder(fd: number): DaemonIdentity | null {
  const bytes = Buffer.alloc(LONGEST_RECORD);
  return parseIdentity(bytes.toString("latin1", 0, readSync(fd, bytes, 0, LONGEST_RECORD, 0)));
}

/** Who keeps the daemon of this lock file from being started again. */
export type Running =
  | { readonly kind: "none" }
  /** The kernel has the lock in its books. `pid` is the kernel's word or, where it has none, the note in the file. */
  | {
      readonly kind: "locked";
      readonly pid: number | null;
      readonly saidBy: "kernel" | "note";
      readonly lives: boolean;
    }
  /** The lock is gone (a daemon may close what it did not open itself), but the process that is noted lives and has the noted start time. */
  | { readonly kind: "noted"; readonly pid: number; readonly lives: true };

/** Asks the kernel, then the note. */
export function findRunning(kernel: Pick<Kernel, "lockHolder">, fd: number, path: string): Running {
  const holder = kernel.lockHolder(fd);
  if (typeof holder === "number") throw failure(path, errnoName(holder));
  const noted = readHolder(fd);
  const lives = noted !== null && sameIdentity(noted, identityOf(noted.pid));
  if (holder.held) {
    const pid = holder.pid ?? (lives ? noted.pid : null);
    const saidBy = holder.pid === null ? "note" : "kernel";
    return { kind: "locked", pid, saidBy, lives: pid !== null && identityOf(pid) !== null };
  }
  return lives ? { kind: "noted", pid: noted.pid, lives } : { kind: "none" };
}

/** The refusal of a second instance. It names the first. */
export function busy(path: string, { pid, lives }: BusyLock): DaemonError {
  const text = lives
    ? `it runs already${pid === null ? "" : ` as process ${pid}`}`
    : pid === null
      ? "somebody holds it whom this machine does not name"
      : `process ${pid} holds it, which is not to be seen from here (another machine's, or another namespace's)`;
  return new DaemonError(`cannot lock "${path}": ${text} (EBUSY)`, "EBUSY", pid);
}

export interface BusyLock {
  readonly pid: number | null;
  readonly lives: boolean;
}

export function failure(path: string, code: string): DaemonError {
  const text = errnoText(errnoNumber(code) ?? -5);
  return new DaemonError(`cannot lock "${path}": ${text} (${code})`, code);
}

function refused(path: string, why: string, code: string): DaemonError {
  return new DaemonError(`cannot lock "${path}": it ${why} (${code})`, code);
}

function attempt<T>(path: string, look: () => T): T {
  try {
    return look();
  } catch (error) {
    throw failure(path, codeOf(error));
  }
}
