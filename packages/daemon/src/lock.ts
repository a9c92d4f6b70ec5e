import { closeSync, constants, ftruncateSync, openSync } from "node:fs";
import { createKernel, errnoName } from "@supervise/sys";
import type { Kernel } from "@supervise/sys";
import { DaemonError } from "./daemon-error.js";
import { busy, failure, findRunning, isStill, openLockFile, writeHolder } from "./lock-file.js";
import { codeOf, whyUntrusted } from "./trusted-file.js";

/** The kernel's lock on a file, ours until `release` or the end of this process, however that comes. */
export interface DaemonLock {
  readonly path: string;
  /** Gives it back; the file stays. A second call does nothing. */
  release(): void;
}

export interface LockOptions {
  readonly kernel?: Pick<Kernel, "open" | "close" | "lockFile" | "lockHolder">;
}

/** The file may be removed between opening and locking; so often that is tried again. */
const ATTEMPTS = 5;

/**
 * Makes this process the one daemon of that lock file. The lock is one of fcntl(2) on the open file, which is close-on-exec: no child of ours keeps it, and nothing
 * that we open or close besides loses it. Throws a {@link DaemonError}: code EBUSY and `holder` where another has it, else what is wrong with the file (a
 * symbolic link, a device, a missing directory, another user's file in a directory that anybody may write to).
 */
export function acquireLock(path: string, options: LockOptions = {}): DaemonLock {
  const kernel = options.kernel ?? createKernel();
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const fd = openLockFile(kernel, path);
    try {
      const running = findRunning(kernel, fd, path);
      if (running.kind !== "none" && running.pid !== process.pid) throw busy(path, running);
      const locked = kernel.lockFile(fd);
      if (errnoName(locked) === "EAGAIN") throw busy(path, { pid: null, lives: true });
      if (locked < 0) throw failure(path, errnoName(locked));
      if (isStill(path, fd)) {
        writeHolder(fd, process.pid);
        return heldLock(kernel, path, fd);
      }
    } catch (error) {
      kernel.close(fd);
      throw error instanceof DaemonError ? error : failure(path, codeOf(error));
    }
    kernel.close(fd);
  }
  throw failure(path, "ESTALE");
}

function heldLock(kernel: Pick<Kernel, "close">, path: string, fd: number): DaemonLock {
  let held = true;
  return {
    path,
    release() {
      if (!held) return;
      held = false;
      // The note would keep the next one out for as long as this process goes on.
      ftruncateSync(fd, 0);
      kernel.close(fd);
    },
  };
}

/** Is there a daemon behind this lock file? */
export type AlreadyRunning =
  | { readonly running: false }
  /** `pid` is null where the kernel holds the lock for a process that it can't name. */
  | { readonly running: true; readonly pid: number | null };

/**
 * Asks without taking the lock, and without making the file; anybody who may read it may ask. The lock of this very process counts. Throws a
 * {@link DaemonError} where the file is there and can't be asked.
 */
export function alreadyRunning(path: string, options: LockOptions = {}): AlreadyRunning {
  const kernel = options.kernel ?? createKernel();
  let fd: number;
  try {
    const untrusted = whyUntrusted(path);
    if (untrusted !== null)
      throw new DaemonError(`cannot ask lock "${path}": it ${untrusted} (EPERM)`, "EPERM");
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT" || code === "ENOTDIR") return { running: false };
    throw error instanceof DaemonError ? error : failure(path, code);
  }
  try {
    const running = findRunning(kernel, fd, path);
    return running.kind === "none" ? { running: false } : { running: true, pid: running.pid };
  } finally {
    closeSync(fd);
  }
}
