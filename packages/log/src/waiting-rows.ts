import { heldPartBytes, HeldPart } from "./held-part.js";
import { restIdentity, restOf } from "./ledger.js";

/** Where waiting rows are held, so that they outlive us. */
export interface WaitingRowsOwner {
  /** A place for up to `maxLineBytes` bytes; one that ends with us where there is no room for another. */
  claimPart(identity: string): HeldPart;
  /** What the last process held for a service, in its order. */
  leftRests(service: string): readonly HeldPart[];
}

/** Rows that wait for room in the pipe to one service, in their order, in memory that outlives us. */
export class WaitingRows {
  readonly #service: string;
  readonly #owner: WaitingRowsOwner;
  readonly #parts: HeldPart[];
  #number: number;
  #bytes: number;

  /** Begins with what the last process left. */
  constructor(service: string, owner: WaitingRowsOwner) {
    this.#service = service;
    this.#owner = owner;
    this.#parts = [...owner.leftRests(service)];
    this.#number = restOf(this.#parts.at(-1)?.identity ?? "")?.number ?? 0;
    this.#bytes = this.#parts.reduce((sum, { rest }) => sum + rest.length, 0);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** What comes next; empty: nothing waits. */
  get next(): Buffer {
    return this.#parts[0]?.rest ?? Buffer.alloc(0);
  }

  add(bytes: Buffer): void {
    for (let at = 0; at < bytes.length;) {
      const left = bytes.subarray(at);
      const taken = this.#parts.at(-1)?.append(left) ?? 0;
      if (taken === 0) this.#another(left);
      at += taken;
    }
    this.#bytes += bytes.length;
  }

  /** So many bytes of `next` are in the pipe. */
  gone(bytes: number): void {
    const [first] = this.#parts;
    if (first === undefined) return;
    first.gone(bytes);
    this.#bytes -= bytes;
    if (first.rest.length > 0) return;
    first.release();
    this.#parts.shift();
  }

  /** Nobody is going to want them. */
  forget(): void {
    for (const part of this.#parts.splice(0)) part.release();
    this.#bytes = 0;
  }

  /** Another part, with room for these bytes or for as many as a part takes. */
  #another(bytes: Buffer): void {
    this.#number += 1;
    const identity = restIdentity(this.#service, this.#number);
    const part = this.#owner.claimPart(identity);
    if (!part.hasRoomFor(bytes.length)) {
      part.release();
      const ours = new HeldPart(new Uint8Array(heldPartBytes), () => true);
      ours.claim(identity);
      this.#parts.push(ours);
    } else this.#parts.push(part);
  }
}
