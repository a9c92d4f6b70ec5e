import { closeSync, constants, openSync, readSync, readdirSync, readlinkSync } from "node:fs";
import type { Kernel } from "@supervise/sys";

/** The three calls that reading needs; a `Kernel` has them. */
export type FileCalls = Pick<Kernel, "open" | "read" | "close">;

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
    const fd = calls.open(`${root}/${path}`, constants.O_RDONLY | constants.O_NONBLOCK, 0);
    if (fd < 0) return null;
    let filled = 0;
    while (filled < limit) {
      if (filled === buffer.length) {
        const larger = Buffer.allocUnsafeSlow(buffer.length * 2);
        buffer.copy(larger);
        buffer = larger;
      }
      const count = calls.read(
        fd,
        buffer,
        filled,
        Math.min(buffer.length - filled, limit - filled),
      );
      if (count === 0) break;
      if (count < 0) {
        calls.close(fd);
        return null;
      }
      filled += count;
    }
    calls.close(fd);
    return buffer.subarray(0, filled);
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
  open: (path, flags, mode) => attempt(() => openSync(path, flags, mode)) ?? -1,
  read: (fd, buffer, offset, length) =>
    attempt(() => readSync(fd, buffer, offset, length, null)) ?? -1,
  close: (fd) => {
    closeSync(fd);
    return 0;
  },
};
