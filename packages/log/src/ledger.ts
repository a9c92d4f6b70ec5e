/**
 * What must survive our death while it is on its way from a pipe to its sinks, in memory that somebody else holds open: the chunk that is being handed on, the
 * beginnings of lines, and the rows that wait for the terminal. Where nobody holds it this is ordinary memory.
 *
 * A chunk's length is known before it is read: FIONREAD tells what the pipe holds, nobody else reads it, and no more is asked for. So the next
 * supervisor knows the chunk to the byte, whether it had been read, and how things stood before; it hands it on once more, and each sink leaves out what it had
 * taken already. `phase` says how far it had come, and is one store.
 */
import type { RingEnds } from "./byte-ring.js";
import { HeldPart, heldPartBytes } from "./held-part.js";
import { maxLineBytes, type LineSplitter } from "./line-splitter.js";

/** Memory that outlives this process, in pieces; it grows as pieces are asked for. */
export interface LastingMemory {
  /** In bytes, when it was opened. */
  readonly size: number;
  /** Zeros, or what was left there. `offset` is a multiple of the page size. */
  map(offset: number, length: number): Uint8Array;
}

/** What a log file was before a chunk was handed on. */
export interface FileMark {
  readonly inode: number;
  readonly size: number;
}

/** Whose output a chunk or part is. */
export interface StreamIdentity {
  readonly service: string;
  readonly run: number;
  readonly stream: 0 | 1;
  /** Names the run among all runs of all times. */
  readonly id: string;
}

/** A chunk that the last process had taken from a pipe and not finished with. */
export interface LeftChunk {
  readonly identity: string;
  /** 0: no bytes, but the end of a line that had no newline was to be handed on. */
  readonly length: number;
  readonly timeMicros: number;
  readonly file: FileMark | null;
}

const version = 1;
const headerBytes = 4096;
const identityOffset = 1024;
const ringBytes = 3 * 1024 * 1024;
const partsOffset = 4 * 1024 * 1024;

/** Indexes of the words of the header. */
const VERSION = 0;
const PHASE = 1;
const LENGTH = 2;
const IDENTITY_LENGTH = 3;
const RING = 4;
const NEW_END = 6;
const NEW_PART = 7;
const NEW_WORD = 8;
/** Indexes of its 64-bit numbers, which begin at byte 512. */
const TIME = 0;
const INODE = 1;
const SIZE = 2;

const phases = { idle: 0, handing: 1, committing: 2 } as const;
/** Stands where the first bytes of a chunk will be; bytes that no text begins with. */
const unread = Buffer.alloc(8, 0xff);

/** One for a hub. */
export class Ledger {
  /** Where chunks are read to. */
  readonly chunk: Buffer;
  readonly ringBytes: Buffer;
  readonly ringEnds: RingEnds;
  readonly #memory: LastingMemory;
  readonly #words: Int32Array;
  readonly #numbers: Float64Array;
  readonly #header: Buffer;
  readonly #parts: HeldPart[] = [];
  #identity: string | null = null;

  /** Does the memory outlive us? Otherwise nothing is written down. */
  readonly lasting: boolean;

