import { closeSync, constants, fstatSync, openSync, readSync, watch } from "node:fs";
import { errnoName, errnoText, pollEvents } from "@supervise/sys";
import type { Kernel } from "@supervise/sys";
import { DaemonError } from "../daemon-error.js";

/** Where a daemon's stderr goes, and who reads along while it starts. */
export interface StartupErrors {
  /** Open for appending; for the child. `close` closes it. */
  readonly child: number;
  /** What has come since the last look. */
  pump(): void;
  /** Pumps once more and lets go. */
  close(): void;
}

const CHUNK_BYTES = 65_536;

/**
 * Opens the log that is a daemon's stderr for life, and hands what the daemon writes there while it starts to `show`. A path of null stands for a log in memory without a
 * name: nobody can exchange a descriptor of a program that runs already, so that a pipe to us would end the daemon (SIGPIPE) at its first word
 * after we are gone, and /dev/null would hide why it did not start. Throws what open(2) does.
 */
export function openStartupErrors(
  kernel: Pick<Kernel, "memoryFile" | "setNonBlocking">,
  path: string | null,
  show: (bytes: Uint8Array) => void,
): StartupErrors {
  const memory = path === null ? kernel.memoryFile("startup-errors") : -1;
  const name = path ?? `/proc/self/fd/${memory}`;
  const child = openLog(kernel, name);
  const reader = memory >= 0 ? memory : readerOf(name, child);
  let offset = reader === null ? 0 : fstatSync(reader).size;
  const pump = (): void => {
    if (reader === null) return;
    const chunk = Buffer.alloc(CHUNK_BYTES);
    // To the end that there is now: a daemon that never stops writing must not keep us.
    const { size } = fstatSync(reader);
    while (offset < size) {
      const count = readSync(reader, chunk, 0, Math.min(CHUNK_BYTES, size - offset), offset);
      if (count === 0) return;
      offset += count;
      show(Buffer.from(chunk.subarray(0, count)));
    }
  };
  const watcher = reader === null ? null : watchFile(name, pump);
  return {
    child,
    pump,
    close() {
      watcher?.close();
      pump();
      closeSync(child);
      if (reader !== null) closeSync(reader);
    },
  };
}

/**
 * A pipe, for a program of ours that changes its stderr itself when it is ready. The child's end reads too, so that its words raise no SIGPIPE if we are killed.
 * Throws a {@link DaemonError}.
 */
export function openPipeErrors(
  kernel: Pick<Kernel, "outputPipe" | "read" | "close" | "createPoller">,
  show: (bytes: Uint8Array) => void,
): StartupErrors {
  const pipe = kernel.outputPipe();
  if (typeof pipe === "number")
    throw new DaemonError(`cannot make a pipe: ${errnoText(pipe)}`, errnoName(pipe));
  const chunk = Buffer.alloc(CHUNK_BYTES);
  const pump = (): void => {
    // A full pipe at most: whoever never stops writing must not keep us.
    const count = kernel.read(pipe.read, chunk, 0, chunk.length);
    if (count > 0) show(Buffer.from(chunk.subarray(0, count)));
  };
  const poller = kernel.createPoller(pump);
  poller.add(pipe.read, 0, pollEvents.input);
  return {
    child: pipe.child,
    pump,
    close() {
      pump();
      poller.close();
      for (const fd of [pipe.read, pipe.child]) kernel.close(fd);
    },
  };
}

/** A log is appended to by all its writers, so that none overwrites another and a rotation loses nothing. Throws what open(2) does. */
export function openLog(kernel: Pick<Kernel, "setNonBlocking">, path: string): number {
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOCTTY;
  // A FIFO without a reader is an error (ENXIO) instead of a wait for one; its writers wait as ever.
  const fd = openSync(path, flags | constants.O_NONBLOCK, 0o640);
  kernel.setNonBlocking(fd, false);
  return fd;
}

/** Null: not a file that could be read along (/dev/null, a FIFO), or not ours to read. */
function readerOf(name: string, child: number): number | null {
  if (!fstatSync(child).isFile()) return null;
  try {
    return openSync(name, constants.O_RDONLY | constants.O_NOCTTY);
  } catch {
    // A log that may only be written: what stands in it must be read there.
    return null;
  }
}

/** Only for showing it at once: at the end all is read anyway. Null: inotify has no room. */
function watchFile(name: string, onChange: () => void): { close(): void } | null {
  try {
    const watcher = watch(name, { persistent: false }, onChange);
    watcher.on("error", () => watcher.close());
    return watcher;
  } catch {
    return null;
  }
}
