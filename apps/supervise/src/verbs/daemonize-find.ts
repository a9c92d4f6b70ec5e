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

/** The kernel's lock decides, then the start time that its holder noted there, and only where there is no lock file the age of the pidfile. */
export function findDaemon(
  kernel: Pick<Kernel, "lockHolder">,
  proc: Proc,
  { pidfile, lockfile }: DaemonFiles,
): FoundDaemon {
  const lock = lockfile === null ? null : askLock(kernel, lockfile);
  const pid = lock?.kind === "free" ? lock.noted : null;
  if (lock !== null && lock.kind !== "free") return lock;
  if (pidfile === null)
    return { kind: "down", left: false, why: `nobody holds lock "${lockfile}"` };

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
      // The one that took the lock is gone, and its number is another's by now.
      if (pid === verdict.pid)
        return {
          kind: "down",
          left: true,
          why: `pidfile "${pidfile}" is stale: process ${pid} has started after the daemon`,
        };
      return { kind: "unproved", why: `${why}, but nobody holds lock "${lockfile}"` };
    }
    default:
      return { kind: "unproved", why };
  }
}

type AskedLock =
  | FoundDaemon
  /** `noted`: who had it last. */
  | { readonly kind: "free"; readonly noted: number | null };

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
    if (running.kind === "none") return { kind: "free", noted: readHolder(fd)?.pid ?? null };
    const identity = running.pid === null ? null : identityOf(running.pid);
    if (identity === null)
      return {
        kind: "unproved",
        why: `lock "${path}" is held by ${running.pid === null ? "somebody" : `process ${running.pid}`}, who is not to be seen from here`,
      };
    const proof =
      running.kind === "locked" && running.saidBy === "kernel"
        ? `the kernel says that it holds lock "${path}"`
        : `it has the start time that is noted in lock "${path}"`;
    return { kind: "running", identity, proof };
  } finally {
    closeSync(fd);
  }
}
