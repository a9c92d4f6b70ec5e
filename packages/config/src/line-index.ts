import type { Position } from "./tree.js";

/** Lines and columns of offsets into one text. A carriage return alone ends a line only if `ends` says so. */
export class LineIndex {
  readonly #file: string;
  readonly #length: number;
  readonly #starts: number[] = [0];

  constructor(file: string, text: string, ends: "newline" | "newline or return" = "newline") {
    this.#file = file;
    this.#length = text.length;
    if (ends === "newline or return") {
      for (const { index, 0: end } of text.matchAll(/\r\n|\r|\n/g))
        this.#starts.push(index + end.length);
      return;
    }
    for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", end + 1))
      this.#starts.push(end + 1);
  }

  /** An offset outside of the text is its nearest end. */
  at(offset: number): Position {
    const inside = Math.min(Math.max(offset, 0), this.#length);
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#starts[middle] ?? 0) <= inside) low = middle;
      else high = middle - 1;
    }
    return { file: this.#file, line: low + 1, column: inside - (this.#starts[low] ?? 0) + 1 };
  }
}
