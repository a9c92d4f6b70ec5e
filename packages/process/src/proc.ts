import { closeSync, openSync, readSync, readdirSync, readlinkSync } from "node:fs";
import type { Kernel } from "@supervise/sys";

/** The one call that reading needs; a `Kernel` has it. */
export type FileCalls = Pick<Kernel, "readFile">;

/**
 * proc(5), read synchronously: its files are made by the kernel on the spot, so no read of them waits. What is gone, hidden or
 * forbidden is null, never an exception: a process may end between any two reads.
 */
export interface Proc {
  /** Where it is mounted, "/proc". */
  readonly root: string;
  /** Our own number, as this mount shows it. */
  readonly self: number;
  /** Content of a file, at most `limit` bytes of it. The bytes are valid until the next read. */
  bytes(path: string, limit?: number): Buffer | null;
  /** The same as text, one character a byte (latin1). */
  text(path: string, limit?: number): string | null;
  names(path: string): readonly string[] | null;
  link(path: string): string | null;
}

/** Files of proc are made page by page; most need one. */
const FIRST_BUFFER_BYTES = 16 * 1024;

/** Without a kernel the calls of node:fs are used, which cost an exception for each process that is gone. */
export function openProc(kernel: FileCalls | null = null, root = "/proc"): Proc {
  const calls = kernel ?? nodeCalls;
  let buffer = Buffer.allocUnsafeSlow(FIRST_BUFFER_BYTES);

  const bytes = (path: string, limit = Number.POSITIVE_INFINITY): Buffer | null => {
    for (;;) {
      const room = limit < buffer.length ? buffer.subarray(0, limit) : buffer;
      const count = calls.readFile(`${root}/${path}`, room);
      if (count < 0) return null;
      if (count < buffer.length || count >= limit) return buffer.subarray(0, count);
      // It may go on: once more from its beginning, since what /proc shows may have changed.
      buffer = Buffer.allocUnsafeSlow(buffer.length * 4);
    }
  };

  return {
    root,
    self: ownNumber(root),
    bytes,
    text: (path, limit) => bytes(path, limit)?.toString("latin1") ?? null,
    names: (path) => attempt(() => readdirSync(`${root}/${path}`)),
    link: (path) => attempt(() => readlinkSync(`${root}/${path}`)),
  };
}

/** /proc/self is a link to our number in the PID namespace of the mount. */
function ownNumber(root: string): number {
  const target = attempt(() => readlinkSync(`${root}/self`));
  return target === null ? process.pid : Number(target);
}

function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    // Gone, hidden (hidepid) or forbidden: there is nothing to be known.
    return null;
  }
}

const nodeCalls: FileCalls = {
  readFile: (path, buffer) => {
    const fd = attempt(() => openSync(path, "r"));
    if (fd === null) return -1;
    let filled = 0;
    for (;;) {
      const count = attempt(() => readSync(fd, buffer, filled, buffer.length - filled, null));
      filled += count ?? 0;
      if (count === null || count === 0 || filled === buffer.length) {
        closeSync(fd);
        return count === null ? -1 : filled;
      }
    }
  },
};
