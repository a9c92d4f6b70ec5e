import { existsSync } from "node:fs";
import { dirname } from "node:path";

import type { Compression } from "@supervise/model";

import { compressFile } from "./compress-file.js";
import { causeOf, errnoOf, type LogProblem } from "./problem.js";
import {
  rotatedIn,
  rotatedFiles,
  timeOf,
  unfinishedFiles,
  withoutEnding,
} from "./rotated-names.js";

const ENOENT = -2;

/** Loaded when there is something to tidy: a start waits for nothing of it. */
const promised = (): typeof import("node:fs/promises") =>
  process.getBuiltinModule("node:fs/promises");

/** A log file whose older ones are to be looked after. */
export interface TidyFile {
  readonly path: string;
  /** Kept, the current one included. */
  readonly maxFiles: number;
  /** Null: older files stay as they are. */
  readonly compression: Compression | null;
  /** The newest rotated file may still be written to, by a service that has not opened the new one yet. */
  readonly late?: boolean;
}

/** What tidying asks of the hub. */
export interface TidyingPort {
  /** All log files. */
  files(): Iterable<TidyFile>;
  /** All files together, the older ones included, may have so many bytes; null: any number. */
  totalBytes(): number | null;
  problem(problem: LogProblem): void;
}

/**
 * Looks after files that were rotated, in the background: deletes those that are too many or too large together, and compresses the others. It starts when no
 * line is on its way, and touches only files that were rotated before, so what a supervisor after us may have to compare its rows with is never gone.
 */
export class FileTidying {
  readonly #port: TidyingPort;
  readonly #due = new Set<TidyFile>();
  readonly #toCompress = new Map<string, Compression>();
  /** Made when there is something to compress: a start waits for nothing of it. */
  #compression: AbortController | null = null;
  #closed = false;
  #deleting: Promise<void> | null = null;
  #compressing: string | null = null;

  constructor(port: TidyingPort) {
    this.#port = port;
  }

  /** It has been rotated, or was opened for the first time. */
  add(file: TidyFile): void {
    this.#due.add(file);
  }

  /** Not while a line is on its way. */
  begin(): void {
    if (this.#due.size === 0) return;
    this.#deleting ??= this.#tidy().finally(() => {
      this.#deleting = null;
      if (this.#compressing === null) void this.#compressAll();
      this.begin();
    });
  }

  /** Settles when nothing is left to delete. */
  async settled(): Promise<void> {
    while (this.#deleting !== null) await this.#deleting;
  }

  /** Leaves off compressing; what is not done is done when the file is opened again. */
  close(): void {
    this.#closed = true;
    this.#compression?.abort();
  }

  async #tidy(): Promise<void> {
    while (this.#due.size > 0) {
      for (const file of this.#due) {
        this.#due.delete(file);
        for (const old of tooMany(file)) await this.#delete(old);
        for (const part of unfinishedFiles(file.path))
          if (!part.startsWith(`${this.#compressing}.`)) await this.#delete(part);
        const { compression } = file;
        if (compression === null) continue;
        for (const older of rotatedFiles(file.path).slice(0, file.late === true ? -1 : undefined))
          if (older === withoutEnding(older)) this.#toCompress.set(older, compression);
      }
      const total = this.#port.totalBytes();
      if (total !== null) await this.#keepBelow(total);
    }
  }

  /** Deletes rotated files, the oldest first whosever they are. */
  async #keepBelow(total: number): Promise<void> {
    const own = [...this.#port.files()].map(({ path }) => path);
    const older = [...new Set(own.map(dirname))].flatMap((directory) =>
      rotatedIn(directory, new Set(own)),
    );
    const sizes = new Map<string, number>();
    let used = 0;
    for (const path of [...own, ...older]) {
      const size =
        (
          await promised()
            .stat(path)
            .catch(() => null)
        )?.size ?? 0;
      sizes.set(path, size);
      used += size;
    }
    const byAge = older.toSorted((one, other) => timeOf(one) - timeOf(other));
    for (const path of byAge) {
      if (used <= total) return;
      used -= sizes.get(path) ?? 0;
      await this.#delete(path);
    }
  }

  /** One at a time. */
  async #compressAll(): Promise<void> {
    if (this.#toCompress.size === 0) return;
    this.#compression ??= new AbortController();
    const { signal } = this.#compression;
    if (this.#closed) this.#compression.abort();
    for (const [path, compression] of this.#toCompress) {
      if (signal.aborted) break;
      this.#toCompress.delete(path);
      this.#compressing = path;
      try {
        if (existsSync(path)) await compressFile(path, compression, signal);
      } catch (thrown) {
        // It may have been deleted meanwhile, as one too many.
        if (!signal.aborted && existsSync(path)) {
          const cause =
            thrown instanceof Error && !("errno" in thrown)
              ? thrown.message
              : causeOf(errnoOf(thrown));
          this.#say(`cannot compress old log file "${path}": ${cause}; it stays as it is`);
        }
      }
    }
    this.#compressing = null;
  }

  async #delete(file: string): Promise<void> {
    try {
      await promised().unlink(file);
    } catch (thrown) {
      const cause = errnoOf(thrown);
      if (cause !== ENOENT)
        this.#say(`cannot delete old log file "${file}": ${causeOf(cause)}; it stays`);
    }
  }

  #say(message: string): void {
    this.#port.problem({ kind: "file", message });
  }
}

function tooMany({ path, maxFiles }: TidyFile): string[] {
  const files = rotatedFiles(path);
  const names = [...new Set(files.map(withoutEnding))];
  const kept = new Set(names.slice(Math.max(0, names.length - (maxFiles - 1))));
  return files.filter((file) => !kept.has(withoutEnding(file)));
}
