import { fstatSync } from "node:fs";

/** isatty(3). node:tty is loaded only for what may be one: it brings streams and sockets along, 3 ms that a start into a file or pipe need not wait for. */
export function isTerminal(fd: number): boolean {
  try {
    if (!fstatSync(fd).isCharacterDevice()) return false;
  } catch {
    // Not open.
    return false;
  }
  return process.getBuiltinModule("node:tty").isatty(fd);
}
