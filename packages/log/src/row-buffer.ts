/** Shorter copies are cheaper byte by byte than as a call. */
const callWorthBytes = 32;
const newline = 10;

/**
 * Space in which rows (prefix, line, newline) are put together for one write. Behind it is a stage for the lines of a batch: from there a line gets to
 * its row by a move within the same memory, which costs half of a copy from elsewhere (no view is made of it).
 */
export class RowBuffer {
  bytes: Buffer;
  used = 0;
  readonly #stageBytes: number;
  #stage: number;

  /** `size` must hold the longest row: prefix, `maxLineBytes`, what stands behind the line, newline. Lines of up to `stageBytes` in all can be staged. */
  constructor(size: number, stageBytes: number) {
    this.bytes = Buffer.allocUnsafe(size + stageBytes);
    this.#stageBytes = stageBytes;
    this.#stage = size;
  }

  get room(): number {
    return this.#stage - this.used;
  }

  /** Puts lines on the stage; false: they are too long for it. */
  stage(source: Buffer, start: number, end: number): boolean {
    if (end - start > this.#stageBytes) return false;
    source.copy(this.bytes, this.#stage, start, end);
    return true;
  }

  /** Adds a row whose line, with its newline, is `length` bytes at `offset` of the stage; as `add`. */
  addStaged(prefix: Uint8Array, offset: number, length: number): boolean {
    const at = this.used;
    const line = at + prefix.length;
    if (line + length > this.#stage) return false;
    const from = this.#stage + offset;
    this.bytes.set(prefix, at);
    this.bytes.copyWithin(line, from, from + length);
    this.used = line + length;
    return true;
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
    if (this.#stage >= length) return;
    this.bytes = Buffer.allocUnsafe(length + this.#stageBytes);
    this.#stage = length;
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
