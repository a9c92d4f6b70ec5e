import { constants, fstatSync } from "node:fs";
import { dirname } from "node:path";
import { makeDirectories } from "@supervise/sys";

import { rotateFiles } from "./file-rotation.js";
import type { FileRows } from "./file-rows.js";
import type { FileMark } from "./ledger.js";
import type { LineBatch } from "./line-batch.js";
import { causeOf, errno, errnoOf, type LogKernel, type LogProblem } from "./problem.js";
import { endsInRow, writtenSince } from "./torn-row.js";

const newline = 10;
const endOfRow: Buffer = Buffer.from("\n");
const fileMode = 0o640;
const directoryMode = 0o750;
const ENOENT = -2;
/** Not to hang on a FIFO without a reader; for a file it has no meaning. */
const openFlags =
  constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;

/** What all log files of a hub share. */
export interface FileOwner {
  readonly kernel: LogKernel;
  readonly rows: FileRows;
  clock(): number;
  problem(problem: LogProblem): void;
}

/**
 * One log file, opened with its first line; several services may share it. Whole rows are appended, one write for each batch. When the
 * kernel refuses (disk full, I/O error) the services go on: lines are counted instead, every batch tries again, and a gap row stands where they
 * are missing. A row of which the kernel took only a part is kept until the rest is written, so that no row is ever torn.
 */
export class FileSink {
  readonly path: string;
  /** Services that write here; the hub's to count. */
  users = 0;
  readonly #owner: FileOwner;
  readonly #lost = new Map<string, number>();
  #maxSizeBytes: number | null = null;
  #maxFiles = 1;
  #fd = -1;
  #size = 0;
  /** The size over which the file is rotated; moved on when a rotation was not possible. */
  #rotateOver = Number.POSITIVE_INFINITY;
  #inode = 0;
  #rest: Buffer | null = null;
  /** What another process wrote of the rows that come next. */
  #there: Buffer | null = null;
  #failure = 0;

  constructor(path: string, owner: FileOwner) {
    this.path = path;
    this.#owner = owner;
  }

  /** `maxSizeBytes` null: no rotation. `maxFiles` counts the current file. */
  setRotation(maxSizeBytes: number | null, maxFiles: number): void {
    this.#maxSizeBytes = maxSizeBytes;
    this.#maxFiles = maxFiles;
    this.#rotateOver = maxSizeBytes ?? Number.POSITIVE_INFINITY;
  }

  /** What the file is before the next row; null where it can't be opened. */
  mark(): FileMark | null {
    if (this.#fd < 0 && !this.#openAtRow()) return null;
    return { inode: this.#inode, size: this.#size };
  }

  /** The rows that come next were written at least in part by another process, after this mark: what is there is left out. */
  leaveOut(since: FileMark): void {
    this.#there = writtenSince(this.path, since);
  }

  write(batch: LineBatch): void {
    const { rows } = this.#owner.rows;
    this.#owner.rows.put(batch, () => {
      this.#writeRows(rows.bytes, rows.used, batch.source.name);
      rows.used = 0;
    });
  }

