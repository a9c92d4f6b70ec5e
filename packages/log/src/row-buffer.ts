/** Shorter copies are cheaper byte by byte than as a call. */
const callWorthBytes = 48;
const newline = 10;

/** Space in which rows (prefix, line, newline) are put together for one write. */
export class RowBuffer {
  readonly bytes: Buffer;
  used = 0;

  /** `size` must hold the longest row: prefix, `maxLineBytes`, what stands behind the line, newline. */
  constructor(size: number) {
    this.bytes = Buffer.allocUnsafe(size);
  }

  get room(): number {
    return this.bytes.length - this.used;
  }

  /** Adds a row, or returns false and changes nothing where there is no room for it. */
  add(
    prefix: Uint8Array,
    prefixLength: number,
    source: Buffer,
    start: number,
    end: number,
  ): boolean {
    if (this.room < prefixLength + end - start + 1) return false;
    const { bytes } = this;
    let at = this.used;
    for (let index = 0; index < prefixLength; index += 1) bytes[at++] = prefix[index] ?? 0;
    if (end - start < callWorthBytes)
      for (let index = start; index < end; index += 1) bytes[at++] = source[index] ?? 0;
    else at += source.copy(bytes, at, start, end);
    bytes[at] = newline;
    this.used = at + 1;
    return true;
  }
}
