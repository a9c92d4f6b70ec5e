import { closeSync, writeSync } from "node:fs";
import { createKernel, errnoName, errnoNumber } from "@supervise/sys";
import type { Kernel } from "@supervise/sys";
import { cannotOpen } from "./daemonize/launch.js";
import { openLog } from "./daemonize/startup-errors.js";
import { codeOf } from "./trusted-file.js";

/** A log file that this process appends to, and that may be renamed beneath it. */
export interface Logfile {
  readonly path: string;
  readonly fd: number;
  /** Appends at once, by one write(2) where the file system takes it whole. Null: it stands there; else the negative errno, and the rest of it is lost. */
  write(text: string): number | null;
  /**
   * Opens the file anew, or another one, and puts it in the place of the old one under the same descriptor: what was written before is in the old file, what comes
   * after in the new one, and nothing in between. Throws a `DaemonError` where it can't be opened; then the old one stays.
   */
  reopen(path?: string): void;
  close(): void;
}

export interface LogfileOptions {
  readonly kernel?: Pick<Kernel, "replaceDescriptor" | "setNonBlocking">;
  /** The number that the descriptor is to have, which must be ours to replace (see `reserve` of daemonize()); the lowest free one unless told. */
  readonly descriptor?: number;
}

/** Opens a log with O_APPEND, so that several writers don't overwrite each other; close-on-exec, made with mode 0640. Throws a `DaemonError`. */
export function openLogfile(path: string, options: LogfileOptions = {}): Logfile {
  const kernel = options.kernel ?? createKernel();
  let current = path;
  const opened = open(kernel, path);
  const fd = options.descriptor ?? opened;
  if (options.descriptor !== undefined) move(kernel, opened, fd, path);
  return {
    get path() {
      return current;
    },
    fd,
    write: (text) => append(fd, Buffer.from(text)),
    reopen(next = current) {
      move(kernel, open(kernel, next), fd, next);
      current = next;
    },
    close: () => closeSync(fd),
  };
}

function open(kernel: Pick<Kernel, "setNonBlocking">, path: string): number {
  try {
    return openLog(kernel, path);
  } catch (error) {
    throw cannotOpen(path, codeOf(error));
  }
}

/** dup2(2) closes the old and puts the new in its place in one step: no writer sees a closed number. */
function move(
  kernel: Pick<Kernel, "replaceDescriptor">,
  from: number,
  to: number,
  path: string,
): void {
  if (from === to) return;
  const result = kernel.replaceDescriptor(from, to);
  closeSync(from);
  if (result < 0) throw cannotOpen(path, errnoName(result));
}

function append(fd: number, bytes: Uint8Array): number | null {
  try {
    for (let offset = 0; offset < bytes.length;) offset += writeSync(fd, bytes, offset);
    return null;
  } catch (error) {
    return errnoNumber(codeOf(error)) ?? -5;
  }
}
