import { fstatSync, readSync } from "node:fs";

/** The bytes of a memory file that was deposited. Read at their places: its offset is shared with whoever wrote it. The descriptor stays the caller's. */
export function readDepositedFile(fd: number): Buffer {
  const bytes = Buffer.alloc(fstatSync(fd).size);
  let filled = 0;
  for (let count = -1; count !== 0 && filled < bytes.length; filled += count)
    count = readSync(fd, bytes, filled, bytes.length - filled, filled);
  return bytes.subarray(0, filled);
}
