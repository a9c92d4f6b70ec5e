import { closeSync } from "node:fs";

import { problemOf } from "./file-problem.js";
import { logFiles } from "./log-files.js";
import type { LogFile } from "./log-files.js";
import { inodeOf, openFile, openRotated } from "./opened-file.js";
import type { OpenedFile } from "./opened-file.js";
import { fileChunks } from "./row-chunks.js";

/** Rotations that may fall between two looks before the files are taken as they are. */
const tries = 20;

/** A place in the rows of a service: bytes before it in the file, uncompressed, and the number of the file among all of `FileSet`. */
export interface RowPosition {
  readonly file: number;
  readonly offset: number;
}

/** The files of one service at one moment, the oldest first. Rotated ones are opened when they are first read. Close it. */
export class FileSet {
  readonly path: string;
  readonly files: readonly LogFile[];
  readonly #onProblem: (message: string) => void;
  readonly #told = new Set<number>();
  readonly #opened = new Map<number, OpenedFile | null>();

  private constructor(
    path: string,
    files: readonly LogFile[],
    current: OpenedFile | null,
    onProblem: (message: string) => void,
  ) {
    this.path = path;
    this.files = files;
    this.#onProblem = onProblem;
    if (current !== null) this.#opened.set(files.length - 1, current);
  }

  /**
   * `onProblem` is told once of each file that cannot be read, or not wholly; what can be read of the others is read all the same. Throws the error of open(2) where the current file or the directory cannot be read; that
   * there is none is no error.
   */
  static open(path: string, onProblem: (message: string) => void): FileSet {
    for (let left = tries; ; left -= 1) {
      // First the current file, then the names: a file that is rotated in between is seen by the look that follows.
      const current = openFile(path, null);
      const rotated = logFiles(path).filter((file) => !file.current);
      if (left === 0 || inodeOf(path) === (current?.inode ?? null)) {
        const own: LogFile = { path, compression: null, current: true };
        const files = current === null ? rotated : [...rotated, own];
        return new FileSet(path, files, current, onProblem);
      }
      if (current !== null) closeSync(current.fd);
    }
  }

  get end(): RowPosition {
    return { file: this.files.length, offset: 0 };
  }

  /** Null: it has been deleted since, or cannot be opened. */
  file(index: number): OpenedFile | null {
    const known = this.#opened.get(index);
    if (known !== undefined) return known;
    const file = this.files[index];
    let opened: OpenedFile | null = null;
    try {
      opened = file === undefined ? null : openRotated(file);
    } catch (error) {
      this.#problem(index, error);
    }
    this.#opened.set(index, opened);
    return opened;
  }

  /** Bytes of a file as `fileChunks` has them, as far as they can be read. */
  async *chunks(index: number, start: number, end: number | null): AsyncGenerator<Buffer> {
    const file = this.file(index);
    if (file === null) return;
    try {
      yield* fileChunks(file, start, end);
    } catch (error) {
      this.#problem(index, error);
    }
  }

  /** Items that come of reading a file, as far as it can be read. */
  *each<T>(index: number, items: Iterable<T>): Generator<T> {
    try {
      yield* items;
    } catch (error) {
      this.#problem(index, error);
    }
  }

  /** Was `onProblem` told of it? */
  isTold(index: number): boolean {
    return this.#told.has(index);
  }

  /** Gives the opened file at hand to the caller, who closes it. */
  take(index: number): OpenedFile | null {
    const file = this.file(index);
    this.#opened.set(index, null);
    return file;
  }

  close(): void {
    for (const opened of this.#opened.values()) if (opened !== null) closeSync(opened.fd);
    this.#opened.clear();
  }

  #problem(index: number, error: unknown): void {
    if (this.#told.has(index)) return;
    this.#told.add(index);
    this.#onProblem(problemOf(this.files[index]?.path ?? this.path, error));
  }
}