  /** Null: ordinary memory. */
  constructor(lasting: LastingMemory | null) {
    const memory = lasting ?? { size: 0, map: (_offset, length) => new Uint8Array(length) };
    this.lasting = lasting !== null;
    this.#memory = memory;
    const header = memory.map(0, headerBytes);
    this.#header = Buffer.from(header.buffer, header.byteOffset, header.length);
    this.#words = new Int32Array(header.buffer, header.byteOffset, 16);
    this.#numbers = new Float64Array(header.buffer, header.byteOffset + 512, 3);
    this.chunk = bufferOf(memory.map(headerBytes, maxLineBytes));
    this.ringBytes = bufferOf(memory.map(headerBytes + maxLineBytes, ringBytes));
    this.ringEnds = { words: this.#words, at: RING };
    const left = this.#words[VERSION] === version;
    if (!left) this.#words.fill(0);
    this.#words[VERSION] = version;
    const end = left ? memory.size : 0;
    for (let offset = partsOffset; offset + heldPartBytes <= end; offset += heldPartBytes)
      this.#parts.push(new HeldPart(memory.map(offset, heldPartBytes)));
    if (this.#words[PHASE] === phases.committing) this.#commit();
  }

  /** What the last process left half done. Null: nothing. Hand it on, then `commit`. */
  leftChunk(): LeftChunk | null {
    if (this.#words[PHASE] !== phases.handing) return null;
    const length = this.#words[LENGTH] ?? 0;
    const first = Math.min(length, unread.length);
    // It was still in the pipe, and will be read as any other.
    if (first > 0 && this.chunk.subarray(0, first).equals(unread.subarray(0, first))) {
      this.abandon();
      return null;
    }
    const [time = 0, inode = -1, size = 0] = this.#numbers;
    return {
      identity: this.#header.toString(
        "utf8",
        identityOffset,
        identityOffset + (this.#words[IDENTITY_LENGTH] ?? 0),
      ),
      length,
      timeMicros: time,
      file: inode < 0 ? null : { inode, size },
    };
  }

  /** Parts that the last process held, by identity. */
  leftParts(): ReadonlyMap<string, HeldPart> {
    return new Map(
      this.#parts.flatMap((part) => (part.identity === "" ? [] : [[part.identity, part] as const])),
    );
  }

  /** Before the read of `length` bytes; 0 before a part is handed on without one. */
  begin(identity: string, length: number, timeMicros: number, file: FileMark | null): void {
    if (!this.lasting) return;
    if (identity !== this.#identity) {
      const bytes = this.#header.write(identity, identityOffset, headerBytes - identityOffset);
      this.#words[IDENTITY_LENGTH] = bytes;
      this.#identity = identity;
    }
    this.#numbers[TIME] = timeMicros;
    this.#numbers[INODE] = file?.inode ?? -1;
    this.#numbers[SIZE] = file?.size ?? 0;
    this.#words[LENGTH] = length;
    unread.copy(this.chunk);
    this.#words[PHASE] = phases.handing;
  }

  /** Fewer came: a terminal gives a line at a time. */
  shorten(length: number): void {
    this.#words[LENGTH] = length;
  }

  /** Nothing came. */
  abandon(): void {
    this.#words[PHASE] = phases.idle;
  }

  /** All sinks have taken the chunk. `part` is where the stream's beginning of a line is held; null where it has none and had none. */
  commit(part: HeldPart | null, splitter: LineSplitter, ringTail: number): void {
    if (!this.lasting) {
      this.#words[RING + 1] = ringTail;
      return;
    }
    const index = part === null ? -1 : this.#parts.indexOf(part);
    this.#words[NEW_WORD] = part === null ? 0 : part.prepare(splitter);
    this.#words[NEW_PART] = index;
    this.#words[NEW_END] = ringTail;
    this.#words[PHASE] = phases.committing;
    this.#commit();
  }

  /** A place for the beginning of a line. */
  claimPart(identity: string): HeldPart {
    let part = this.#parts.find((one) => one.identity === "");
    if (part === undefined) {
      part = new HeldPart(
        this.#memory.map(partsOffset + this.#parts.length * heldPartBytes, heldPartBytes),
      );
      this.#parts.push(part);
    }
    part.claim(identity);
    return part;
  }

  #commit(): void {
    this.#parts[this.#words[NEW_PART] ?? -1]?.keep(this.#words[NEW_WORD] ?? 0);
    this.#words[RING + 1] = this.#words[NEW_END] ?? 0;
    this.#words[PHASE] = phases.idle;
  }
}

function bufferOf(memory: Uint8Array): Buffer {
  return Buffer.from(memory.buffer, memory.byteOffset, memory.length);
}

export function identityText({ service, run, stream, id }: StreamIdentity): string {
  return JSON.stringify([id, stream, run, service]);
}

/** Null where it is none. */
export function parseIdentity(text: string): StreamIdentity | null {
  try {
    const [id, stream, run, service] = JSON.parse(text) as [unknown, unknown, unknown, unknown];
    if (typeof id !== "string" || typeof service !== "string" || typeof run !== "number")
      return null;
    return stream === 0 || stream === 1 ? { id, stream, run, service } : null;
  } catch {
    // Torn by a death in the middle of `claim`.
    return null;
  }
}
