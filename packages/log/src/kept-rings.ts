/**
 * Rings of lines in memory that outlives us, so that a death of ours loses none. Each has a place: its key (a hash of the service's name, 0: nobody's), its
 * state, which is one store, and its bytes. Places of services that write little are small; a ring that outgrows one moves to a place of full size. A page
 * is taken when its first byte is stored.
 */
import type { LastingMemory } from "./ledger.js";

/** Where one ring is. */
export interface RingPlace {
  readonly bytes: Buffer;
  /** `numbers[at]` is the key, the next one the state. */
  readonly numbers: Float64Array;
  readonly at: number;
}

const version = 1;
const pageBytes = 4096;
const headBytes = 16;
const smallBytes = 1024;
const smallSlab = 64 * 1024;
/** Full-sized places begin here; small ones end. */
const fullOffset = 8 * 1024 * 1024;
const fullInSlab = 8;

/** Indexes of the words of the header, which takes the place of the first small one. */
const VERSION = 0;
const RING_BYTES = 1;
const SMALL = 2;
const FULL = 3;

/** All rings of a hub. `ringBytes`: what a ring of full size holds. */
export class KeptRings {
  readonly #memory: LastingMemory;
  readonly #ringBytes: number;
  readonly #smallSlabs: Uint8Array[] = [];
  readonly #fullSlabs: Uint8Array[] = [];
  readonly #free: { readonly small: RingPlace[]; readonly full: RingPlace[] } = {
    small: [],
    full: [],
  };
  readonly #words: Int32Array;
  readonly #left = new Map<number, RingPlace>();

  constructor(memory: LastingMemory, ringBytes: number) {
    this.#memory = memory;
    this.#ringBytes = ringBytes;
    const first = this.#smallSlab(0);
    this.#words = new Int32Array(first.buffer, first.byteOffset, 4);
    if (this.#words[VERSION] === version && this.#words[RING_BYTES] === ringBytes) this.#find();
    else this.#words.set([version, ringBytes, 1, 0]);
  }

  /** What the last process left of the ring with this key; whoever asks has it from now on. */
  takeLeft(key: number): RingPlace | null {
    const place = this.#left.get(key) ?? null;
    this.#left.delete(key);
    return place;
  }

  /** Nobody will ask for the others. */
  dropLeft(): void {
    for (const place of this.#left.values()) this.release(place);
    this.#left.clear();
  }

  /** A place for `size` bytes at least, nobody's until `own`; null: there is none. */
  claim(size: number): RingPlace | null {
    return size <= smallBytes - headBytes
      ? (this.#free.small.pop() ?? this.#anotherSmall())
      : size > this.#ringBytes
        ? null
        : (this.#free.full.pop() ?? this.#anotherFull());
  }

  /** Its bytes and its state are what they should be. */
  own(place: RingPlace, key: number): void {
    place.numbers[place.at] = key;
  }

  release(place: RingPlace): void {
    place.numbers[place.at] = 0;
    const small = place.bytes.length < this.#ringBytes;
    (small ? this.#free.small : this.#free.full).push(place);
  }

  /** A ring that was about to move may be there twice: the later one is whole. */
  #find(): void {
    const [, , small = 1, full = 0] = this.#words;
    for (let index = 1; index < small; index += 1) this.#keep(this.#small(index));
    for (let index = 0; index < full; index += 1) this.#keep(this.#full(index));
  }

  #keep(place: RingPlace): void {
    const key = place.numbers[place.at] ?? 0;
    const before = this.#left.get(key);
    if (before !== undefined) this.release(before);
    if (key === 0) this.release(place);
    else this.#left.set(key, place);
  }

  #anotherSmall(): RingPlace | null {
    const index = this.#words[SMALL] ?? 1;
    if ((index + 1) * smallBytes > fullOffset) return this.#free.full.pop() ?? this.#anotherFull();
    const place = this.#small(index);
    this.#words[SMALL] = index + 1;
    return place;
  }

  #anotherFull(): RingPlace | null {
    const index = this.#words[FULL] ?? 0;
    const place = this.#full(index);
    this.#words[FULL] = index + 1;
    return place;
  }

  #small(index: number): RingPlace {
    const offset = index * smallBytes;
    const slab = this.#smallSlab(Math.floor(offset / smallSlab));
    return placeIn(slab, offset % smallSlab, smallBytes - headBytes);
  }

  #smallSlab(index: number): Uint8Array {
    return (this.#smallSlabs[index] ??= this.#memory.map(index * smallSlab, smallSlab));
  }

  #full(index: number): RingPlace {
    const size = Math.ceil((headBytes + this.#ringBytes) / pageBytes) * pageBytes;
    const which = Math.floor(index / fullInSlab);
    const slab = (this.#fullSlabs[which] ??= this.#memory.map(
      fullOffset + which * fullInSlab * size,
      fullInSlab * size,
    ));
    return placeIn(slab, (index % fullInSlab) * size, this.#ringBytes);
  }
}

function placeIn({ buffer, byteOffset }: Uint8Array, offset: number, size: number): RingPlace {
  return {
    bytes: Buffer.from(buffer, byteOffset + offset + headBytes, size),
    numbers: new Float64Array(buffer, byteOffset + offset, 2),
    at: 0,
  };
}
