/** A longer line is handed on in parts of at most this many bytes; it is what a pipe holds. */
export const maxLineBytes = 65536;

const newline = 10;
const firstCarryBytes = 128;
const noBytes: Buffer = Buffer.alloc(0);

/** Takes lines that lie next to each other; see `LineBatch` for the layout. Everything is valid only during the call. */
export interface LineReceiver {
  receive(
    bytes: Buffer,
    start: number,
    ends: Uint32Array,
    count: number,
    partial: boolean,
    continued: boolean,
  ): void;
}

/**
 * Cuts one stream of bytes into lines. What is handed on depends on the bytes alone, never on how they were cut into
 * chunks: a line of up to `maxLineBytes` is one line, a longer one comes in parts, each but the last flagged partial. A part
 * ends before a UTF-8 sequence that it could not hold whole. Only the newline is taken away.
 */
export class LineSplitter {
  /** The beginning of a line whose newline has not come. Nothing is allocated while lines come whole. */
  #carry: Buffer = noBytes;
  #carried = 0;
  #continued = false;
  #version = 0;

  /** True while there is a line without its newline. */
  get holdsPart(): boolean {
    return this.#carried > 0;
  }

  /** Has a line begun, be it handed on in part already? */
  get unfinished(): boolean {
    return this.#carried > 0 || this.#continued;
  }

  /** What it holds of that line; valid until the next call. */
  get part(): Buffer {
    return this.#carry.subarray(0, this.#carried);
  }

  /** The line's beginning was handed on already. */
  get continued(): boolean {
    return this.#continued;
  }

  /** Another number once the part is another one; while it stays, the part has only grown. */
  get version(): number {
    return this.#version;
  }

  /** Goes on where another splitter stopped. Only before the first chunk. */
  restore(part: Uint8Array, continued: boolean): void {
    this.#carried = 0;
    this.#room(part.length).set(part);
    this.#carried = part.length;
    this.#continued = continued;
    this.#version += 1;
  }

  /** `ends` is scratch space, at least as long as the chunk. */
  push(chunk: Buffer, ends: Uint32Array, receiver: LineReceiver): void {
    let position = 0;
    if (this.#carried > 0 || this.#continued) {
      const end = chunk.indexOf(newline);
      this.#keep(chunk, 0, end < 0 ? chunk.length : end, ends, receiver);
      if (end < 0) return;
      this.#complete(ends, receiver);
      position = end + 1;
    }
    let first = position;
    let count = 0;
    for (
      let end = chunk.indexOf(newline, position);
      end >= 0;
      end = chunk.indexOf(newline, position)
    ) {
      if (end - position > maxLineBytes) {
        if (count > 0) receiver.receive(chunk, first, ends, count, false, false);
        this.#keep(chunk, position, end, ends, receiver);
        this.#complete(ends, receiver);
        count = 0;
        first = end + 1;
      } else {
        ends[count] = end;
        count += 1;
      }
      position = end + 1;
    }
    if (count > 0) receiver.receive(chunk, first, ends, count, false, false);
    if (position < chunk.length) this.#keep(chunk, position, chunk.length, ends, receiver);
  }

  /** Hands on the line that has no newline yet, flagged partial; what follows it is its continuation. */
  flush(ends: Uint32Array, receiver: LineReceiver): void {
    if (this.#carried === 0) return;
    this.#handPart(this.#carried, ends, receiver);
    this.#carry = noBytes;
  }

  #complete(ends: Uint32Array, receiver: LineReceiver): void {
    const continued = this.#continued;
    const carry = this.#room(1);
    const end = this.#carried;
    carry[end] = newline;
    ends[0] = end;
    this.#carry = noBytes;
    this.#carried = 0;
    this.#continued = false;
    this.#version += 1;
    receiver.receive(carry, 0, ends, 1, false, continued);
  }

  #keep(
    chunk: Buffer,
    start: number,
    end: number,
    ends: Uint32Array,
    receiver: LineReceiver,
  ): void {
    let from = start;
    while (from < end) {
      // A full carry is handed on only when another byte of the line is here, so that no line ends in an empty part.
      if (this.#carried === maxLineBytes) this.#handPart(partEnd(this.#carry), ends, receiver);
      const length = Math.min(maxLineBytes - this.#carried, end - from);
      chunk.copy(this.#room(length), this.#carried, from, from + length);
      this.#carried += length;
      from += length;
    }
  }

  #handPart(end: number, ends: Uint32Array, receiver: LineReceiver): void {
    const continued = this.#continued;
    const carry = this.#carry;
    const rest = this.#carried - end;
    // The rest is at most three bytes; it moves only after the receiver is done with the buffer.
    const tail = rest === 0 ? noBytes : Buffer.from(carry.subarray(end, this.#carried));
    ends[0] = end;
    this.#continued = true;
    receiver.receive(carry, 0, ends, 1, true, continued);
    tail.copy(carry);
    this.#carried = rest;
    this.#version += 1;
  }

  /** The carry with space for `length` more bytes. */
  #room(length: number): Buffer {
    const needed = this.#carried + length;
    if (this.#carry.length < needed) {
      const size = Math.max(
        needed,
        Math.min(this.#carry.length * 2, maxLineBytes + 1),
        firstCarryBytes,
      );
      const grown = Buffer.allocUnsafe(size);
      this.#carry.copy(grown, 0, 0, this.#carried);
      this.#carry = grown;
    }
    return this.#carry;
  }
}

/** Where a part that fills the carry ends: before a UTF-8 sequence that goes on behind it cannot be known, so before the last one. */
function partEnd(carry: Buffer): number {
  let start = maxLineBytes;
  let continuation = 0;
  while (continuation < 4) {
    start -= 1;
    const byte = carry[start] ?? 0;
    if (byte < 0x80) return maxLineBytes;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return continuation + 1 < length ? start : maxLineBytes;
    }
    continuation += 1;
  }
  return maxLineBytes;
}
