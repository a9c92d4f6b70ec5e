import type { KeptRings, RingPlace } from "./kept-rings.js";
import { noPriority, type LineBatch, type StreamNumber } from "./line-batch.js";

/** Layout of a record: the numbers below, then its lines with their newlines. */
const offsets = {
  length: 0,
  count: 4,
  run: 8,
  source: 12,
  flags: 16,
  time: 20,
  arrival: 28,
  seq: 36,
} as const;
const headerBytes = 44;
const stderrFlag = 1;
const partialFlag = 2;
/** Above the flags: the priority plus 1, so that 0 is none. */
const priorityShift = 8;
const firstBytes = 512;
const noBytes: Buffer = Buffer.alloc(0);
/** The state of a kept ring is one number: start, end and wrap, of 17 bits each. */
const stateUnit = 0x2_0000;

/** Whose ring it is, among those that outlive us. */
export interface KeptAs {
  readonly rings: KeptRings;
  /** Not 0. */
  readonly key: number;
}

/** The numbers of a record and where its lines are; valid until the next append. */
export interface LineRecord {
  readonly source: number;
  readonly run: number;
  readonly stream: StreamNumber;
  /** As in `LineBatch`. */
  readonly priority: number;
  readonly partial: boolean;
  readonly timeMicros: number;
  readonly firstArrival: number;
  readonly firstSeq: number;
  readonly count: number;
  /** Lines, each with its newline; a partial one has none. */
  readonly lines: Buffer;
}

/**
 * The newest lines in a bounded number of bytes: a ring of records, one for each batch. The memory is taken with the first line
 * and doubles up to the limit; after that the oldest record makes room. A line longer than the ring is cut and flagged partial.
 */
export class LineRing {
  readonly #limit: number;
  #bytes: Buffer = noBytes;
  #head = 0;
  #tail = 0;
  /** Where the records that precede the wrap end; -1 while nothing has wrapped. */
  #wrap = -1;
  #records = 0;
  #lines = 0;
  #lost = 0;
  readonly #kept: KeptAs | null;
  #place: RingPlace | null = null;
  /** Lines up to this number are here, whoever hands them on once more. */
  #known = 0;

  /** `limitBytes` counts records with their headers; at least 1024. `kept`: its bytes outlive us, for as long as there is room. */
  constructor(limitBytes: number, kept: KeptAs | null = null) {
    this.#limit = Math.max(limitBytes, 1024);
    this.#kept = kept !== null && this.#limit < stateUnit ? kept : null;
  }

  /** Goes on with what the last process kept, as lines of the source with this number. Returns the number of arrival of the last line (0: there is none), or null: nothing was kept. */
  restore(source: number): number | null {
    const place = this.#kept?.rings.takeLeft(this.#kept.key) ?? null;
    if (place === null) return null;
    const state = place.numbers[place.at + 1] ?? 0;
    this.#place = place;
    this.#bytes = place.bytes;
    this.#head = state % stateUnit;
    this.#tail = Math.floor(state / stateUnit) % stateUnit;
    this.#wrap = Math.floor(state / (stateUnit * stateUnit)) - 1;
    return this.#count(source);
  }

  /** Nothing is handed on once more from here on. */
  settle(): void {
    this.#known = 0;
  }

