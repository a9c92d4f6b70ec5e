import { accessSync, constants } from "node:fs";
import { dirname } from "node:path";
import { createKernel, errnoName, errnoNumber, errnoText } from "@supervise/sys";
import type { Kernel } from "@supervise/sys";
import { DaemonError } from "./daemon-error.js";
import { pidfileHolder } from "./pidfile-lock.js";
import { codeOf, whyUntrusted } from "./trusted-file.js";

type PidfileCalls = Pick<Kernel, "readFile" | "replaceFile" | "unlink">;

export interface Pidfile {
  readonly path: string;
  /** The number that the file held before; null: it was not there, or held none. */
  readonly replaced: number | null;
  /** Removes the file, only if it still holds our number: it may have become another's. True: removed. */
  remove(): boolean;
}

export interface PidfileOptions {
  readonly kernel?: PidfileCalls;
  /** Whose number; our own unless told. */
  readonly pid?: number;
  /** Who removes the file at the end: this process (the default), or whoever calls `remove`. */
  readonly removeAtExit?: boolean;
}

/**
 * Writes "PID\n" aside and renames it (0644), so that a reader sees the old number or the new one. Whether the old one still runs is the lock's affair: take that
 * first ({@link acquireLock}). At the exit of this process the file is removed if it is still ours; a process that is killed leaves it. Throws a
 * {@link DaemonError}: a symbolic link, a device, another user's file in a directory that anybody may write to, a missing directory.
 */
export function writePidfile(path: string, options: PidfileOptions = {}): Pidfile {
  const kernel = options.kernel ?? createKernel();
  const pid = options.pid ?? process.pid;
  const replaced = checkPidfile(kernel, path);
  const written = kernel.replaceFile(path, `${pid}\n`, 0o644);
  if (written < 0) throw cannotWrite(path, errnoName(written));
  const owner = process.pid;
  const remove = (): boolean => {
    process.off("exit", atExit);
    return readText(kernel, path) === `${pid}\n` && kernel.unlink(path) === 0;
  };
  const atExit = (): void => {
    if (process.pid === owner) remove();
  };
  if (options.removeAtExit !== false) process.on("exit", atExit);
  return { path, replaced, remove };
}

/** Daemons that note more than their number have it in the first line. */
const READ_BYTES = 256;

/** The number that stands there now; null: none. Throws where the file could not be replaced, or should not. */
export function checkPidfile(kernel: PidfileCalls, path: string): number | null {
  let untrusted: string | null;
  try {
    untrusted = whyUntrusted(path);
  } catch (error) {
    throw cannotWrite(path, codeOf(error));
  }
  if (untrusted !== null)
    throw new DaemonError(`cannot write pidfile "${path}": it ${untrusted} (EPERM)`, "EPERM");
  const before = /^\s*(\d{1,10})\s*(?:\n|$)/.exec(readText(kernel, path))?.[1];
  return before === undefined ? null : Number(before);
}

/** Before the daemon is started, and before a lock file is made beside it. Throws a {@link DaemonError}, as writePidfile() would, and where somebody has locked the pidfile itself: who does that runs (EBUSY). */
export function assertPidfileWritable(
  kernel: PidfileCalls & Pick<Kernel, "lockHolder" | "lock">,
  path: string,
): void {
  checkPidfile(kernel, path);
  const holder = pidfileHolder(kernel, path);
  if (holder !== null) {
    const who = holder.pid === null ? "another process" : `process ${holder.pid}`;
    const why = `${who} holds a lock on it, and so runs`;
    throw new DaemonError(`cannot write pidfile "${path}": ${why} (EBUSY)`, "EBUSY", holder.pid);
  }
  try {
    accessSync(dirname(path), constants.W_OK | constants.X_OK);
  } catch (error) {
    throw cannotWrite(path, codeOf(error));
  }
}

function cannotWrite(path: string, code: string): DaemonError {
  const text = errnoText(errnoNumber(code) ?? -5);
  return new DaemonError(`cannot write pidfile "${path}": ${text} (${code})`, code);
}

/** Never waits, even if the file has become a FIFO meanwhile. Empty: not there, or not ours to read. */
function readText(kernel: PidfileCalls, path: string): string {
  const bytes = Buffer.alloc(READ_BYTES);
  return bytes.toString("latin1", 0, Math.max(0, kernel.readFile(path, bytes)));
}
