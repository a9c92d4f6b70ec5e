import { closeSync, fstatSync } from "node:fs";

import { FileSet } from "./file-set.js";
import { inodeOf, openFile, rotatedName } from "./opened-file.js";
import type { OpenedFile } from "./opened-file.js";
import type { LogFile } from "./log-files.js";
import type { LogRow } from "./log-row.js";
import { RowParser } from "./parse-row.js";
import { readAt } from "./row-blocks.js";
import { RowSplitter } from "./row-chunks.js";
import type { FollowPoint, LogSource } from "./service-reading.js";

/** Read at once; so much of one service comes before another is looked at. */
const turnBytes = 1024 * 1024;

/**
 * Reads what is appended to a service's file, over its rotations, from a place on that another reading has reached. It looks only when it is asked to (`read`). A file that was rotated
 * is read to its end first: nothing is written to it any more.
 */
export class FileFollower {
  readonly source: LogSource;
  readonly #parser: RowParser;
  readonly #onProblem: (message: string) => void;
  #file: OpenedFile | null;
  #offset: number;
  #splitter: RowSplitter;
  #lastSeq: number | null;
  /** Rotated files that have been read. */
  #known: ReadonlySet<string>;

  /** The file of `at` is closed by `close`. */
  constructor(source: LogSource, at: FollowPoint, onProblem: (message: string) => void) {
    this.source = source;
    this.#onProblem = onProblem;
    this.#parser = new RowParser(source.service, source.form);
    this.#file = at.file;
    this.#offset = at.offset;
    this.#lastSeq = at.lastSeq;
    this.#splitter = new RowSplitter(this.#parser, this.#offset);
    this.#known = new Set(at.rotated);
  }

  /** What has come since the last call, about `turnBytes` of a file at once; empty: nothing, for now. Throws the error of open(2) or read(2). */
  async read(): Promise<LogRow[]> {
    const rows: LogRow[] = [];
    if (this.#file !== null) {
      // First whether it is still the current one: what is read behind that is then all of it.
      const rotated = inodeOf(this.source.path) !== this.#file.inode;
      const more = this.#take(rows);
      if (more || !rotated || rows.length > 0) return rows;
      const { bytes } = this.#splitter.rest;
      if (bytes.length > 0) rows.push(this.#parser.parse(bytes, 0, bytes.length));
    }
    await this.#next(rows);
    return rows;
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file.fd);
    this.#file = null;
  }

  /** True: the file holds more than was taken in this turn. */
  #take(rows: LogRow[]): boolean {
    if (this.#file === null) return false;
    const { size } = fstatSync(this.#file.fd);
    // Somebody has cut it; where it was its writer, no more than a row that a full disk did not take whole.
    if (size < this.#offset) this.#from(size < this.#splitter.rest.offset ? 0 : size);
    while (this.#offset < size && rows.length === 0) {
      const length = Math.min(turnBytes, size - this.#offset);
      const chunk = readAt(this.#file.fd, this.#offset, length);
      if (chunk.length === 0) return false;
      this.#offset += chunk.length;
      this.#splitter.each(chunk, (row) => this.#push(rows, row));
    }
    return this.#offset < size;
  }

  /** The files that came since ours was rotated: those in between as a whole, and from the current one on. */
  async #next(rows: LogRow[]): Promise<void> {
    const set = FileSet.open(this.source.path, this.#onProblem);
    try {
      const ours = this.#file === null ? null : inodeAt(set, this.#file.inode);
      const last = set.files.length - 1;
      const hasCurrent = set.files[last]?.current === true;
      if (this.#file !== null && ours === last && hasCurrent) return;
      for (const [index, file] of set.files.entries()) {
        if (file.current || this.#isKnown(file, index, ours)) continue;
        await this.#whole(set, index, rows, ours !== null);
      }
      this.#known = new Set(set.files.filter((file) => !file.current).map(rotatedName));
      const current = hasCurrent ? set.take(last) : null;
      if (current === null && this.#file === null) return;
      this.close();
      this.#file = current;
      this.#from(0);
      this.#take(rows);
    } finally {
      set.close();
    }
  }

  #isKnown(file: LogFile, index: number, ours: number | null): boolean {
    return ours === null ? this.#known.has(rotatedName(file)) : index <= ours;
  }

  /** `sure`: it holds nothing that was read. Else it may be the one that we know, under another name: its numbers tell. */
  async #whole(set: FileSet, index: number, rows: LogRow[], sure: boolean): Promise<void> {
    const before = this.#lastSeq;
    const splitter = new RowSplitter(this.#parser, 0);
    const take = (row: LogRow): void => {
      if (sure || before === null || row.seq === null || row.seq > before) this.#push(rows, row);
    };
    for await (const chunk of set.chunks(index, 0, null)) splitter.each(chunk, take);
    const { bytes } = splitter.rest;
    if (bytes.length > 0) take(this.#parser.parse(bytes, 0, bytes.length));
  }

  #push(rows: LogRow[], row: LogRow): void {
    if (row.seq !== null) this.#lastSeq = row.seq;
    rows.push(row);
  }

  #from(offset: number): void {
    this.#offset = offset;
    this.#splitter = new RowSplitter(this.#parser, offset);
  }
}

/** Number of the plain file with this inode among those of the set; null: there is none. */
function inodeAt(set: FileSet, inode: number): number | null {
  for (let index = set.files.length - 1; index >= 0; index -= 1) {
    const file = set.files[index];
    if (file === undefined || file.compression !== null) continue;
    const opened = file.current ? set.file(index) : openFile(file.path, null);
    if (opened === null) continue;
    if (!file.current) closeSync(opened.fd);
    if (opened.inode === inode) return index;
  }
  return null;
}
