import type { LogRow } from "./log-row.js";

/** One of the services whose rows are merged. */
class Stream {
  readonly #batches: AsyncIterator<readonly LogRow[]>;
  #rows: readonly LogRow[] = [];
  #next = 0;
  /** The time of the row at hand, or of the last one before it that has a time: a row is never before those that stand above it. */
  micros = Number.NEGATIVE_INFINITY;

  constructor(batches: AsyncIterable<readonly LogRow[]>) {
    this.#batches = batches[Symbol.asyncIterator]();
  }

  /** Takes the row at hand, and those behind it that are older than `limit`. False: there is no further row at hand, `fill` asks for more. */
  takeBefore(limit: number, into: LogRow[]): boolean {
    do {
      const row = this.#rows[this.#next];
      if (row !== undefined) into.push(row);
      this.#next += 1;
      if (!this.#look()) return false;
    } while (this.micros < limit);
    return true;
  }

  /** False: there is none. */
  async fill(): Promise<boolean> {
    for (;;) {
      const result = await this.#batches.next();
      if (result.done === true) return false;
      this.#rows = result.value;
      this.#next = 0;
      if (this.#look()) return true;
    }
  }

  end(): Promise<unknown> | undefined {
    return this.#batches.return?.();
  }

  #look(): boolean {
    const row = this.#rows[this.#next];
    if (row === undefined) return false;
    if (row.timeMicros !== null && row.timeMicros > this.micros) this.micros = row.timeMicros;
    return true;
  }
}

/** So many rows are handed on at once. */
const batchRows = 1024;

/**
 * Merges the rows of several services by their times. Those of one service keep their order, whatever their times are; of rows with the same time those of the first service
 * come first.
 */
export async function* mergeRows(
  services: readonly AsyncIterable<readonly LogRow[]>[],
): AsyncGenerator<readonly LogRow[]> {
  const [only] = services;
  if (services.length === 1 && only !== undefined) {
    yield* only;
    return;
  }
  const all = services.map((batches) => new Stream(batches));
  try {
    const filled = await Promise.all(all.map((stream) => stream.fill()));
    let live = all.filter((_, index) => filled[index]);
    let merged: LogRow[] = [];
    while (live.length > 0) {
      const { first, limit } = earliest(live);
      if (first === undefined) break;
      const more = first.takeBefore(limit, merged);
      if (merged.length >= batchRows) {
        yield merged;
        merged = [];
      }
      if (!more && !(await first.fill())) live = live.filter((stream) => stream !== first);
    }
    if (merged.length > 0) yield merged;
  } finally {
    await Promise.all(all.map(async (stream) => stream.end()));
  }
}

/** The stream whose row comes next, and the time up to which it may go on before another has to be looked at. */
function earliest(streams: readonly Stream[]): {
  readonly first: Stream | undefined;
  readonly limit: number;
} {
  let first: Stream | undefined;
  let limit = Number.POSITIVE_INFINITY;
  for (const stream of streams) {
    if (first === undefined) first = stream;
    else if (stream.micros < first.micros) {
      limit = first.micros;
      first = stream;
    } else if (stream.micros < limit) limit = stream.micros;
  }
  return { first, limit };
}
