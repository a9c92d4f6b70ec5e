import { closeSync, constants, fstatSync, openSync, readSync, statSync, type Stats } from "node:fs";

import type { FileMark } from "./ledger.js";
import { rotatedFiles } from "./rotated-names.js";

const newline = 10;

/**
 * Does the file of `size` bytes end within a row? So it does when its last writer was killed in its write, or the power went. False where the
 * file cannot be read.
 */
export function endsInRow(path: string, size: number): boolean {
  if (size === 0) return false;
  const last = Buffer.alloc(1);
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return readSync(fd, last, 0, 1, size - 1) === 1 && last[0] !== newline;
    } finally {
      closeSync(fd);
    }
  } catch {
    // A file that may only be appended to: then the new row follows whatever is there.
    return false;
  }
}

/** No chunk makes more rows than this many bytes, were each of its lines an empty one. */
const longestBytes = 48 * 1024 * 1024;

/** What was appended to the log file since, however often it was rotated meanwhile. */
export function writtenSince(path: string, { inode, size }: FileMark): Buffer {
  const files = [...rotatedFiles(path), path];
  const parts: Buffer[] = [];
  for (const file of files.toReversed()) {
    const since = readFrom(file, inode, size);
    if (since !== null) return Buffer.concat([since, ...parts]);
    parts.unshift(readFrom(file, null, 0) ?? Buffer.alloc(0));
    if (parts.reduce((sum, part) => sum + part.length, 0) > longestBytes) break;
  }
  // The file is gone: then rows may come twice, but none is lost.
  return Buffer.alloc(0);
}

/** Null: it is not there, or another file (`inode` null: any will do). */
function readFrom(path: string, inode: number | null, start: number): Buffer | null {
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stat = fstatSync(fd);
      if (inode !== null && stat.ino !== inode) return null;
      const bytes = Buffer.alloc(Math.max(0, Math.min(stat.size - start, longestBytes)));
      return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, start));
    } finally {
      closeSync(fd);
    }
  } catch {
    // Not there, or not to be read by us: then rows may come twice, but none is lost.
    return null;
  }
}

/** Null: there is nothing, or nobody can tell. */
export function statOf(path: string): Stats | null {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? null;
  } catch {
    return null;
  }
}
