import type { LogLine } from "@supervise/model";
import { Follower } from "./follower.js";
import type { LineBatch } from "./line-batch.js";

/** Where nothing else is asked for. */
const defaultBytes = 1024 * 1024;

/** All followers of a hub. One that ends is forgotten. */
export class Followers {
  readonly #limitBytes: number;
  readonly #all = new Set<Follower>();

  /** `limitBytes`: so much may wait for one; 1 MiB where not given. */
  constructor(limitBytes: number = defaultBytes) {
    this.#limitBytes = limitBytes;
  }

  /** `past`: what it is given first. It ends with `signal`, at the latest. */
  add(
    names: readonly string[] | null,
    past: readonly LogLine[],
    signal: AbortSignal | undefined,
  ): Follower {
    const end = (): void => follower.end();
    const follower = new Follower(names, [...past], this.#limitBytes, () => {
      this.#all.delete(follower);
      signal?.removeEventListener("abort", end);
    });
    this.#all.add(follower);
    if (signal?.aborted === true) end();
    else signal?.addEventListener("abort", end, { once: true });
    return follower;
  }

  offer(batch: LineBatch): void {
    for (const follower of this.#all) follower.offer(batch);
  }

  end(): void {
    for (const follower of this.#all) follower.end();
  }
}
