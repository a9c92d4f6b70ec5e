import type { AttachEnd } from "@supervise/model";
import type { OutputTap } from "@supervise/log";

/** So much may wait for one who is attached; then the service's output is not read until some was taken. */
const FULL_BYTES = 32 * 1024;

/** One who takes nothing for so long while the service waits is let go, in milliseconds. */
const PATIENCE_MS = 10_000;

/** What a service writes, on its way to one who is attached. */
export class OutputQueue implements OutputTap {
  #chunks: Buffer[] = [];
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #wake: (() => void) | null = null;
  #over = false;
  #resume: () => void = () => undefined;
  readonly #onOver: () => void;
  end: AttachEnd | null = null;

  /** `onOver` is called once, before the last of it was taken. */
  constructor(onOver: () => void) {
    this.#onOver = onOver;
  }

  /** What to call when there is room again. */
  onRoom(resume: () => void): void {
    this.#resume = resume;
  }

  get full(): boolean {
    return this.#bytes >= FULL_BYTES;
  }

  take(bytes: Uint8Array): void {
    if (this.#over) return;
    this.#chunks.push(Buffer.from(bytes));
    this.#bytes += bytes.length;
    if (this.full) this.#timer ??= setTimeout(() => this.finish({ kind: "slow" }), PATIENCE_MS);
    this.#wake?.();
  }

  /** The run's output is closed. Why, is known only when the engine has heard of it, in this turn. */
  ended(): void {
    setImmediate(() => this.finish(this.endOfRun()));
  }

  /** To be replaced by whoever knows the run. */
  endOfRun: () => AttachEnd = () => ({ kind: "closed" });

  /** Nothing more is queued; what is, can still be taken, but for one who was too slow or has left (null). */
  finish(end: AttachEnd | null): void {
    if (this.#over) return;
    this.#over = true;
    this.end = end;
    clearTimeout(this.#timer);
    if (end === null || end.kind === "slow") this.#chunks = [];
    this.#onOver();
    this.#wake?.();
  }

  async *read(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const chunks = this.#chunks;
        if (chunks.length > 0) {
          this.#chunks = [];
          this.#bytes = 0;
          clearTimeout(this.#timer);
          this.#timer = undefined;
          this.#resume();
          yield Buffer.concat(chunks);
        } else if (this.#over) return;
        else await this.#more();
      }
    } finally {
      this.finish(null);
    }
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = null;
        resolve();
      };
    });
  }
}
