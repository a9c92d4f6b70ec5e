import { constants } from "node:fs";
import type { Kernel } from "@supervise/sys";

/**
 * Writes a line to the console of the machine, as LOG_CONS of syslog(3) asks for: without taking it for a controlling terminal, and without waiting for a line that
 * is not ready. Best effort: there may be no console, or no right to it.
 */
export function writeConsole(
  kernel: Pick<Kernel, "open" | "write" | "close">,
  path: string,
  line: string,
): void {
  const fd = kernel.open(
    path,
    constants.O_WRONLY | constants.O_NOCTTY | constants.O_NONBLOCK | constants.O_APPEND,
    0,
  );
  if (fd < 0) return;
  const bytes = Buffer.from(`${line}\r\n`);
  kernel.write(fd, bytes, 0, bytes.length);
  kernel.close(fd);
}
