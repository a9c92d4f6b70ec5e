/** What is known of the lines of a service, in the order of a place's numbers. */
const KEY = 0;
const NEXT = 1;
const MARK = 2;
const LOST_FROM = 3;
const LOST_ERRNO = 4;
const placeNumbers = 5;

/** Memory that outlives us, for the places. */
export interface NumberTable {
  readonly bytes: Uint8Array;
  /** `words[at]` is the number of places that were ever in use. */
  readonly words: Int32Array;
  readonly at: number;
  /** Asked before anything is stored in a page, see `LastingMemory`. */
  reserve(offset: number, length: number): boolean;
}

/**
 * Where the numbering of each service stands, in memory that outlives us: a table of places, each of five 64-bit numbers. A place is known by a
 * hash of the service's name (53 bits).
 */
export class LineNumbers {
  readonly #numbers: Float64Array;
  readonly #table: NumberTable;
  readonly #places = new Map<number, number>();
  readonly #free: number[] = [];

  constructor(table: NumberTable) {
    this.#table = table;
    const { buffer, byteOffset, length } = table.bytes;
    this.#numbers = new Float64Array(buffer, byteOffset, Math.floor(length / 8));
    for (let place = 0; place < this.#used; place += 1) {
      const key = this.#numbers[place * placeNumbers + KEY] ?? 0;
      if (key === 0) this.#free.push(place * placeNumbers);
      else this.#places.set(key, place * placeNumbers);
    }
  }

  /** The place of a service, a new one where it has none; -1: there is no room, and nothing is kept of it. */
  claim(service: string): number {
    const key = nameKey(service);
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    const place = this.#free.pop() ?? this.#another();
    if (place < 0) return -1;
    this.#numbers.fill(0, place, place + placeNumbers);
    this.#numbers[place + KEY] = key;
    this.#places.set(key, place);
    return place;
  }

  release(service: string): void {
    const key = nameKey(service);
    const place = this.#places.get(key);
    if (place === undefined) return;
    this.#numbers[place + KEY] = 0;
    this.#places.delete(key);
    this.#free.push(place);
  }

  /** Number of the service's last line; 0: it has written none; -1: not known. */
  seq(place: number): number {
    return (this.#numbers[place + NEXT] ?? 0) - 1;
  }

  setSeq(place: number, seq: number): void {
    if (place >= 0) this.#numbers[place + NEXT] = seq + 1;
  }

  /** Number of the last mark of its runs (see `markNumber`). */
  mark(place: number): number {
    return this.#numbers[place + MARK] ?? 0;
  }

  setMark(place: number, mark: number): void {
    if (place >= 0) this.#numbers[place + MARK] = mark;
  }

  /** Lines that its file could not take and that no gap row tells of yet: from this number on. 0: none. */
  lostFrom(place: number): number {
    return this.#numbers[place + LOST_FROM] ?? 0;
  }

  lostErrno(place: number): number {
    return this.#numbers[place + LOST_ERRNO] ?? 0;
  }

  setLost(place: number, from: number, negativeErrno: number): void {
    if (place < 0) return;
    this.#numbers[place + LOST_ERRNO] = negativeErrno;
    this.#numbers[place + LOST_FROM] = from;
  }

  get #used(): number {
    return this.#table.words[this.#table.at] ?? 0;
  }

  #another(): number {
    const place = this.#used * placeNumbers;
    if (place + placeNumbers > this.#numbers.length) return -1;
    if (!this.#table.reserve(place * 8, placeNumbers * 8)) return -1;
    this.#table.words[this.#table.at] = this.#used + 1;
    return place;
  }
}

/** Names a service in memory that outlives us: FNV-1a over the UTF-16 units, twice with different bases; never 0. */
export function nameKey(name: string): number {
  let low = 0x811c9dc5;
  let high = 0x01000193;
  for (let index = 0; index < name.length; index += 1) {
    const unit = name.charCodeAt(index);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul(high ^ unit, 0x01000193) + index;
  }
  return (high >>> 11) * 0x1_0000_0000 + (low >>> 0) + 1;
}
