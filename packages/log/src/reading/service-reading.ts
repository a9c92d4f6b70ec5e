import { guarded } from "./file-problem.js";
import { FileSet } from "./file-set.js";
import type { RowPosition } from "./file-set.js";
import type { LogRow, RowForm } from "./log-row.js";
import { rotatedName } from "./opened-file.js";
import type { OpenedFile } from "./opened-file.js";
import { RowParser } from "./parse-row.js";
import { RowSplitter } from "./row-chunks.js";
import { rowsFromEnd } from "./row-blocks.js";
import { rangeOfRun, runBefore } from "./run-search.js";
import { tailStart } from "./tail-start.js";
import { endOfTime, positionOfTime } from "./time-search.js";

/** The files of one service, and how to read them. */
export interface LogSource {
  readonly service: string;
  /** The file that is written to. */
  readonly path: string;
  readonly form: RowForm;
}

/** Which rows of a service are wanted. */
export interface RowQuery {
  /** The last so many rows that `counts` is true of, and whatever stands between them; null: all. */
  readonly lines: number | null;
  readonly counts: (row: LogRow) => boolean;
  /** Microseconds since the epoch, both included; null: no limit. */
  readonly sinceMicros: number | null;
  readonly untilMicros: number | null;
  /** Null: all runs. */
  readonly run: number | "previous" | null;
  /** `ServiceReading.run` is wanted. */
  readonly tellRun: boolean;
}

/** Where one reading has ended and a follower goes on. */
export interface FollowPoint {
  /** The file that was the current one; null: there was none. */
  readonly file: OpenedFile | null;
  /** Bytes of it that were read: whole rows. */
  readonly offset: number;
  /** Number of the last line that was read; null: not known. */
  readonly lastSeq: number | null;
  /** Names of the rotated files then, without what compression adds. */
  readonly rotated: readonly string[];
}

/** One reading of what a service's files hold at this moment. Close it. */
export class ServiceReading {
  readonly source: LogSource;
  readonly #set: FileSet;
  readonly #parser: RowParser;
  #query: RowQuery;
  #run: number | null = null;
  /** Bytes of the current file that were read: whole rows. Null: none was. */
  #end: number | null = null;
  #lastSeq: number | null = null;

  /** `onProblem` is told of a file that cannot be read on; the others are read all the same. Throws where the current file cannot be opened. */
  constructor(source: LogSource, query: RowQuery, onProblem: (message: string) => void) {
    this.source = source;
    this.#query = query;
    this.#parser = new RowParser(source.service, source.form);
    this.#set = guarded(source.path, () => FileSet.open(source.path, onProblem));
  }

  /** The run that the first row belongs to, where it was asked for and can be told without reading everything; once `rows` has begun. */
  get run(): number | null {
    return this.#run;
  }

  /** So many fewer lines are read: others of this service are told behind them. Before `rows`. */
  leaveRoom(lines: number): void {
    const { lines: asked } = this.#query;
    if (asked !== null) this.#query = { ...this.#query, lines: Math.max(0, asked - lines) };
  }

  /** The number of the newest line or gap in the files; null: their last rows have none. */
  newestSeq(): number | null {
    let left = 100;
    for (let index = this.#set.files.length - 1; index >= 0 && left > 0; index -= 1) {
      const file = this.#set.file(index);
      if (file === null) continue;
      if (file.compression !== null) return null;
      for (const { bytes } of this.#set.each(index, rowsFromEnd(file.fd, 0, file.size))) {
        const row = this.#parser.parse(bytes, 0, bytes.length);
        if (row.seq !== null) return row.kind === "gap" ? row.seq + row.lines - 1 : row.seq;
        if ((left -= 1) === 0) break;
      }
    }
    return null;
  }

  /** Do the files hold anything? */
  get empty(): boolean {
    return this.#set.files.length === 0;
  }

