import type { Kernel } from "@supervise/sys";
import type { Watcher } from "../watcher.js";

const EINTR = -4;
const EAGAIN = -11;

type WriterKernel = Pick<Kernel, "write">;

/** Writes into the terminal or pipe that a service reads, no faster than it reads. Each piece goes in whole before the next begins. */
export class InputWriter {
  readonly #kernel: WriterKernel;
  readonly #watcher: Pick<Watcher, "writable">;
  readonly #fd: number;
  #turn: Promise<void> = Promise.resolve();
  #closed = false;
  #wake: (() => void) | null = null;

  /** The descriptor stays the caller's, to be closed after `close`; it must be non-blocking, and watched by nobody else. */
  constructor(kernel: WriterKernel, watcher: Pick<Watcher, "writable">, fd: number) {
    this.#kernel = kernel;
    this.#watcher = watcher;
    this.#fd = fd;
  }

  /** Settles once it is written, or the writer is closed, or `signal` is aborted, with which the rest is forgotten. It never rejects. */
  write(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    this.#turn = this.#turn.then(() => this.#writeAll(bytes, signal));
    return this.#turn;
  }

  /** What waits is forgotten. */
  close(): void {
    this.#closed = true;
    this.#wake?.();
  }

  async #writeAll(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    for (let offset = 0; offset < bytes.length && !this.#closed && !signal.aborted;) {
      const written = this.#kernel.write(this.#fd, bytes, offset, bytes.length - offset);
      if (written > 0) offset += written;
      else if (written === 0 || written === EAGAIN) await this.#room(signal);
      // Nobody reads it any more (EIO, EPIPE): the end of the run tells so.
      else if (written !== EINTR) return;
    }
  }

  #room(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        unwatch();
        signal.removeEventListener("abort", wake);
        this.#wake = null;
        resolve();
      };
      const unwatch = this.#watcher.writable(this.#fd, wake);
      this.#wake = wake;
      signal.addEventListener("abort", wake, { once: true });
    });
  }
}