  /** Tries once more to write what is outstanding, and lets go of the file. */
  close(): void {
    const outstanding = this.#rest !== null || this.#lost.size > 0;
    if (outstanding && !this.#isReady()) {
      const torn = this.#rest === null ? 0 : 1;
      const lines = [...this.#lost.values()].reduce((sum, count) => sum + count, torn);
      this.#say(
        `cannot write log file "${this.path}": ${causeOf(this.#failure)}; ${lineCount(lines)} lost`,
      );
    }
    if (this.#fd >= 0) this.#owner.kernel.close(this.#fd);
    this.#fd = -1;
  }

  #writeRows(bytes: Buffer, end: number, service: string): void {
    let start = this.#there === null ? 0 : this.#lengthThere(bytes.subarray(0, end));
    if (start === end) return;
    if (!this.#isReady()) {
      this.#countLost(bytes, start, end, service);
      return;
    }
    while (start < end) {
      const stop = this.#rowsThatFit(bytes, start, end);
      if (stop === start) {
        if (this.#rotate()) continue;
        // The file is not there any more, or it stays and grows.
        if (this.#fd < 0) break;
        this.#rotateOver = this.#size + end - start + (this.#maxSizeBytes ?? 0);
        continue;
      }
      const written = this.#writeAll(bytes, start, stop);
      start += written;
      if (start < stop) {
        if (bytes[start - 1] !== newline && written > 0) {
          const rowEnd = bytes.indexOf(newline, start) + 1;
          this.#rest = Buffer.from(bytes.subarray(start, rowEnd));
          start = rowEnd;
        }
        break;
      }
    }
    this.#countLost(bytes, start, end, service);
  }

  /** End of the rows from `start` on that the file still takes; `start` itself: rotate first. A row larger than a whole file gets its own. */
  #rowsThatFit(bytes: Buffer, start: number, end: number): number {
    const room = this.#rotateOver - this.#size;
    if (end - start <= room) return end;
    const last = room > 0 ? bytes.lastIndexOf(newline, start + room - 1) : -1;
    if (last >= start) return last + 1;
    return this.#size > 0 ? start : bytes.indexOf(newline, start) + 1;
  }

  /** Everything that must be written before new rows: an open file, the rest of a torn row, gap rows. */
  #isReady(): boolean {
    if (this.#fd < 0 && !this.#openAtRow()) return false;
    if (this.#rest !== null) {
      const rest = this.#rest;
      const written = this.#writeAll(rest, 0, rest.length);
      this.#rest = written < rest.length ? rest.subarray(written) : null;
      if (this.#rest !== null) return false;
    }
    for (const [service, count] of this.#lost) {
      const text = `${lineCount(count)} lost: ${causeOf(this.#failure)}`;
      const row = this.#owner.rows.gap(this.#owner.clock(), service, text);
      const written = this.#writeAll(row, 0, row.length);
      if (written > 0) this.#lost.delete(service);
      if (written < row.length) {
        if (written > 0) this.#rest = row.subarray(written);
        return false;
      }
    }
    this.#failure = 0;
    return true;
  }

  /** How many of the bytes another process has written. */
  #lengthThere(rows: Buffer): number {
    const there = this.#there ?? endOfRow;
    const length = Math.min(rows.length, there.length);
    const same = rows.subarray(0, length).equals(there.subarray(0, length));
    this.#there = same && there.length > length ? there.subarray(length) : null;
    return same ? length : 0;
  }

  #openAtRow(): boolean {
    if (!this.#open()) return false;
    // Where the row's rest is about to be written, it is no torn one.
    if (this.#there === null && endsInRow(this.path, this.#size)) this.#rest = endOfRow;
    return true;
  }

  #writeAll(bytes: Buffer, start: number, end: number): number {
    let at = start;
    while (at < end) {
      const result = this.#owner.kernel.write(this.#fd, bytes, at, end - at);
      if (result > 0) at += result;
      else if (result !== errno.EINTR) {
        this.#fail("write", result === 0 ? errno.EIO : result);
        break;
      }
    }
    this.#size += at - start;
    return at - start;
  }

  #open(): boolean {
    const { kernel } = this.#owner;
    let fd = kernel.open(this.path, openFlags, fileMode);
    if (fd === ENOENT) {
      try {
        makeDirectories(dirname(this.path), directoryMode);
        fd = kernel.open(this.path, openFlags, fileMode);
      } catch (thrown) {
        fd = errnoOf(thrown);
      }
    }
    if (fd < 0) {
      this.#fail("open", fd);
      return false;
    }
    this.#fd = fd;
    ({ size: this.#size, ino: this.#inode } = fstatSync(fd));
    return true;
  }

  /** False: the file was not changed for a new one. */
  #rotate(): boolean {
    const { kernel } = this.#owner;
    const result = rotateFiles(kernel, this.path, this.#maxFiles);
    if (result < 0) {
      this.#say(
        `cannot rotate log file "${this.path}": ${causeOf(result)}; it grows beyond its size`,
      );
      return false;
    }
    kernel.close(this.#fd);
    this.#fd = -1;
    this.#rotateOver = this.#maxSizeBytes ?? Number.POSITIVE_INFINITY;
    return this.#open();
  }

  #countLost(bytes: Buffer, start: number, end: number, service: string): void {
    let lines = 0;
    for (let at = start; at < end; at = bytes.indexOf(newline, at) + 1) lines += 1;
    if (lines > 0) this.#lost.set(service, (this.#lost.get(service) ?? 0) + lines);
  }

  /** Says a failure once; it is said again after lines could be written in between. */
  #fail(verb: "open" | "write", negativeErrno: number): void {
    if (this.#failure === 0) {
      this.#say(
        `cannot ${verb} log file "${this.path}": ${causeOf(negativeErrno)}; lines are counted until it can be written`,
      );
    }
    this.#failure = negativeErrno;
  }

  #say(message: string): void {
    this.#owner.problem({ kind: "file", message });
  }
}

function lineCount(lines: number): string {
  return lines === 1 ? "1 line" : `${lines} lines`;
}
