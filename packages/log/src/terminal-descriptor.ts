import { constants, fstatSync } from "node:fs";

import type { LogKernel } from "./problem.js";

/**
 * A non-blocking descriptor for what `fd` stands for, and whether it must be closed by the caller. Setting `fd` itself non-blocking would
 * do so for every process that shares its open file description (the shell, too), so the terminal or pipe is opened anew through
 * /proc. A file never blocks and has a position to keep; a socket cannot be opened; these stay as they are.
 */
export function openTerminal(
  kernel: Pick<LogKernel, "open">,
  fd: number,
): { readonly fd: number; readonly owned: boolean } {
  const kind = fstatSync(fd);
  if (!kind.isFIFO() && !kind.isCharacterDevice()) return { fd, owned: false };
  const opened = kernel.open(
    `/proc/self/fd/${fd}`,
    constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY,
    0,
  );
  // Refused to a user who does not own the terminal (after su): then it is written as it is.
  return opened < 0 ? { fd, owned: false } : { fd: opened, owned: true };
}
