import { putRow } from "./row-buffer.js";

/** Where a ring's two ends are kept: 32-bit words, each stored with one instruction, so that a death leaves the old one or the new one. */
export interface RingEnds {
  readonly words: Int32Array;
  /** Index of the start; the end follows it. */
  readonly at: number;
}

/**
 * Bytes on their way to one reader, in the order in which they were added. What is added counts only once it is published: whoever finds the memory
 * after our death sees what was published and not yet consumed. Never quite full, so that equal ends mean empty.
 */
export class ByteRing {
  readonly #bytes: Buffer;
  readonly #ends: RingEnds;
  #tail: number;

  constructor(bytes: Buffer, ends: RingEnds) {
    this.#bytes = bytes;
    this.#ends = ends;
    this.#tail = this.end;
  }

  get start(): number {
    return this.#ends.words[this.#ends.at] ?? 0;
  }

  get end(): number {
    return this.#ends.words[this.#ends.at + 1] ?? 0;
  }

  /** Published bytes that were not consumed. */
  get used(): number {
    return this.#between(this.start, this.end);
  }

  /** Where the next byte comes: what `publish` makes the end. */
  get tail(): number {
    return this.#tail;
  }

  /** Adds a row (prefix, `source` from `start` to `end`, newline), or nothing where there is no room for it. */
  addRow(prefix: Uint8Array, source: Buffer, start: number, end: number): boolean {
    const length = prefix.length + end - start + 1;
    if (length >= this.#bytes.length - this.#between(this.start, this.#tail)) return false;
    if (this.#tail + length <= this.#bytes.length) {
      const at = putRow(this.#bytes, this.#tail, prefix, source, start, end);
      this.#tail = at === this.#bytes.length ? 0 : at;
    } else {
      const row = Buffer.allocUnsafe(length);
      putRow(row, 0, prefix, source, start, end);
      const first = row.copy(this.#bytes, this.#tail);
      row.copy(this.#bytes, 0, first);
      this.#tail = length - first;
    }
    return true;
  }

  publish(end: number = this.#tail): void {
    this.#ends.words[this.#ends.at + 1] = end;
  }

  /** Where the published bytes begin, and how many of them lie next to each other. */
  next(): { readonly bytes: Buffer; readonly start: number; readonly end: number } {
    const { start, end } = this;
    return { bytes: this.#bytes, start, end: end < start ? this.#bytes.length : end };
  }

  consume(count: number): void {
    this.#ends.words[this.#ends.at] = (this.start + count) % this.#bytes.length;
  }

  #between(from: number, to: number): number {
    return to >= from ? to - from : to - from + this.#bytes.length;
  }
}
