import { closeSync, constants, openSync } from "node:fs";
import { findRunning, identityOf, readHolder } from "@supervise/daemon";
import type { DaemonIdentity } from "@supervise/daemon";
import { describePidfile, examinePidfile, type Proc } from "@supervise/process";
import type { Kernel } from "@supervise/sys";

/** By what a daemon is known. One of the two is named. */
export interface DaemonFiles {
  readonly pidfile: string | null;
  readonly lockfile: string | null;
}

/** The daemon behind a pidfile, as far as it can be proved. Each text is a sentence without its full stop. */
export type FoundDaemon =
  | { readonly kind: "running"; readonly identity: DaemonIdentity; readonly proof: string }
  /** `left`: a pidfile of a dead one is there. */
  | { readonly kind: "down"; readonly left: boolean; readonly why: string }
  /** There may be one, but nothing proves which: it gets no signal. */
  | { readonly kind: "unproved"; readonly why: string };

/**
 * The kernel's word on who holds the lock decides. The note in the lock file does not: the daemon has that file open for writing, may be a less privileged user, and could
 * aim our signals with it. So it only confirms what the pidfile says, which is its owner's alone. Where there is no lock file, the pidfile has to do.
 */
export function findDaemon(
  kernel: Pick<Kernel, "lockHolder">,
  proc: Proc,
  { pidfile, lockfile }: DaemonFiles,
): FoundDaemon {
  const lock = lockfile === null ? null : askLock(kernel, lockfile);
  if (lock !== null && lock.kind !== "free" && lock.kind !== "noted") return lock;
  if (pidfile === null) {
    return lock?.kind === "noted"
      ? { kind: "unproved", why: `only the note in lock "${lockfile}" names process ${lock.pid}` }
      : { kind: "down", left: false, why: `nobody holds lock "${lockfile}"` };
  }

  const verdict = examinePidfile(proc, pidfile);
  const why = describePidfile(verdict, pidfile);
  switch (verdict.kind) {
    case "absent":
      return { kind: "down", left: false, why };
    case "stale":
    case "reused":
      return { kind: "down", left: true, why };
    case "valid": {
      if (lock === null)
        return {
          kind: "running",
          identity: verdict.identity,
          proof: "it started before the pidfile was written",
        };
      if (lock.kind === "noted") {
        if (lock.pid !== verdict.pid)
          return { kind: "unproved", why: `${why}, and lock "${lockfile}" process ${lock.pid}` };
        return {
          kind: "running",
          identity: verdict.identity,
          proof: `it has the start time that is noted in lock "${lockfile}"`,
        };
      }
      // The one that took the lock is gone, and its number is another's by now.
      if (lock.pid === verdict.pid)
        return {
          kind: "down",
          left: true,
          why: `pidfile "${pidfile}" is reused: process ${lock.pid} has started after the daemon`,
        };
      return { kind: "unproved", why: `${why}, but nobody holds lock "${lockfile}"` };
    }
    default:
      return { kind: "unproved", why };
  }
}

type AskedLock =
  | FoundDaemon
  /** Who had it last; null: nobody is noted. */
  | { readonly kind: "free"; readonly pid: number | null }
  /** One that lives, by the note alone. */
  | { readonly kind: "noted"; readonly pid: number };

/** Null: there is no lock file. */
function askLock(kernel: Pick<Kernel, "lockHolder">, path: string): AskedLock | null {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    return { kind: "unproved", why: `lock "${path}" can't be asked (${code})` };
  }
  try {
    const running = findRunning(kernel, fd, path);
    if (running.kind === "none") return { kind: "free", pid: readHolder(fd)?.pid ?? null };
    const identity = running.pid === null ? null : identityOf(running.pid);
    if (identity === null)
      return {
        kind: "unproved",
        why: `lock "${path}" is held by ${running.pid === null ? "somebody" : `process ${running.pid}`}, who is not to be seen from here`,
      };
    if (running.kind === "noted" || running.saidBy === "note")
      return { kind: "noted", pid: identity.pid };
    return {
      kind: "running",
      identity,
      proof: `the kernel says that it holds lock "${path}"`,
    };
  } finally {
    closeSync(fd);
  }
}
