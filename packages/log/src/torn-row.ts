import { closeSync, constants, openSync, readSync } from "node:fs";

const newline = 10;

/**
 * Does the file of `size` bytes end within a row? So it does when its last writer was killed in its write, or the power went. False where the
 * file cannot be read.
 */
export function endsInRow(path: string, size: number): boolean {
  if (size === 0) return false;
  const last = Buffer.alloc(1);
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return readSync(fd, last, 0, 1, size - 1) === 1 && last[0] !== newline;
    } finally {
      closeSync(fd);
    }
  } catch {
    // A file that may only be appended to: then the new row follows whatever is there.
    return false;
  }
}
