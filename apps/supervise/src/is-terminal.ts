import { fstatSync } from "node:fs";

/** /dev/null and its like: major 1 of the kernel's devices.txt. */
const MEMORY_DEVICES = 1;

/** isatty(3). node:tty is loaded only for what may be one: it brings streams and sockets along, 3 ms that a start into a file or pipe need not wait for. */
export function isTerminal(fd: number): boolean {
  try {
    const found = fstatSync(fd);
    if (!found.isCharacterDevice() || majorOf(found.rdev) === MEMORY_DEVICES) return false;
  } catch {
    // Not open.
    return false;
  }
  return process.getBuiltinModule("node:tty").isatty(fd);
}

/** Of a device number as the kernel packs it: bits 8 to 19, for all majors that there are. */
function majorOf(device: number): number {
  return (device >>> 8) & 0xfff;
}
