const nine = 0x39;
const zero = 0x30;

/** What stands before the lines of a batch: the same text in each row, but for a number that grows by one. */
export class NumberedPrefix {
  readonly #before: string;
  readonly #behind: string;
  #number: number;
  #digits: number;
  #bytes: Buffer;

  constructor(before: string, number: number, behind: string) {
    this.#before = before;
    this.#behind = behind;
    this.#number = number;
    this.#digits = String(number).length;
    this.#bytes = Buffer.from(`${before}${number}${behind}`);
  }

  /** Valid until `next`. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  get number(): number {
    return this.#number;
  }

  next(): void {
    this.#number += 1;
    const bytes = this.#bytes;
    const last = bytes.length - this.#behind.length - 1;
    for (let at = last; at > last - this.#digits; at -= 1) {
      const digit = bytes[at] ?? nine;
      if (digit !== nine) {
        bytes[at] = digit + 1;
        return;
      }
      bytes[at] = zero;
    }
    this.#digits += 1;
    this.#bytes = Buffer.from(`${this.#before}${this.#number}${this.#behind}`);
  }
}
