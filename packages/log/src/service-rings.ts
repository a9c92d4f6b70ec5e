import type { Channel } from "./channel.js";
import { KeptRings } from "./kept-rings.js";
import type { LastingMemory } from "./ledger.js";
import { nameKey } from "./line-numbers.js";
import { LineRing } from "./line-ring.js";

const usualBytes = 64 * 1024;

/** Memory of its own for the newest lines, opened with the first one. */
export interface LinesMemory {
  /** Is there some of the last process? */
  readonly left: boolean;
  /** Null: there is none. Called at most once until it succeeds. */
  open(): LastingMemory | null;
}

/** Makes the rings of services; those of services without a file outlive us, where there is memory for it. */
export class ServiceRings {
  readonly #limit: number;
  readonly #memory: LinesMemory | null;
  /** Null: none was needed yet. */
  #kept: KeptRings | null = null;

  /** As in `LogHubOptions`. */
  constructor(limit: number = usualBytes, memory: LinesMemory | null = null) {
    this.#limit = limit;
    this.#memory = memory;
  }

  create({ name, file, direct }: Channel): LineRing {
    // Lines of a service with a file are in the file.
    if (this.#memory === null || file !== null || direct !== null) return new LineRing(this.#limit);
    if (this.#kept === null) {
      const memory = this.#memory.open();
      if (memory !== null) this.#kept = new KeptRings(memory, this.#limit);
    }
    const rings = this.#kept;
    return new LineRing(this.#limit, rings === null ? null : { rings, key: nameKey(name) });
  }

  /** Goes on with the rings of the last process. Returns the number of arrival of the last line; 0: there is none. */
  restore(channels: Iterable<Channel>): number {
    if (this.#memory?.left !== true) return 0;
    let last = 0;
    for (const channel of channels) {
      const ring = this.create(channel);
      const arrival = ring.restore(channel.id);
      if (arrival === null) continue;
      channel.ring = ring;
      last = Math.max(last, arrival);
    }
    this.#kept?.dropLeft();
    return last;
  }
}
