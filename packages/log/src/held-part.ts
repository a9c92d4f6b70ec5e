import { maxLineBytes, type LineSplitter } from "./line-splitter.js";

/** Bytes of memory that a part takes: a page for whose it is, and two places for its bytes, each page-aligned and with room for a newline. */
export const heldPartBytes: number = 4096 + 2 * (maxLineBytes + 4096);
const identityOffset = 16;
const places = [4096, 4096 + maxLineBytes + 4096] as const;
const continuedBit = 1 << 20;
const placeBit = 1 << 21;
const lengthMask = continuedBit - 1;

/** Index of the words at the beginning. */
const WORD = 0;
const IDENTITY_LENGTH = 1;
/** Of rows that wait: so many of their bytes have gone. */
const GONE = 2;

/**
 * The beginning of a line of one stream, in memory that outlives us. One word says where it lies, how long it is and whether the line began earlier;
 * new bytes are put behind the old ones or in the other place, and count once the word is stored.
 */
export class HeldPart {
  readonly #bytes: Buffer;
  readonly #words: Int32Array;
  #version = -1;
  readonly #reserve: (offset: number, length: number) => boolean;
  /** So far there is room in each place, in bytes. */
  readonly #room = [0, 0];

  /** There is room for the first page; for more, `reserve` is asked before anything is stored, see `LastingMemory`. */
  constructor(memory: Uint8Array, reserve: (offset: number, length: number) => boolean) {
    this.#reserve = reserve;
    this.#bytes = Buffer.from(memory.buffer, memory.byteOffset, memory.length);
    this.#words = new Int32Array(memory.buffer, memory.byteOffset, 3);
  }

  /** Whose it is, as text of the owner's; empty: nobody's. */
  get identity(): string {
    return this.#bytes.toString(
      "utf8",
      identityOffset,
      identityOffset + (this.#words[IDENTITY_LENGTH] ?? 0),
    );
  }

  claim(identity: string): void {
    this.#words[WORD] = 0;
    this.#words[GONE] = 0;
    this.#version = -1;
    const length = this.#bytes.write(identity, identityOffset, 4096 - identityOffset);
    this.#words[IDENTITY_LENGTH] = length;
  }

  release(): void {
    this.#words[IDENTITY_LENGTH] = 0;
    this.#words[WORD] = 0;
  }

  /** Puts the splitter's part beside the one that counts; `keep` with the result makes it count. Without room for it nothing is held. */
  prepare(splitter: LineSplitter): number {
    const { part, continued, version } = splitter;
    const word = this.#words[WORD] ?? 0;
    const length = word & lengthMask;
    const grown = version === this.#version && part.length >= length;
    const place = (word & placeBit) === 0 ? 0 : 1;
    const to = grown === (place === 0) ? 0 : 1;
    const from = grown ? length : 0;
    const start = places[to === 0 ? 0 : 1];
    if (!this.#hasRoom(to, start, part.length)) {
      this.#version = -1;
      return continued ? continuedBit : 0;
    }
    part.copy(this.#bytes, start + from, from);
    this.#version = version;
    return part.length | (continued ? continuedBit : 0) | (to === 1 ? placeBit : 0);
  }

  keep(word: number): void {
    this.#words[WORD] = word;
  }

  /** Rows that wait: what was put here and has not gone. */
  get rest(): Buffer {
    const length = (this.#words[WORD] ?? 0) & lengthMask;
    return this.#bytes.subarray(places[0] + (this.#words[GONE] ?? 0), places[0] + length);
  }

  /** Puts bytes behind those that wait; how many there was room for. They count once all of them are there. */
  append(bytes: Buffer): number {
    const length = this.#words[WORD] ?? 0;
    const taken = Math.min(bytes.length, maxLineBytes - length);
    if (taken === 0 || !this.#hasRoom(0, places[0], length + taken)) return 0;
    bytes.copy(this.#bytes, places[0] + length, 0, taken);
    this.#words[WORD] = length + taken;
    return taken;
  }

  /** Can so many bytes, or as many as it takes at all, be put behind those that wait? */
  hasRoomFor(bytes: number): boolean {
    const length = this.#words[WORD] ?? 0;
    return this.#hasRoom(0, places[0], Math.min(length + bytes, maxLineBytes));
  }

  /** So many bytes of those that wait have gone. */
  gone(bytes: number): void {
    this.#words[GONE] = (this.#words[GONE] ?? 0) + bytes;
  }

  #hasRoom(place: 0 | 1, offset: number, length: number): boolean {
    if (length <= (this.#room[place] ?? 0)) return true;
    const wanted = Math.ceil(length / 4096) * 4096;
    if (!this.#reserve(offset, wanted)) return false;
    this.#room[place] = wanted;
    return true;
  }

  /** Gives the splitter what is held. */
  restoreTo(splitter: LineSplitter): void {
    const word = this.#words[WORD] ?? 0;
    const start = (word & placeBit) === 0 ? places[0] : places[1];
    splitter.restore(
      this.#bytes.subarray(start, start + (word & lengthMask)),
      (word & continuedBit) !== 0,
    );
    this.#version = -1;
  }
}
