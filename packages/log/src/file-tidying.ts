import { unlink } from "node:fs/promises";

import { causeOf, errnoOf, type LogProblem } from "./problem.js";
import { rotatedFiles, withoutEnding } from "./rotated-names.js";

const ENOENT = -2;

/** A log file whose older ones are to be looked after. */
export interface TidyFile {
  readonly path: string;
  /** Kept, the current one included. */
  readonly maxFiles: number;
}

/**
 * Looks after files that were rotated, in the background: deletes those that are too many. It starts when no line is on its way, and touches only files
 * that were rotated before, so what a supervisor after us may have to compare its rows with is never gone.
 */
export class FileTidying {
  readonly #problem: (problem: LogProblem) => void;
  readonly #due = new Set<TidyFile>();
  #work: Promise<void> | null = null;

  constructor(problem: (problem: LogProblem) => void) {
    this.#problem = problem;
  }

  /** It has been rotated. */
  add(file: TidyFile): void {
    this.#due.add(file);
  }

  /** Not while a line is on its way. */
  begin(): void {
    if (this.#due.size > 0) this.#work ??= this.#tidy();
  }

  /** Settles when nothing is left to delete. */
  async settled(): Promise<void> {
    while (this.#work !== null) await this.#work;
  }

  async #tidy(): Promise<void> {
    for (const file of this.#due) {
      this.#due.delete(file);
      await this.#deleteOldest(file);
    }
    this.#work = null;
  }

  async #deleteOldest({ path, maxFiles }: TidyFile): Promise<void> {
    const files = rotatedFiles(path);
    const names = [...new Set(files.map(withoutEnding))];
    const kept = new Set(names.slice(Math.max(0, names.length - (maxFiles - 1))));
    for (const file of files) if (!kept.has(withoutEnding(file))) await this.#delete(file);
  }

  async #delete(file: string): Promise<void> {
    try {
      await unlink(file);
    } catch (thrown) {
      const cause = errnoOf(thrown);
      if (cause !== ENOENT)
        this.#problem({
          kind: "file",
          message: `cannot delete old log file "${file}": ${causeOf(cause)}; it stays`,
        });
    }
  }
}
