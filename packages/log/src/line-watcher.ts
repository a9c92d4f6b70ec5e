import type { LineBatch } from "./line-batch.js";

/** Looks for a regular expression in the lines of one run (`ready: log`). */
export class LineWatcher {
  readonly run: number;
  ended = false;
  readonly #pattern: RegExp;
  readonly #onMatch: (text: string) => void;

  constructor(run: number, pattern: RegExp, onMatch: (text: string) => void) {
    this.run = run;
    // Without the flags that keep a position between two tests.
    this.#pattern = new RegExp(pattern.source, pattern.flags.replace(/[gy]/gu, ""));
    this.#onMatch = onMatch;
  }

  /** Puts a call for each matching line on `found`: it is made once the batch's memory is free again, so that it may do anything. */
  look(batch: LineBatch, found: (() => void)[]): void {
    let start = batch.start;
    for (let index = 0; index < batch.count; index += 1) {
      const end = batch.ends[index] ?? start;
      const text = batch.bytes.toString("utf8", start, end).replace(/\r$/u, "");
      if (this.#pattern.test(text)) {
        found.push(() => {
          if (!this.ended) this.#onMatch(text);
        });
      }
      start = end + 1;
    }
  }
}
