import type { LogSink } from "@supervise/model";

import { loss, lossCause } from "./file-loss.js";
import type { FileRows } from "./file-rows.js";
import { rowsIn, type Inlet } from "./inlet.js";
import type { LineBatch } from "./line-batch.js";
import type { LogProblem } from "./problem.js";
import { lineCount } from "./row-format.js";

export type InletSpec = Extract<LogSink, { driver: "service" }>;

/** A service that must wait is not read any more while rows of it wait. Its last words are taken nevertheless, but no more than these. */
const blockingBytes = 16 * 1024 * 1024;

export interface InletSinkOptions {
  readonly spec: InletSpec;
  readonly service: string;
  readonly inlet: Inlet;
  /** Among the numbers that outlive us; -1: it has none. */
  readonly place: number;
  readonly rows: FileRows;
  /** Microseconds since the epoch. */
  readonly clock: () => number;
  readonly problem: (problem: LogProblem) => void;
}

/** The log of one service on its way to the standard input of another. What has no room is counted, and told where it is missing. */
export class InletSink {
  readonly inlet: Inlet;
  readonly spec: InletSpec;
  readonly place: number;
  readonly #options: InletSinkOptions;
  #lostFirst = 0;
  #lost = 0;
  #cause: number = loss.dropped;
  /** Lines up to this one are in the pipe already. */
  #there = 0;

  constructor(options: InletSinkOptions) {
    this.#options = options;
    this.inlet = options.inlet;
    this.spec = options.spec;
    this.place = options.place;
  }

  /** The service has to wait for it. */
  get full(): boolean {
    return this.spec.mode !== "non-blocking" && this.inlet.waitingBytes > 0;
  }

  /** A supervisor before us has put lines up to this one into the pipe: they are not to come again. */
  leaveOut(upTo: number): void {
    this.#there = upTo;
  }

  /** Lines of a supervisor before us that did not get into the pipe. */
  lostWithSupervisor(first: number, last: number): void {
    this.#countLost(first, last - first + 1, loss.died);
    this.#tellLost();
  }

  write(batch: LineBatch): void {
    const fresh = batch.firstSeq > this.#there ? batch : behind(batch, this.#there);
    if (fresh === null) return;
    const { rows } = this.#options;
    rows.put(this.spec, fresh, (lastSeq, bytes, start, end) => {
      rows.rows.used = 0;
      this.#offer(bytes.subarray(start, end), lastSeq);
    });
  }

  /** Settles what is left to be said before it is let go of. */
  end(): void {
    this.#tellLost();
  }

  #offer(bytes: Buffer, lastSeq: number): void {
    if (bytes.length === 0) return;
    const { limit } = this;
    const taken = this.#tellLost() ? this.inlet.offer(bytes, limit, this.place, lastSeq) : 0;
    if (taken === bytes.length) return;
    const lines = rowsIn(bytes.subarray(taken));
    if (this.#lost === 0) this.inlet.onceDrained(() => this.#tellLost());
    this.#countLost(lastSeq - lines + 1, lines, loss.dropped);
  }

  /** Bytes that may wait. */
  get limit(): number {
    return this.spec.mode === "non-blocking" ? this.spec.maxBufferBytes : blockingBytes;
  }

  #countLost(first: number, lines: number, cause: number): void {
    if (this.#lost === 0) {
      this.#lostFirst = first;
      this.#cause = cause;
    }
    this.#lost += lines;
  }

  /** False: there is no room for it yet. */
  #tellLost(): boolean {
    if (this.#lost === 0) return true;
    const { service, rows, clock, problem } = this.#options;
    const gap = { first: this.#lostFirst, lines: this.#lost, cause: lossCause(this.#cause) };
    const row = rows.gap(this.spec, clock(), service, gap);
    const last = gap.first + gap.lines - 1;
    if (row !== null && this.inlet.offer(row, this.limit, this.place, last) === 0) return false;
    if (row === null && this.inlet.waitingBytes > 0) return false;
    this.#lost = 0;
    problem({
      kind: "service",
      message: `service "${this.inlet.service}" did not get ${lineCount(gap.lines)} of service "${service}": ${gap.cause}`,
    });
    return true;
  }
}

/** The lines of a batch that come after this one; null: there are none. Only where lines come again after a death. */
function behind(batch: LineBatch, seq: number): LineBatch | null {
  const left = seq - batch.firstSeq + 1;
  if (left >= batch.count) return null;
  return {
    ...batch,
    firstSeq: batch.firstSeq + left,
    start: (batch.ends[left - 1] ?? 0) + 1,
    ends: batch.ends.subarray(left),
    count: batch.count - left,
  };
}