  /** Gives its place back. Nothing may be appended any more. */
  release(): void {
    if (this.#place !== null) this.#kept?.rings.release(this.#place);
    this.#place = null;
  }

  /** Lines held now. */
  get lines(): number {
    return this.#lines;
  }

  get bytesAllocated(): number {
    return this.#bytes.length;
  }

  /** Lines that were pushed out since the last call. */
  takeLost(): number {
    const lost = this.#lost;
    this.#lost = 0;
    return lost;
  }

  append(batch: LineBatch): void {
    const { ends, count } = batch;
    // Records are at most a quarter of the ring, so that pushing one out never empties it.
    const most = this.#limit >> 2;
    let index = 0;
    if (batch.firstSeq <= this.#known) index = Math.min(count, this.#known - batch.firstSeq + 1);
    let from = index === 0 ? batch.start : (ends[index - 1] ?? 0) + 1;
    while (index < count) {
      let next = index + 1;
      while (next < count && (ends[next] ?? 0) + 1 - from <= most) next += 1;
      const end = (ends[next - 1] ?? 0) + (batch.partial ? 0 : 1);
      this.#put(batch, from, end, index, next);
      from = end;
      index = next;
    }
  }

  /** Walks over the records, oldest first. */
  *records(): Generator<LineRecord> {
    let position = this.#head;
    for (let left = this.#records; left > 0; left -= 1) {
      if (position === this.#wrap) position = 0;
      yield this.#recordAt(position);
      position += headerBytes + this.#bytes.readUInt32LE(position);
    }
  }

  /** Takes out the oldest record. Its lines stay where they are until the next append. */
  take(): LineRecord | null {
    if (this.#records === 0) return null;
    const record = this.#recordAt(this.#head);
    this.#dropOldest();
    return record;
  }

  #put(batch: LineBatch, start: number, wholeEnd: number, index: number, next: number): void {
    const room = this.#limit - headerBytes;
    const cut = wholeEnd - start > room;
    const end = cut ? start + room : wholeEnd;
    const length = end - start;
    const at = this.#reserve(headerBytes + length);
    const bytes = this.#bytes;
    const partial = batch.partial || cut;
    bytes.writeUInt32LE(length, at);
    bytes.writeUInt32LE(next - index, at + offsets.count);
    bytes.writeUInt32LE(batch.run, at + offsets.run);
    bytes.writeUInt32LE(batch.source.id, at + offsets.source);
    bytes.writeUInt32LE(
      (batch.stream === 1 ? stderrFlag : 0) |
        (partial ? partialFlag : 0) |
        ((batch.priority - noPriority) << priorityShift),
      at + offsets.flags,
    );
    bytes.writeDoubleLE(batch.timeMicros, at + offsets.time);
    bytes.writeDoubleLE(batch.firstArrival + index, at + offsets.arrival);
    bytes.writeDoubleLE(batch.firstSeq + index, at + offsets.seq);
    batch.bytes.copy(bytes, at + headerBytes, start, end);
    this.#tail = at + headerBytes + length;
    this.#records += 1;
    this.#lines += next - index;
    this.#publish();
  }

  /** Whoever finds the bytes after our death finds these records. */
  #publish(): void {
    const place = this.#place;
    if (place === null) return;
    place.numbers[place.at + 1] =
      this.#head + stateUnit * (this.#tail + stateUnit * (this.#wrap + 1));
  }

  #count(source: number): number {
    let arrival = 0;
    let at = this.#head;
    while (at !== this.#tail) {
      if (at === this.#wrap) at = 0;
      const end = this.#wrap >= 0 && at >= this.#head ? this.#wrap : this.#tail;
      const next = at + headerBytes <= end ? at + headerBytes + this.#bytes.readUInt32LE(at) : at;
      // Nobody else writes there, so this cannot be; a ring that is not understood is none.
      if (next === at || next > end) {
        this.#head = this.#tail = this.#records = this.#lines = this.#known = 0;
        this.#wrap = -1;
        this.#publish();
        return 0;
      }
      this.#bytes.writeUInt32LE(source, at + offsets.source);
      const { count, firstArrival, firstSeq } = this.#recordAt(at);
      this.#records += 1;
      this.#lines += count;
      this.#known = firstSeq + count - 1;
      arrival = firstArrival + count - 1;
      at = next;
    }
    return arrival;
  }

  /** Where a record of `size` bytes can be written; makes room for it. `size` is never over the limit. */
  #reserve(size: number): number {
    for (;;) {
      if (this.#records === 0) {
        this.#head = 0;
        this.#tail = 0;
        this.#wrap = -1;
      }
      if (this.#wrap < 0) {
        if (this.#bytes.length - this.#tail >= size) return this.#tail;
        // Never quite full, so that equal ends mean empty.
        if (this.#records > 0 && this.#head > size) {
          this.#wrap = this.#tail;
          return 0;
        }
      } else if (this.#head - this.#tail > size) return this.#tail;
      if (this.#bytes.length < this.#limit) this.#grow(size);
      else {
        this.#lost += this.#bytes.readUInt32LE(this.#head + offsets.count);
        this.#dropOldest();
        // Before its bytes are used again.
        this.#publish();
      }
    }
  }

  #grow(size: number): void {
    const old = this.#bytes;
    const before = this.#wrap < 0 ? this.#tail : this.#wrap;
    const held = before - this.#head + (this.#wrap < 0 ? 0 : this.#tail);
    const left = this.#place;
    const place = this.#kept?.rings.claim(Math.min(this.#limit, held + size)) ?? null;
    const grown =
      place?.bytes ??
      Buffer.allocUnsafe(Math.min(this.#limit, Math.max(old.length * 2, firstBytes, held + size)));
    const copied = old.copy(grown, 0, this.#head, before);
    if (this.#wrap >= 0) old.copy(grown, copied, 0, this.#tail);
    this.#bytes = grown;
    this.#head = 0;
    this.#tail = held;
    this.#wrap = -1;
    this.#place = place;
    this.#publish();
    if (this.#kept === null) return;
    if (place !== null) this.#kept.rings.own(place, this.#kept.key);
    if (left !== null) this.#kept.rings.release(left);
  }

  #dropOldest(): void {
    this.#lines -= this.#bytes.readUInt32LE(this.#head + offsets.count);
    this.#head += headerBytes + this.#bytes.readUInt32LE(this.#head);
    this.#records -= 1;
    if (this.#head === this.#wrap) {
      this.#head = 0;
      this.#wrap = -1;
    }
  }

  #recordAt(at: number): LineRecord {
    const bytes = this.#bytes;
    const flags = bytes.readUInt32LE(at + offsets.flags);
    const start = at + headerBytes;
    const priority = (flags >> priorityShift) + noPriority;
    return {
      source: bytes.readUInt32LE(at + offsets.source),
      run: bytes.readUInt32LE(at + offsets.run),
      stream: priority !== noPriority ? 2 : (flags & stderrFlag) === 0 ? 0 : 1,
      priority,
      partial: (flags & partialFlag) !== 0,
      timeMicros: bytes.readDoubleLE(at + offsets.time),
      firstArrival: bytes.readDoubleLE(at + offsets.arrival),
      firstSeq: bytes.readDoubleLE(at + offsets.seq),
      count: bytes.readUInt32LE(at + offsets.count),
      lines: bytes.subarray(start, start + bytes.readUInt32LE(at)),
    };
  }
}
