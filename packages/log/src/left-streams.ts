import type { Channel } from "./channel.js";
import type { HeldPart } from "./held-part.js";
import { parseIdentity, type Ledger, type StreamIdentity } from "./ledger.js";
import { PipeStream, type PipeOwner } from "./pipe-stream.js";

/** Beginnings of lines that the last process held, until the streams that go on with them are there. */
export class LeftStreams {
  readonly #owner: PipeOwner;
  readonly #parts: Map<string, HeldPart>;

  constructor(owner: PipeOwner, ledger: Ledger) {
    this.#owner = owner;
    this.#parts = new Map(ledger.leftParts());
  }

  /** The stream goes on with what was held of it. */
  resume(stream: PipeStream): void {
    const part = this.#parts.get(stream.identity);
    if (part !== undefined) stream.resumePart(part);
    this.#parts.delete(stream.identity);
  }

  /** A stream of which nothing is left but what the last process held. */
  of(channel: Channel, { run, id, stream: number }: StreamIdentity): PipeStream {
    const stream = new PipeStream(this.#owner, channel, { number: run, id }, number, -1);
    const part = this.#parts.get(stream.identity);
    if (part !== undefined) stream.resumePart(part);
    return stream;
  }

  keep(identity: string, part: HeldPart | null): void {
    if (part !== null) this.#parts.set(identity, part);
  }

  /** Nobody comes any more for what is left: it is handed on as it is. */
  end(channelOf: (service: string) => Channel | undefined): void {
    for (const [identity, part] of this.#parts) {
      const whose = parseIdentity(identity);
      const channel = whose === null ? undefined : channelOf(whose.service);
      if (whose !== null && channel !== undefined) this.of(channel, whose).flush();
      part.release();
    }
    this.#parts.clear();
  }
}
