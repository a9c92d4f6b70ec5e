/** Shorter copies are cheaper byte by byte than as a call. */
const callWorthBytes = 32;
const newline = 10;

/** Space in which rows (prefix, line, newline) are put together for one write. */
export class RowBuffer {
  bytes: Buffer;
  used = 0;

  /** `size` must hold the longest row: prefix, `maxLineBytes`, what stands behind the line, newline. */
  constructor(size: number) {
    this.bytes = Buffer.allocUnsafe(size);
  }

  get room(): number {
    return this.bytes.length - this.used;
  }

  /** Adds a row, or returns false and changes nothing where there is no room for it. */
  add(prefix: Uint8Array, source: Buffer, start: number, end: number): boolean {
    if (this.room < prefix.length + end - start + 1) return false;
    this.used = putRow(this.bytes, this.used, prefix, source, start, end);
    return true;
  }

  /** Adds a row that is put together already; as `add`. */
  addWhole(row: Uint8Array): boolean {
    if (this.room < row.length) return false;
    this.bytes.set(row, this.used);
    this.used += row.length;
    return true;
  }

  /** Makes space for a row of this length, where there is nothing in it now. */
  fit(length: number): void {
    if (this.bytes.length < length) this.bytes = Buffer.allocUnsafe(length);
  }
}

/** Puts a row where there is room for it; returns where the next byte comes. */
export function putRow(
  into: Buffer,
  position: number,
  prefix: Uint8Array,
  source: Buffer,
  start: number,
  end: number,
): number {
  into.set(prefix, position);
  let at = position + prefix.length;
  if (end - start < callWorthBytes) {
    for (let index = start; index < end; index += 1) into[at++] = source[index] ?? 0;
  } else {
    into.set(source.subarray(start, end), at);
    at += end - start;
  }
  into[at] = newline;
  return at + 1;
}
