import { fstatSync, ftruncateSync } from "node:fs";
import type { Rotation, WriterOwner } from "./file-owner.js";
import { rotateFile } from "./file-rotation.js";
import type { RowStyle } from "./file-rows.js";
import { lastNumberIn } from "./last-number.js";
import type { FileMark } from "./ledger.js";
import type { LineBatch } from "./line-batch.js";
import type { FileState } from "./log-file.js";
import { openLogFile } from "./open-log-file.js";
import { FileTrouble } from "./file-trouble.js";
import { bothLost, loss, lossCause, type Here, type Lost } from "./file-loss.js";
import { causeOf, errno } from "./problem.js";
import { lineCount } from "./row-format.js";
import { RowsThere, rowsIn, rowsThatFit } from "./rows-there.js";
import type { NumberedRows } from "./threads/file-job.js";
import { endsInRow, statOf, writtenSince } from "./torn-row.js";

const newline = 10;
const endOfRow: Buffer = Buffer.from("\n");
/** Marks that wait until the file can be written; the oldest go. */
const marksKept = 100;
/**
 * One log file, opened with its first line; several services may share it. Whole rows are appended, one write for each batch. When the
 * kernel refuses (disk full, I/O error) the services go on: lines are counted instead, every batch tries again, and a gap row stands where they
 * are missing. A row of which the kernel took only a part is taken back, so that none is torn even if we die while the disk is full; where that is not
 * possible its rest is kept until it can be written.
 */
export class FileWriter {
  readonly path: string;
  style: RowStyle = { format: "plain", timestamps: "utc" };
  #rotation: Rotation = { maxSizeBytes: null, maxAgeMs: null, maxFiles: 1, compression: null };
  readonly #owner: WriterOwner;
  readonly #trouble: FileTrouble;
  readonly #lost = new Map<string, Lost>();
  #marks: Buffer[] = [];
  #fd = -1;
  #size = 0;
  /** The size over which the file is rotated; moved on when a rotation was not possible. */
  #rotateOver = Number.POSITIVE_INFINITY;
  #inode = 0;
  #rest: Buffer | null = null;
  /** What another process wrote of the rows that come next. */
  #there: RowsThere | null = null;
  /** The beginning of a row at the end of the file that nobody will end. */
  #tornBytes = 0;
  /** When the file was begun, in microseconds since the epoch. */
  #bornMicros = 0;
  /** Numbers of the lines of each service that this life of ours has put into the file. */
  readonly #here = new Map<string, Here>();
  /** Rows of a batch that came behind its last rotation; null: there was none. */
  #rowsBehind: number | null = null;
  #looked = false;
  /** Not a FIFO or a device, which have no size and cannot be cut off. */
  #regular = false;

  constructor(path: string, owner: WriterOwner) {
    this.path = path;
    this.#owner = owner;
    this.#trouble = new FileTrouble(path, (problem) => owner.problem(problem));
  }

  get rotation(): Rotation {
    return this.#rotation;
  }

  setRotation(rotation: Rotation): void {
    this.#rotation = rotation;
    this.#rotateOver = rotation.maxSizeBytes ?? Number.POSITIVE_INFINITY;
  }

  /** Changes the file for a new one now, unless it is empty. Returns why not: a negative errno. */
  rotateNow(): number {
    if (!this.settle()) return this.#trouble.failure;
    return this.#size === 0 || this.#rotate() ? 0 : errno.EIO;
  }

  mark(): FileMark | null {
    if (this.#fd >= 0) this.#look();
    this.#looked = true;
    if (this.#fd < 0 && !this.#openAtRow()) return null;
    return this.markNow;
  }

  get isOpen(): boolean {
    return this.#fd >= 0;
  }

  /** Rows that come next may be there already. */
  get leavesOut(): boolean {
    return this.#there !== null;
  }

  /** As `mark`, but nothing is looked at. */
  get markNow(): FileMark | null {
    return this.#fd < 0 ? null : { inode: this.#inode, size: this.#size };
  }

  leaveOut(since: FileMark): void {
    this.#there = new RowsThere(writtenSince(this.path, since));
  }

  write(batch: LineBatch): void {
    const { rows } = this.#owner.rows;
    const { name } = batch.source;
    this.#lookOnce();
    let here = this.#here.get(name) ?? this.#begin(name, batch.firstSeq);
    this.#owner.rows.put(this.style, batch, (lastSeq, bytes, start, end) => {
      here = this.#writeNumbered(name, here, lastSeq, bytes, start, end);
      rows.used = 0;
    });
  }

  /** Rows that are put together already. */
  writeRows({ service, firstSeq, lastSeq, bytes }: NumberedRows): void {
    this.#lookOnce();
    const here = this.#here.get(service) ?? this.#begin(service, firstSeq);
    const rows = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#writeNumbered(service, here, lastSeq, rows, 0, rows.length);
  }

