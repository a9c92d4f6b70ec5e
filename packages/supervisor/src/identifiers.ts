import { closeSync, openSync, readSync } from "node:fs";

const BYTES_PER_ID = 16;
const BATCH = 256;

/**
 * Makes run identifiers: 128 bits from the kernel's generator in hexadecimal, as systemd's INVOCATION_ID. Read in batches straight from
 * /dev/urandom; node:crypto would cost more to load than all of them.
 */
export function createIdentifiers(): () => string {
  const buffer = Buffer.alloc(BYTES_PER_ID * BATCH);
  let used = buffer.length;
  return () => {
    if (used === buffer.length) {
      const fd = openSync("/dev/urandom", "r");
      try {
        if (readSync(fd, buffer) !== buffer.length)
          throw new Error("internal error: /dev/urandom gave too little");
      } finally {
        closeSync(fd);
      }
      used = 0;
    }
    used += BYTES_PER_ID;
    return buffer.toString("hex", used - BYTES_PER_ID, used);
  };
}
