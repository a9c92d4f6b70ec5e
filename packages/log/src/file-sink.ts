import { constants, fstatSync } from "node:fs";
import { dirname } from "node:path";
import { makeDirectories } from "@supervise/sys";

import { rotateFile } from "./file-rotation.js";
import type { FileRows, RowStyle } from "./file-rows.js";
import type { FileMark } from "./ledger.js";
import type { LineBatch } from "./line-batch.js";
import { causeOf, errno, errnoOf, type LogKernel, type LogProblem } from "./problem.js";
import { lineCount } from "./row-format.js";
import { endsInRow, writtenSince } from "./torn-row.js";

const newline = 10;
const endOfRow: Buffer = Buffer.from("\n");
const fileMode = 0o640;
const directoryMode = 0o750;
const ENOENT = -2;
/** Not to hang on a FIFO without a reader; for a file it has no meaning. */
const openFlags =
  constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;
/** Marks that wait until the file can be written; the oldest go. */
const marksKept = 100;

/** What all log files of a hub share. */
export interface FileOwner {
  readonly kernel: LogKernel;
  readonly rows: FileRows;
  clock(): number;
  problem(problem: LogProblem): void;
  /** Lines of the service from this number on are not in its file; 0: a gap row says so, or there are none. */
  lost(service: string, from: number, negativeErrno: number): void;
  /** The file has been rotated: what is left to do about its older ones is to be done once no line is on its way. */
  rotated(sink: FileSink): void;
}

interface Lost {
  readonly first: number;
  readonly lines: number;
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
  style: RowStyle = { format: "plain", timestamps: "utc" };
  maxFiles = 1;
  readonly #owner: FileOwner;
  readonly #lost = new Map<string, Lost>();
  #marks: Buffer[] = [];
  #maxSizeBytes: number | null = null;
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
    this.maxFiles = maxFiles;
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
    this.#owner.rows.put(this.style, batch, (lastSeq) => {
      const lines = this.#linesLeftOf(rows.bytes, rows.used);
      if (lines > 0) this.addLost(batch.source.name, lastSeq - lines + 1, lines, this.#failure);
      rows.used = 0;
    });
  }

  /** A row of our own, which is no line. Where it cannot be written it waits. */
  writeMark(row: Buffer): void {
    if (this.#linesLeftOf(row, row.length) > 0)
      this.#marks = [...this.#marks, row].slice(-marksKept);
  }

  /** So many lines of the service, from number `first` on, are not in the file. A gap row will say so. */
  addLost(service: string, first: number, lines: number, negativeErrno: number): void {
    const before = this.#lost.get(service);
    this.#lost.set(service, {
      first: before?.first ?? first,
      lines: (before?.lines ?? 0) + lines,
    });
    this.#failure = negativeErrno;
    if (before === undefined) this.#owner.lost(service, first, negativeErrno);
  }

  /** Tries once more to write what is outstanding, and lets go of the file. */
  close(): void {
    const outstanding = this.#rest !== null || this.#lost.size > 0;
    if (outstanding && !this.#isReady()) {
      const torn = this.#rest === null ? 0 : 1;
      const lines = [...this.#lost.values()].reduce((sum, lost) => sum + lost.lines, torn);
      this.#say(
        `cannot write log file "${this.path}": ${causeOf(this.#failure)}; ${lineCount(lines)} lost`,
      );
    }
    if (this.#fd >= 0) this.#owner.kernel.close(this.#fd);
    this.#fd = -1;
  }

  /** Writes whole rows; how many of them could not be written. */
  #linesLeftOf(bytes: Buffer, end: number): number {
    let start = this.#there === null ? 0 : this.#lengthThere(bytes.subarray(0, end));
    if (start === end) return 0;
    if (!this.#isReady()) return rowsIn(bytes, start, end);
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
    return rowsIn(bytes, start, end);
  }

  /** End of the rows from `start` on that the file still takes; `start` itself: rotate first. A row larger than a whole file gets its own. */
  #rowsThatFit(bytes: Buffer, start: number, end: number): number {
    const room = this.#rotateOver - this.#size;
    if (end - start <= room) return end;
    const last = room > 0 ? bytes.lastIndexOf(newline, start + room - 1) : -1;
    if (last >= start) return last + 1;
    return this.#size > 0 ? start : bytes.indexOf(newline, start) + 1;
  }

  /** Everything that must be written before new rows: an open file, the rest of a torn row, gap rows, marks that wait. */
  #isReady(): boolean {
    if (this.#fd < 0 && !this.#openAtRow()) return false;
    if (this.#rest !== null) {
      const rest = this.#rest;
      const written = this.#writeAll(rest, 0, rest.length);
      this.#rest = written < rest.length ? rest.subarray(written) : null;
      if (this.#rest !== null) return false;
    }
    for (const [service, lost] of this.#lost) {
      if (!this.#writeGap(service, lost)) return false;
    }
    for (let mark = this.#marks[0]; mark !== undefined; mark = this.#marks[0]) {
      if (!this.#writeOwn(mark, () => this.#marks.shift())) return false;
    }
    this.#failure = 0;
    return true;
  }

  #writeGap(service: string, { first, lines }: Lost): boolean {
    const cause = causeOf(this.#failure);
    const row = this.#owner.rows.gap(this.style, this.#owner.clock(), service, {
      first,
      lines,
      cause,
    });
    const told = (): void => {
      this.#lost.delete(service);
      this.#owner.lost(service, 0, 0);
    };
    if (row !== null) return this.#writeOwn(row, told);
    told();
    this.#say(
      `log file "${this.path}" lacks ${lineCount(lines)} of service "${service}": ${cause}`,
    );
    return true;
  }

  /** A row that comes before others. `begun` is called once any of it is in the file; false: not all of it is. */
  #writeOwn(row: Buffer, begun: () => void): boolean {
    const written = this.#writeAll(row, 0, row.length);
    if (written > 0) begun();
    if (written === row.length) return true;
    if (written > 0) this.#rest = row.subarray(written);
    return false;
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
    const result = rotateFile(this.path, this.#owner.clock());
    if (result < 0) {
      this.#say(
        `cannot rotate log file "${this.path}": ${causeOf(result)}; it grows beyond its size`,
      );
      return false;
    }
    kernel.close(this.#fd);
    this.#fd = -1;
    this.#rotateOver = this.#maxSizeBytes ?? Number.POSITIVE_INFINITY;
    this.#owner.rotated(this);
    return this.#open();
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

function rowsIn(bytes: Buffer, start: number, end: number): number {
  let rows = 0;
  for (let at = start; at < end; at = bytes.indexOf(newline, at) + 1) rows += 1;
  return rows;
}
