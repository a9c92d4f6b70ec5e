import { writeSync } from "node:fs";

/**
 * Straight to the descriptor: process.stdout would cost its loading at each start. A reader that has gone (EPIPE) wants no more; one that is slow
 * (EAGAIN, where somebody has made the terminal non-blocking) is waited for.
 */
export function writeAll(fd: number, text: string | Uint8Array): void {
  const bytes = typeof text === "string" ? Buffer.from(text) : text;
  for (let offset = 0; offset < bytes.length;) {
    try {
      offset += writeSync(fd, bytes, offset);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === "EAGAIN") continue;
      if (code === "EPIPE") process.exit(1);
      return;
    }
  }
}
