import type { LogLine } from "@supervise/model";

import type { LineBatch } from "./line-batch.js";
import { LineRing } from "./line-ring.js";
import { readableLines } from "./log-line.js";

/**
 * One reader of lines as they come. Lines wait in a bounded ring of its own, as bytes, until it asks; when it is too slow the oldest go,
 * and the next line says in `skipped` how many. It never slows a service.
 */
export class Follower implements AsyncIterableIterator<LogLine> {
  readonly #names: ReadonlySet<string> | null;
  readonly #ring: LineRing;
  readonly #closed: (follower: Follower) => void;
  /** Names by source number, kept here because a service may be forgotten while its lines wait. */
  readonly #sources = new Map<number, string>();
  #ready: LogLine[];
  #next = 0;
  #skipped = 0;
  #ended = false;
  #asking: ((result: IteratorResult<LogLine>) => void)[] = [];

  /** `names` null: every service. `first`: lines to begin with. `closed` is called once. */
  constructor(
    names: readonly string[] | null,
    first: LogLine[],
    limitBytes: number,
    closed: (follower: Follower) => void,
  ) {
    this.#names = names === null ? null : new Set(names);
    this.#ready = first;
    this.#ring = new LineRing(limitBytes);
    this.#closed = closed;
  }

  offer(batch: LineBatch): void {
    const { name, id } = batch.source;
    if (this.#ended || (this.#names !== null && !this.#names.has(name))) return;
    this.#sources.set(id, name);
    this.#ring.append(batch);
    this.#answer();
  }

  /** No more lines come; those that wait can still be read. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#closed(this);
    this.#answer();
  }

  next(): Promise<IteratorResult<LogLine>> {
    return new Promise((resolve) => {
      this.#asking.push(resolve);
      this.#answer();
    });
  }

  return(): Promise<IteratorResult<LogLine>> {
    this.#ready = [];
    this.#next = 0;
    while (this.#ring.take() !== null);
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #answer(): void {
    while (this.#asking.length > 0) {
      const line = this.#take();
      if (line === undefined && !this.#ended) return;
      this.#asking.shift()?.(
        line === undefined ? { done: true, value: undefined } : { done: false, value: line },
      );
    }
  }

  #take(): LogLine | undefined {
    if (this.#next === this.#ready.length) {
      this.#skipped += this.#ring.takeLost();
      const record = this.#ring.take();
      if (record === null) return undefined;
      this.#ready = readableLines(record, this.#sources.get(record.source) ?? "");
      this.#next = 0;
    }
    const line = this.#ready[this.#next];
    this.#next += 1;
    if (line === undefined || this.#skipped === 0) return line;
    const skipped = this.#skipped;
    this.#skipped = 0;
    return { ...line, skipped };
  }
}