  writeMark(row: Buffer): void {
    if (this.#linesLeftOf(row, 0, row.length) > 0)
      this.#marks = [...this.#marks, row].slice(-marksKept);
  }

  addLost(service: string, first: number, lines: number, cause: number): void {
    const before = this.#lost.get(service);
    const all = bothLost(before, { first, lines, cause });
    this.#lost.set(service, all);
    if (all.first !== before?.first) this.#owner.lost(service, all.first, all.cause);
  }

  /** Everything that must be written before new rows: an open file, the rest of a torn row, gap rows, marks that wait. */
  settle(): boolean {
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
    this.#trouble.failure = 0;
    return true;
  }

  get state(): FileState {
    return { lost: [...this.#lost], marks: this.#marks, rest: this.#rest, here: [...this.#here] };
  }

  /** Goes on with what another writer of the file has left. */
  resume({ lost, marks, rest, here }: FileState): void {
    for (const [service, each] of lost) this.#lost.set(service, each);
    this.#marks = marks.map((mark) => Buffer.from(mark));
    this.#rest = rest === null ? null : Buffer.from(rest);
    for (const [service, each] of here) this.#here.set(service, { ...each });
  }

  /** Lets go of the file, whose outstanding rows are another's. */
  leave(): void {
    if (this.#fd >= 0) this.#owner.kernel.close(this.#fd);
    this.#fd = -1;
  }

  close(): void {
    const outstanding = this.#rest !== null || this.#lost.size > 0;
    if (outstanding && !this.settle()) {
      const torn = this.#rest === null ? 0 : 1;
      const lines = [...this.#lost.values()].reduce((sum, lost) => sum + lost.lines, torn);
      this.#trouble.say(
        `cannot write log file "${this.path}": ${lossCause(this.#trouble.failure)}; ${lineCount(lines)} lost`,
      );
    }
    this.leave();
  }

  #lookOnce(): void {
    if (this.#fd >= 0 && this.#there === null && !this.#looked) this.#look();
    this.#looked = false;
  }

  #writeNumbered(
    service: string,
    before: Here,
    lastSeq: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): Here {
    let here = before;
    const lines = this.#linesLeftOf(bytes, start, end);
    if (this.#rowsBehind !== null) here = this.#begin(service, lastSeq - this.#rowsBehind + 1);
    this.#rowsBehind = null;
    here.last = lastSeq - lines;
    if (lines > 0) this.addLost(service, lastSeq - lines + 1, lines, this.#trouble.failure);
    return here;
  }

  #begin(service: string, first: number): Here {
    const here = { first, last: 0 };
    this.#here.set(service, here);
    return here;
  }

  /** Writes whole rows; how many of them could not be written. */
  #linesLeftOf(bytes: Buffer, from: number, end: number): number {
    let start = from;
    if (this.#there !== null) start += this.#lengthThere(this.#there, bytes.subarray(from, end));
    if (start > from && bytes[start - 1] !== newline) {
      // Whoever wrote the beginning of this row was killed in it: the rest of it comes before anything else.
      const rowEnd = bytes.indexOf(newline, start) + 1;
      this.#rest = Buffer.from(bytes.subarray(start, rowEnd));
      start = rowEnd;
    }
    if (start === end && this.#rest === null) return 0;
    if (!this.settle()) return rowsIn(bytes, start, end);
    if (this.#isTooOld() && this.#rotate()) this.#rowsBehind = rowsIn(bytes, start, end);
    if (this.#fd < 0) return rowsIn(bytes, start, end);
    while (start < end) {
      const room = this.#rotateOver - this.#size;
      const stop = rowsThatFit(bytes, start, end, room, this.#size === 0);
      if (stop === start) {
        if (this.#rotate()) {
          this.#rowsBehind = rowsIn(bytes, start, end);
          continue;
        }
        // The file is not there any more, or it stays and grows.
        if (this.#fd < 0) break;
        this.#rotateOver = this.#size + end - start + (this.#rotation.maxSizeBytes ?? 0);
        continue;
      }
      const written = this.#writeAll(bytes, start, stop);
      start += written;
      if (start < stop) {
        if (bytes[start - 1] !== newline && written > 0) {
          const rowStart = Math.max(from, bytes.lastIndexOf(newline, start - 1) + 1);
          const rowEnd = bytes.indexOf(newline, start) + 1;
          const back = this.#tookBack(start - rowStart);
          if (!back) this.#rest = Buffer.from(bytes.subarray(start, rowEnd));
          start = back ? rowStart : rowEnd;
        }
        break;
      }
    }
    return rowsIn(bytes, start, end);
  }

  #writeGap(service: string, { first, lines, cause: number }: Lost): boolean {
    const cause = lossCause(number);
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
    this.#trouble.say(
      `log file "${this.path}" lacks ${lineCount(lines)} of service "${service}": ${cause}`,
    );
    return true;
  }

  /** A row that comes before others. `begun` is called once any of it is in the file; false: not all of it is. */
  #writeOwn(row: Buffer, begun: () => void): boolean {
    const written = this.#writeAll(row, 0, row.length);
    if (written < row.length && this.#tookBack(written)) return false;
    if (written > 0) begun();
    if (written === row.length) return true;
    if (written > 0) this.#rest = row.subarray(written);
    return false;
  }

  /** Cuts the beginning of a row off again; false: that is not possible, or another process has written behind it. */
  #tookBack(length: number): boolean {
    const size = this.#size - length;
    try {
      if (!this.#regular || fstatSync(this.#fd).size !== this.#size) return false;
      ftruncateSync(this.#fd, size);
    } catch {
      // A file that may only be appended to.
      return false;
    }
    this.#size = size;
    return true;
  }

  #lengthThere(there: RowsThere, rows: Buffer): number {
    const length = there.lengthOf(rows);
    this.#tornBytes = there.tornBytes;
    if (there.done) this.#there = null;
    return length;
  }

  #openAtRow(): boolean {
    if (!this.#open()) return false;
    if (this.#tornBytes > 0) this.#tookBack(this.#tornBytes);
    this.#tornBytes = 0;
    // Where the row's rest is about to be written, it is no torn one.
    if (this.#rest === null && this.#there === null && endsInRow(this.path, this.#size))
      this.#rest = endOfRow;
    const { compression } = this.#rotation;
    if (compression !== null || this.#owner.limited) this.#owner.rotated();
    return true;
  }

  /** Has anybody moved, deleted or changed the file? One look before each batch, and none while nothing is written. */
  #look(): void {
    if (!this.#regular) return;
    const now = statOf(this.path);
    if (now?.ino === this.#inode && now.size === this.#size) return;
    if (now?.ino === this.#inode) {
      if (now.size < this.#size) this.#wasTruncated();
      this.#size = now.size;
      return;
    }
    const gone = fstatSync(this.#fd).nlink === 0;
    if (gone) this.#wasEmptied(loss.deleted, 0);
    else if (this.#rest !== null) this.#writeAll(this.#rest, 0, this.#rest.length);
    this.#rest = null;
    this.leave();
    this.#here.clear();
    if (gone) this.#trouble.say(`log file "${this.path}" was deleted; it is made anew`);
  }

  #wasTruncated(): void {
    this.#trouble.say(`log file "${this.path}" was truncated; writing goes on at its end`);
    this.#wasEmptied(loss.truncated, null);
    const size = statOf(this.path)?.size ?? 0;
    this.#rest = endsInRow(this.path, size) ? endOfRow : null;
  }

  /** Counts the lines of ours that are not in the file any more. `kept`: the last that is; null: it has to be looked up. */
  #wasEmptied(cause: number, kept: number | null): void {
    for (const [service, { first, last }] of this.#here) {
      const from = Math.max(first, (kept ?? lastNumberIn(this.path, service)) + 1);
      if (last >= from) this.addLost(service, from, last - from + 1, cause);
    }
  }

  #isTooOld(): boolean {
    const { maxAgeMs } = this.#rotation;
    if (maxAgeMs === null || this.#size === 0) return false;
    return this.#owner.clock() - this.#bornMicros >= maxAgeMs * 1000;
  }

  #writeAll(bytes: Buffer, start: number, end: number): number {
    let at = start;
    while (at < end) {
      const result = this.#owner.kernel.write(this.#fd, bytes, at, end - at);
      if (result > 0) at += result;
      else if (result !== errno.EINTR) {
        this.#trouble.fail("write", result === 0 ? errno.EIO : result);
        break;
      }
    }
    this.#size += at - start;
    return at - start;
  }

  #open(): boolean {
    const fd = openLogFile(this.#owner.kernel, this.path);
    if (fd < 0) {
      this.#trouble.fail("open", fd);
      return false;
    }
    this.#fd = fd;
    const stat = fstatSync(fd);
    this.#size = stat.size;
    this.#inode = stat.ino;
    this.#regular = stat.isFile();
    this.#bornMicros = 1000 * (stat.birthtimeMs > 0 ? stat.birthtimeMs : stat.mtimeMs);
    return true;
  }

  /** False: the file was not changed for a new one. */
  #rotate(): boolean {
    const result = rotateFile(this.path, this.#owner.clock());
    if (result < 0) {
      this.#trouble.say(
        `cannot rotate log file "${this.path}": ${causeOf(result)}; it grows beyond its size`,
      );
      return false;
    }
    this.leave();
    this.#here.clear();
    this.#rotateOver = this.#rotation.maxSizeBytes ?? Number.POSITIVE_INFINITY;
    this.#owner.rotated();
    return this.#open();
  }
}
