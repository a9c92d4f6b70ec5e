import { closeSync, openSync, readSync } from "node:fs";

const BYTES_PER_ID = 16;
const BATCH = 256;

/**
 * Makes run identifiers: 128 bits from the kernel's generator in hexadecimal, as systemd's INVOCATION_ID. Read in batches straight from
 * /dev/urandom; node:crypto would cost more to load than all of them, and is used only where there is no such device (a root whose /dev is not mounted yet).
 */
export function createIdentifiers(device = "/dev/urandom"): () => string {
  const buffer = Buffer.alloc(BYTES_PER_ID * BATCH);
  let used = buffer.length;
  return () => {
    if (used === buffer.length) {
      if (!readDevice(device, buffer)) crypto.getRandomValues(buffer);
      used = 0;
    }
    used += BYTES_PER_ID;
    return buffer.toString("hex", used - BYTES_PER_ID, used);
  };
}

function readDevice(path: string, into: Buffer): boolean {
  let fd = -1;
  try {
    fd = openSync(path, "r");
    return readSync(fd, into) === into.length;
  } catch {
    // ENOENT, EACCES.
    return false;
  } finally {
    if (fd >= 0) closeSync(fd);
  }
}
