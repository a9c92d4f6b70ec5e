import type { WriteStream } from "node:tty";

/** The way to the terminal, which may be slow or stand still: ssh over a bad network, a reader that was stopped. */
export interface Link {
  /** Nothing waits to be taken. */
  readonly idle: boolean;
  /** Resolves once all that was written so far is taken, or can no longer be. */
  taken(): Promise<void>;
  /** As `taken()`; then writes wait in the kernel again, as others expect who get the terminal. */
  release(): Promise<void>;
  /** Writes wait in the program again. */
  resume(): void;
  /** As `release()`. Resolves with whether all was taken in time. */
  close(deadlineMs: number): Promise<boolean>;
}

/** What is below a stream of Node, as in `process.stdout._handle.setBlocking`. */
interface Handle {
  setBlocking?(blocking: boolean): void;
}

/**
 * Node has a write to a terminal wait in the kernel until it is taken: a link that stands still would make the whole program deaf, to SIGTERM too. From here on writes
 * wait in the program. libuv has opened the terminal anew, so that the shell does not notice; a child that inherits the descriptor would.
 */
export function openLink(output: WriteStream): Link {
  const setBlocking = (blocking: boolean): void => {
    const { _handle: handle } = output as { readonly _handle?: Handle | null };
    handle?.setBlocking?.(blocking);
  };
  setBlocking(false);
  // An error is told to its listeners.
  const taken = (): Promise<void> =>
    new Promise((resolve) => void output.write("", () => resolve()));
  return {
    get idle() {
      return output.writableLength === 0;
    },
    taken,
    async release() {
      await taken();
      setBlocking(true);
    },
    resume: () => setBlocking(false),
    async close(deadlineMs) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<boolean>((resolve) => {
        timer = setTimeout(resolve, deadlineMs, false);
      });
      const inTime = await Promise.race([taken().then(() => true), late]);
      clearTimeout(timer);
      setBlocking(true);
      return inTime;
    },
  };
}