  /** Where a follower goes on once `rows` is through. The file is the caller's from then on. */
  take(): FollowPoint {
    const { files } = this.#set;
    const rotated = files.filter((file) => !file.current).map(rotatedName);
    const index = files.length - 1;
    const file = files[index]?.current === true ? this.#set.take(index) : null;
    if (file === null) return { file: null, offset: 0, lastSeq: this.#lastSeq, rotated };
    if (this.#end !== null) return { file, offset: this.#end, lastSeq: this.#lastSeq, rotated };
    // Nothing was read: the last whole row tells where the next one begins.
    for (const { offset, bytes } of rowsFromEnd(file.fd, 0, file.size)) {
      const { seq } = this.#parser.parse(bytes, 0, bytes.length);
      return { file, offset: offset + bytes.length + 1, lastSeq: seq, rotated };
    }
    return { file, offset: 0, lastSeq: null, rotated };
  }

  close(): void {
    this.#set.close();
  }

  /** The rows, in the order of the files, as many at once as were read at once. */
  async *rows(): AsyncGenerator<readonly LogRow[]> {
    const { sinceMicros, untilMicros } = this.#query;
    const range = await this.#range();
    if (range === null) return;
    const last = Math.min(range.to.file, this.#set.files.length - 1);
    for (let index = range.from.file; index <= last; index += 1) {
      const start = index === range.from.file ? range.from.offset : 0;
      const end = index === range.to.file ? range.to.offset : null;
      for await (const rows of this.#fileRows(index, start, end)) {
        const wanted =
          sinceMicros === null && untilMicros === null
            ? rows
            : rows.filter((row) => this.#isInTime(row));
        if (wanted.length > 0) yield wanted;
      }
    }
  }

  async #range(): Promise<{ readonly from: RowPosition; readonly to: RowPosition } | null> {
    const { lines, counts, run, sinceMicros, untilMicros } = this.#query;
    let from: RowPosition = { file: 0, offset: 0 };
    let to = this.#set.end;
    if (run !== null) {
      const found = await rangeOfRun(this.#set, this.#parser, run);
      if (found === null) return null;
      this.#run = found.run;
      ({ from, to } = found);
    }
    if (sinceMicros !== null)
      from = later(from, await positionOfTime(this.#set, this.#parser, sinceMicros));
    if (untilMicros !== null)
      to = earlier(to, await endOfTime(this.#set, this.#parser, untilMicros));
    if (lines !== null) {
      const isWanted = (row: LogRow): boolean => this.#isInTime(row) && counts(row);
      from = await tailStart(this.#set, this.#parser, { from, to }, lines, isWanted);
    }
    if (this.#query.tellRun) this.#run ??= runBefore(this.#set, this.#parser, from);
    return { from, to };
  }

  async *#fileRows(
    index: number,
    start: number,
    end: number | null,
  ): AsyncGenerator<readonly LogRow[]> {
    const splitter = new RowSplitter(this.#parser, start);
    for await (const chunk of this.#set.chunks(index, start, end)) {
      const rows: LogRow[] = [];
      splitter.each(chunk, (row) => {
        this.#lastSeq = row.seq ?? this.#lastSeq;
        rows.push(row);
      });
      yield rows;
    }
    if (end !== null) return;
    const { offset, bytes } = splitter.rest;
    // The last row of the file that is written to may still be in the writing.
    if (this.#set.files[index]?.current === true) this.#end = offset;
    else if (bytes.length > 0) yield [this.#parser.parse(bytes, 0, bytes.length)];
  }

  #isInTime({ timeMicros }: LogRow): boolean {
    const { sinceMicros, untilMicros } = this.#query;
    if (timeMicros === null) return true;
    return (
      (sinceMicros === null || timeMicros >= sinceMicros) &&
      (untilMicros === null || timeMicros <= untilMicros)
    );
  }
}

function later(one: RowPosition, other: RowPosition): RowPosition {
  const isLater = one.file === other.file ? one.offset > other.offset : one.file > other.file;
  return isLater ? one : other;
}

function earlier(one: RowPosition, other: RowPosition): RowPosition {
  return later(one, other) === one ? other : one;
}
