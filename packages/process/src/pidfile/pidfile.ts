import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { Kernel, Result } from "@supervise/sys";
import { errnoOf } from "../errno-text.js";

/** PID_MAX_LIMIT of linux/threads.h: no process has a larger number. */
const LARGEST_PID = 4 * 1024 * 1024;
/** Daemons that note more than their PID (PostgreSQL) have it in the first line. */
const READ_BYTES = 4096;

/** Bytes: the largest number, its newline, and one more that tells a longer file. */
const LONGEST_OWN = 12;

/** What is in a file that should hold a PID; nothing is said yet about the process. */
export type PidfileContent =
  /** `missing`: its directory, where that is not there either. */
  | { readonly kind: "absent"; readonly missing?: string }
  /** `complete`: the line is ended by a newline. */
  | {
      readonly kind: "number";
      readonly pid: number;
      readonly complete: boolean;
      readonly modifiedMs: number;
    }
  | { readonly kind: "empty"; readonly modifiedMs: number }
  | { readonly kind: "malformed"; readonly found: Uint8Array }
  /** Not a file that can be trusted, or none at all; `why` is the rest of a sentence that begins with "it". */
  | { readonly kind: "untrusted"; readonly why: string };

/** Writes "PID\n" by rename: readers see the old file or the new one. 0 or a negative errno. */
export function writePidfile(
  kernel: Pick<Kernel, "replaceFile">,
  path: string,
  pid: number,
): Result {
  return kernel.replaceFile(path, `${pid}\n`, 0o644);
}

/** Removes a file that {@link writePidfile} wrote, only if it still holds this number: it may have become another's. True: removed. */
export function removePidfile(
  kernel: Pick<Kernel, "readFile" | "unlink">,
  path: string,
  pid: number,
): boolean {
  const found = new Uint8Array(LONGEST_OWN);
  const length = kernel.readFile(path, found);
  const written = `${pid}\n`;
  return (
    length === written.length &&
    Buffer.from(found.buffer).toString("latin1", 0, length) === written &&
    kernel.unlink(path) === 0
  );
}

/**
 * Reads a pidfile without trusting it: no symbolic link is followed at its end, no FIFO or device opened for long, and where anybody may write into
 * the directory, the file must be root's, ours, or one of `owners` (user ids), and have no other name: anybody may have linked it there.
 */
export function readPidfile(path: string, owners: readonly number[]): PidfileContent {
  try {
    // Looked at before it is opened, since opening a device may already do something.
    const named = lstatSync(path);
    if (!named.isFile()) return { kind: "untrusted", why: `is ${kindOf(named)}, not a file` };
    const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stat = fstatSync(fd);
      if (!stat.isFile()) return { kind: "untrusted", why: `is ${kindOf(stat)}, not a file` };
      const trusted = [0, process.geteuid?.() ?? 0, ...owners];
      const isTrusted = trusted.includes(stat.uid) && stat.nlink <= 1;
      if (!isTrusted && isWorldWritable(dirname(path))) {
        const flaw = stat.nlink > 1 ? "has other names" : `belongs to user ${stat.uid}`;
        return {
          kind: "untrusted",
          why: `${flaw} and lies in a directory that anybody may write to`,
        };
      }
      const buffer = Buffer.alloc(READ_BYTES);
      return parse(buffer.subarray(0, readSync(fd, buffer, 0, READ_BYTES, 0)), stat.mtimeMs);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === "ENOENT" || errno === "ENOTDIR") return absent(path);
    return {
      kind: "untrusted",
      why: errno === "ELOOP" ? "is a symbolic link, not a file" : `cannot be read (${errno})`,
    };
  }
}

/** Which writing of a file it is. A change time can't be set by anybody, so that an equal mark means: not written since. */
export interface PidfileMark {
  readonly device: bigint;
  readonly inode: bigint;
  readonly changedNs: bigint;
}

/** Null: there is no such file. */
export function markPidfile(path: string): PidfileMark | null {
  try {
    const { dev, ino, ctimeNs } = lstatSync(path, { bigint: true });
    return { device: dev, inode: ino, changedNs: ctimeNs };
  } catch {
    return null;
  }
}

function absent(path: string): PidfileContent {
  const directory = dirname(path);
  const isThere = statSync(directory, { throwIfNoEntry: false })?.isDirectory() === true;
  return isThere ? { kind: "absent" } : { kind: "absent", missing: directory };
}

function parse(bytes: Buffer, modifiedMs: number): PidfileContent {
  const text = bytes.toString("latin1");
  if (text === "") return { kind: "empty", modifiedMs };
  const end = text.indexOf("\n");
  const line = end < 0 ? text : text.slice(0, end);
  const digits = /^[ \t]*(\d{1,10})[ \t\r]*$/.exec(line)?.[1];
  const pid = Number(digits ?? 0);
  if (pid < 1 || pid > LARGEST_PID) return { kind: "malformed", found: bytes };
  return { kind: "number", pid, complete: end >= 0, modifiedMs };
}

function kindOf(stat: ReturnType<typeof statSync> & object): string {
  if (stat.isSymbolicLink()) return "a symbolic link";
  if (stat.isDirectory()) return "a directory";
  if (stat.isFIFO()) return "a FIFO";
  if (stat.isSocket()) return "a socket";
  return "a device";
}

function isWorldWritable(directory: string): boolean {
  return (statSync(directory).mode & 0o002) !== 0;
}
