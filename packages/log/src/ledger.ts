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
import { LineNumbers, type NumberTable } from "./line-numbers.js";
import type { LineSplitter } from "./line-splitter.js";

/** Memory that outlives this process, in pieces; it grows as pieces are asked for. */
export interface LastingMemory {
  /** In bytes, when it was opened. */
  readonly size: number;
  /** Zeros, or what was left there. `offset` is a multiple of the page size. */
  map(offset: number, length: number): Uint8Array;
  /** Makes room for bytes that are mapped, before anything is stored there. False: there is none, and a store would be our end. */
  reserve(offset: number, length: number): boolean;
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
  /** Of the service's other files, as many as there is room for. */
  readonly others: readonly FileMark[];
}

const version = 3;
/** A read takes at most so much: enough that its own cost, beside that of its bytes, is none. */
export const chunkBytes: number = 256 * 1024;
const pageBytes = 4096;
const headerBytes = pageBytes;
const identityOffset = 1024;
const ringBytes = 3 * 1024 * 1024;
const numbersOffset = headerBytes + chunkBytes + ringBytes;
const partsOffset = 4 * 1024 * 1024 + chunkBytes;

/** Indexes of the words of the header. */
const VERSION = 0;
const PHASE = 1;
const LENGTH = 2;
const IDENTITY_LENGTH = 3;
const RING = 4;
const NEW_END = 6;
const NEW_PART = 7;
const NEW_WORD = 8;
const NEW_PLACE = 9;
const PLACES = 10;
/** Indexes of its 64-bit numbers, which begin at byte 512. */
const TIME = 0;
const INODE = 1;
const SIZE = 2;
const NEW_SEQ = 3;
const OTHERS = 4;
const otherMarks = 5;
/** Files besides the first whose marks are kept. */
const mostOthers = 8;

const phases = { idle: 0, handing: 1, committing: 2 } as const;
/** Stands where the first bytes of a chunk will be; bytes that no text begins with. */
const unread = Buffer.alloc(8, 0xff);

/** One for a hub. */
export class Ledger {
  /** Where chunks are read to. */
  readonly chunk: Buffer;
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
  readonly lines: LineNumbers | null;

  /** Null: ordinary memory. */
  constructor(lasting: LastingMemory | null) {
    const memory = lasting ?? ordinary;
    this.lasting = lasting !== null;
    this.#memory = memory;
    const header = this.#roomFor(0, headerBytes);
    this.#header = Buffer.from(header.buffer, header.byteOffset, header.length);
    this.#words = new Int32Array(header.buffer, header.byteOffset, 16);
    this.#numbers = new Float64Array(
      header.buffer,
      header.byteOffset + 512,
      otherMarks + 2 * mostOthers,
    );
    this.chunk = bufferOf(this.#roomFor(headerBytes, chunkBytes));
    this.ringEnds = { words: this.#words, at: RING };
    const left = this.#words[VERSION] === version;
    if (!left) this.#words.fill(0);
    this.#words[VERSION] = version;
    this.lines = lasting === null ? null : new LineNumbers(this.#tableIn(lasting));
    const end = left ? memory.size : 0;
    // Of the last one there may be no more than whose it is.
    for (let offset = partsOffset; offset + pageBytes <= end; offset += heldPartBytes)
      this.#parts.push(this.#partAt(offset));
    if (this.#words[PHASE] === phases.committing) this.#commit();
  }

  /** Where rows wait for the terminal. Not asked for where there is none. */
  ringBytes(): Buffer {
    return bufferOf(this.#roomFor(headerBytes + chunkBytes, ringBytes));
  }

  /** Ends of a ring that has no bytes: what was left in the one before is nobody's. */
  noRing(): RingEnds {
    this.#words.fill(0, RING, RING + 2);
    return this.ringEnds;
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
      others: this.#otherMarks(),
    };
  }

  /** Parts that the last process held, by identity. */
  leftParts(): ReadonlyMap<string, HeldPart> {
    return new Map(
      this.#parts.flatMap((part) =>
        part.identity === "" || restOf(part.identity) !== null
          ? []
          : [[part.identity, part] as const],
      ),
    );
  }

  /** Rows that the last process held for the standard input of a service, in their order. */
  leftRests(service: string): HeldPart[] {
    return this.#parts
      .flatMap((part) => {
        const rest = restOf(part.identity);
        return rest?.service === service ? [{ part, number: rest.number }] : [];
      })
      .toSorted((one, other) => one.number - other.number)
      .map(({ part }) => part);
  }

  /** Those for services that get no lines any more are nobody's. */
  releaseRests(isWanted: (service: string) => boolean): void {
    for (const part of this.#parts) {
      const rest = restOf(part.identity);
      if (rest !== null && !isWanted(rest.service)) part.release();
    }
  }

  /** Before the read of `length` bytes; 0 before a part is handed on without one. */
  begin(
    identity: string,
    length: number,
    timeMicros: number,
    file: FileMark | null,
    others: readonly (FileMark | null)[] | null = null,
  ): void {
    if (!this.lasting) return;
    if (identity !== this.#identity) {
      const bytes = this.#header.write(identity, identityOffset, headerBytes - identityOffset);
      this.#words[IDENTITY_LENGTH] = bytes;
      this.#identity = identity;
    }
    this.#numbers[TIME] = timeMicros;
    this.#numbers[INODE] = file?.inode ?? -1;
    this.#numbers[SIZE] = file?.size ?? 0;
    this.#numbers[OTHERS] = others === null ? 0 : this.#keepMarks(others);
    this.#words[LENGTH] = length;
    unread.copy(this.chunk);
    this.#words[PHASE] = phases.handing;
  }

  /** Before a row of our own is written to a file; it is kept where chunks are. */
  beginRow(
    { service, mark, path }: RowIdentity,
    row: Buffer,
    timeMicros: number,
    file: FileMark | null,
  ): void {
    if (!this.lasting) return;
    const identity = path === null ? [service, mark] : [service, mark, path];
    this.begin(JSON.stringify(identity), row.length, timeMicros, file);
    this.abandon();
    row.copy(this.chunk);
    this.#words[PHASE] = phases.handing;
  }

  /** The row is in its file. */
  commitRow(place: number, mark: number): void {
    if (!this.lasting) return;
    this.lines?.setMark(place, mark);
    this.#words[PHASE] = phases.idle;
  }

  /** Fewer came: a terminal gives a line at a time. */
  shorten(length: number): void {
    this.#words[LENGTH] = length;
  }

  /** Nothing came. */
  abandon(): void {
    this.#words[PHASE] = phases.idle;
  }

  /**
   * All sinks have taken the chunk. `part` is where the stream's beginning of a line is held; null where it has none and had none. `seq` is the number of the
   * last line of the service whose place among the `lines` this is.
   */
  commit(
    part: HeldPart | null,
    splitter: LineSplitter,
    ringTail: number,
    place: number,
    seq: number,
  ): void {
    if (!this.lasting) {
      this.#words[RING + 1] = ringTail;
      return;
    }
    this.#words[NEW_PLACE] = place;
    this.#numbers[NEW_SEQ] = seq;
    const index = part === null ? -1 : this.#parts.indexOf(part);
    this.#words[NEW_WORD] = part === null ? 0 : part.prepare(splitter);
    this.#words[NEW_PART] = index;
    this.#words[NEW_END] = ringTail;
    this.#words[PHASE] = phases.committing;
    this.#commit();
  }

  #keepMarks(others: readonly (FileMark | null)[]): number {
    const kept = others.slice(0, mostOthers);
    for (const [index, mark] of kept.entries()) {
      this.#numbers[otherMarks + 2 * index] = mark?.inode ?? -1;
      this.#numbers[otherMarks + 2 * index + 1] = mark?.size ?? 0;
    }
    return kept.length;
  }

  #otherMarks(): readonly FileMark[] {
    const count = this.#numbers[OTHERS] ?? 0;
    return Array.from({ length: Math.min(count, mostOthers) }, (_, index) => ({
      inode: this.#numbers[otherMarks + 2 * index] ?? -1,
      size: this.#numbers[otherMarks + 2 * index + 1] ?? 0,
    }));
  }

