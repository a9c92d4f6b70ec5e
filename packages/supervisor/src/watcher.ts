import { pollIn, pollOut, type DescriptorWatch } from "@supervise/log";

/** Watches descriptors on top of the poller that is shared with the log hub. */
export interface Watcher {
  /**
   * `onReady` is called in each turn in which `fd` is readable, at its end, or in error. Returns the undo, which must be called before `fd` is
   * closed. Throws where the descriptor can't be watched: an internal error.
   */
  readable(fd: number, onReady: () => void): () => void;
  /** The same for one that can be written to. */
  writable(fd: number, onReady: () => void): () => void;
}

export function createWatcher(watch: DescriptorWatch): Watcher {
  const begin = (fd: number, events: number, onReady: () => void): (() => void) => {
    const result = watch.add(fd, events, { onReady });
    if (result < 0)
      throw new Error(`internal error: cannot watch descriptor ${fd} (errno ${-result})`);
    let watching = true;
    return () => {
      if (watching) watch.remove(fd);
      watching = false;
    };
  };
  return {
    readable: (fd, onReady) => begin(fd, pollIn, onReady),
    writable: (fd, onReady) => begin(fd, pollOut, onReady),
  };
}
