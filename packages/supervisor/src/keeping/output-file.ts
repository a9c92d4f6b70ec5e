import { constants, fstatSync, ftruncateSync, readSync, writeSync } from "node:fs";
import type { LastingMemory } from "@supervise/log";
import { bootId, type Proc } from "@supervise/process";
import type { Kernel } from "@supervise/sys";

/** In the runtime directory. */
const NAME = "output";
/** Before the memory comes a page that says of which boot it is: mapped memory is not on its disk in any order when the machine goes down. */
const HEADER_BYTES = 4096;

export interface OutputFile {
  readonly memory: LastingMemory;
  /** Everything that was read has reached its sinks: nothing is left for the next supervisor. */
  remove(): void;
  /** The mapped memory stays; it can't grow any more. */
  close(): void;
}

/**
 * Without a keeper: the memory in which output is on its way to its sinks is a file in the runtime directory. Its pages are the kernel's, and outlive us
 * however we are killed. The caller holds the lock of the project. Null: there is no room for it, and what is on its way would end with us.
 */
export function openOutputFile(
  kernel: Pick<Kernel, "open" | "close" | "unlink" | "allocate" | "mapShared">,
  proc: Proc,
  directory: string,
): OutputFile | null {
  const path = `${directory}/${NAME}`;
  const fd = kernel.open(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
  if (fd < 0) return null;
  const size = begin(kernel, fd, `output of boot ${bootId(proc)}\n`);
  if (size === null) {
    kernel.close(fd);
    return null;
  }
  let open = true;
  return {
    memory: {
      size,
      map: (offset, bytes) => {
        const memory = open ? kernel.mapShared(fd, HEADER_BYTES + offset, bytes) : -1;
        return typeof memory === "number" ? new Uint8Array(bytes) : memory;
      },
      // The disk may be full, or a tmpfs at its limit: then a store into a page that has no place on it would be SIGBUS.
      reserve: (offset, bytes) => open && kernel.allocate(fd, HEADER_BYTES + offset, bytes) === 0,
    },
    remove: () => void kernel.unlink(path),
    close: () => {
      if (open) kernel.close(fd);
      open = false;
    },
  };
}

/** So many bytes a supervisor of this boot has left behind the header; null: the file can't be written. */
function begin(kernel: Pick<Kernel, "allocate">, fd: number, title: string): number | null {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write(title);
  const found = Buffer.alloc(HEADER_BYTES);
  try {
    if (readSync(fd, found, 0, HEADER_BYTES, 0) === HEADER_BYTES && found.equals(header))
      return fstatSync(fd).size - HEADER_BYTES;
    ftruncateSync(fd);
    if (kernel.allocate(fd, 0, HEADER_BYTES) < 0) return null;
    writeSync(fd, header, 0, HEADER_BYTES, 0);
    return 0;
  } catch {
    // A full disk, or a limit of the size of files.
    return null;
  }
}
