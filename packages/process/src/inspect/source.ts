import type { Kernel } from "@supervise/sys";
import { readdirSync, statSync } from "node:fs";
import type { Stats } from "node:fs";
import { errnoNumber } from "@supervise/sys";

/** The calls that looking at processes needs; a `Kernel` has them. */
export type InspectCalls = Pick<
  Kernel,
  | "readFile"
  | "readLink"
  | "descriptorList"
  | "fileAttribute"
  | "netlinkSocket"
  | "read"
  | "write"
  | "close"
>;

/** proc(5), read synchronously, with the errno of what cannot be read: a snapshot says why it lacks something. Paths begin below the mount. */
export interface InspectSource {
  readonly calls: InspectCalls;
  /** Where proc is mounted, "/proc". */
  readonly root: string;
  /** Content, at most `limit` bytes, valid until the next read; or a negative errno. */
  bytes(path: string, limit?: number): Buffer | number;
  /** The same, one character a byte. */
  text(path: string, limit?: number): string | number;
  /** Target of a link as UTF-8. */
  link(path: string): string | number;
  names(path: string): readonly string[] | number;
  /** stat(2), through the link where it is one; null: it fails. */
  stat(path: string): Stats | null;
}

/** Files of proc are made page by page; most need one. */
const FIRST_BUFFER_BYTES = 16 * 1024;
/** Twice PATH_MAX: " (deleted)" and the like come behind the path. */
const LINK_BYTES = 8192;

/** `root`: where proc is mounted. */
export function openInspectSource(calls: InspectCalls, root = "/proc"): InspectSource {
  let buffer = Buffer.allocUnsafeSlow(FIRST_BUFFER_BYTES);
  const target = Buffer.allocUnsafeSlow(LINK_BYTES);
  const bytes = (path: string, limit = Number.POSITIVE_INFINITY): Buffer | number => {
    for (;;) {
      const room = limit < buffer.length ? buffer.subarray(0, limit) : buffer;
      const count = calls.readFile(`${root}/${path}`, room);
      if (count < 0) return count;
      if (count < buffer.length || count >= limit) return buffer.subarray(0, count);
      // It may go on: once more from its beginning, since what /proc shows may have changed.
      buffer = Buffer.allocUnsafeSlow(buffer.length * 4);
    }
  };
  return {
    calls,
    root,
    bytes,
    text(path, limit) {
      const found = bytes(path, limit);
      return typeof found === "number" ? found : found.toString("latin1", 0, found.length);
    },
    link(path) {
      const count = calls.readLink(`${root}/${path}`, target);
      return count < 0 ? count : target.toString("utf8", 0, count);
    },
    names: (path) => attempt(() => readdirSync(`${root}/${path}`)),
    stat(path) {
      const found = attempt(() => statSync(`${root}/${path}`, { throwIfNoEntry: false }));
      return typeof found === "number" || found === undefined ? null : found;
    },
  };
}

const EIO = -5;

function attempt<T>(read: () => T): T | number {
  try {
    return read();
  } catch (error) {
    return errnoNumber((error as NodeJS.ErrnoException).code ?? "") ?? EIO;
  }
}

/** All processes that this /proc shows, in order of their numbers. */
export function pidsOf(source: InspectSource): readonly number[] {
  const names = source.names(".");
  return typeof names === "number" ? [] : names.map(Number).filter((pid) => pid > 0);
}
