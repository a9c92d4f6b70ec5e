import { readSync } from "node:fs";

const newline = 10;
/** Read at once from the end: more than the newest hundred lines take, as a rule. */
const backBytes = 64 * 1024;

/** Where a row stands in its file. */
export interface FoundRow {
  /** Of its first byte in the file. */
  readonly offset: number;
  /** Without its newline. */
  readonly bytes: Buffer;
}

/** Reads as much of `length` bytes at `position` as there is. Throws the error of read(2). */
export function readAt(fd: number, position: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let used = 0;
  while (used < length) {
    const count = readSync(fd, bytes, used, length - used, position + used);
    if (count === 0) break;
    used += count;
  }
  return used === length ? bytes : bytes.subarray(0, used);
}

/**
 * The whole rows before `end`, the last first, in blocks from the end: what stands before the row that was asked for last is not read. What follows the last
 * newline is no whole row. Of rows that begin before `from` none is told.
 */
export function* rowsFromEnd(fd: number, from: number, end: number): Generator<FoundRow> {
  /** Bytes from `position` on that are not yet told: up to the newline that ends them. */
  let rest: Buffer = Buffer.alloc(0);
  let position = end;
  let whole = false;
  while (position > from) {
    // A row that is longer than a block is looked for in ever larger ones, so that it is not copied over and over.
    const length = Math.min(Math.max(backBytes, rest.length), position - from);
    const block = readAt(fd, position - length, length);
    if (block.length < length) return;
    position -= length;
    const bytes = rest.length === 0 ? block : Buffer.concat([block, rest]);
    let stop = bytes.length;
    if (!whole) {
      stop = bytes.lastIndexOf(newline);
      if (stop < 0) {
        rest = bytes;
        continue;
      }
      whole = true;
    } else stop -= 1;
    // `stop` is where the newline of the row stands that is looked for.
    for (;;) {
      const before = stop === 0 ? -1 : bytes.lastIndexOf(newline, stop - 1);
      if (before < 0) break;
      yield { offset: position + before + 1, bytes: bytes.subarray(before + 1, stop) };
      stop = before;
    }
    rest = bytes.subarray(0, stop + 1);
  }
  if (whole && rest.length > 0)
    yield { offset: position, bytes: rest.subarray(0, rest.length - 1) };
}