  /** A place for the beginning of a line. */
  claimPart(identity: string): HeldPart {
    const part = this.#parts.find((one) => one.identity === "") ?? this.#anotherPart();
    part.claim(identity);
    return part;
  }

  /** Without room it is one that ends with us. */
  #anotherPart(): HeldPart {
    const offset = partsOffset + this.#parts.length * heldPartBytes;
    if (!this.#memory.reserve(offset, pageBytes))
      return new HeldPart(new Uint8Array(heldPartBytes), () => true);
    const part = this.#partAt(offset);
    this.#parts.push(part);
    return part;
  }

  #partAt(offset: number): HeldPart {
    return new HeldPart(this.#memory.map(offset, heldPartBytes), (at, length) =>
      this.#memory.reserve(offset + at, length),
    );
  }

  /** Room for some 24,000 services; pages are taken as services come. */
  #tableIn(memory: LastingMemory): NumberTable {
    return {
      bytes: memory.map(numbersOffset, partsOffset - numbersOffset),
      words: this.#words,
      at: PLACES,
      reserve: (offset, length) => memory.reserve(numbersOffset + offset, length),
    };
  }

  #roomFor(offset: number, length: number): Uint8Array {
    const mapped = this.#memory.map(offset, length);
    return this.#memory.reserve(offset, length) ? mapped : new Uint8Array(length);
  }

  #commit(): void {
    this.#parts[this.#words[NEW_PART] ?? -1]?.keep(this.#words[NEW_WORD] ?? 0);
    this.#words[RING + 1] = this.#words[NEW_END] ?? 0;
    this.lines?.setSeq(this.#words[NEW_PLACE] ?? -1, this.#numbers[NEW_SEQ] ?? 0);
    this.#words[PHASE] = phases.idle;
  }
}

const ordinary: LastingMemory = {
  size: 0,
  map: (_offset, length) => new Uint8Array(length),
  reserve: () => true,
};

function bufferOf(memory: Uint8Array): Buffer {
  return Buffer.from(memory.buffer, memory.byteOffset, memory.length);
}

/** Names rows that wait for the standard input of a service; their numbers tell their order. */
export function restIdentity(service: string, number: number): string {
  return JSON.stringify({ service, number });
}

/** Null: it is something else. */
export function restOf(
  identity: string,
): { readonly service: string; readonly number: number } | null {
  if (!identity.startsWith("{")) return null;
  try {
    const { service, number } = JSON.parse(identity) as Readonly<Record<string, unknown>>;
    return typeof service === "string" && typeof number === "number" ? { service, number } : null;
  } catch {
    // Torn by a death in the middle of `claim`.
    return null;
  }
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

/** A row of our own. */
export interface RowIdentity {
  readonly service: string;
  /** Its number, see `markNumber`. */
  readonly mark: number;
  /** Of the file; null: the service's first. */
  readonly path: string | null;
}

/** Which row was being written; null: it is a chunk. */
export function parseRowIdentity(text: string): RowIdentity | null {
  try {
    const [service, mark, path = null, ...more] = JSON.parse(text) as unknown[];
    if (typeof service !== "string" || typeof mark !== "number" || more.length > 0) return null;
    return path === null || typeof path === "string" ? { service, mark, path } : null;
  } catch {
    return null;
  }
}
