import { closeSync, constants, existsSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { openKernel } from "../kernel.js";

/** A supervisor whose services are down has only to close its files, in milliseconds. */
const LIMIT_MS = 10_000;
const LOOK_EVERY_MS = 10;

/**
 * Waits until the supervisor behind a control socket has given its project back: then another may start at once. The lock beside the socket tells,
 * which the kernel frees with the process. False: it has not in time.
 */
export async function supervisorEnded(socketPath: string): Promise<boolean> {
  const path = `${dirname(socketPath)}/lock`;
  if (!existsSync(path)) return true;
  const kernel = openKernel();
  const fd = openSync(path, constants.O_RDWR);
  try {
    const limitMs = performance.now() + LIMIT_MS;
    while (kernel.lock(fd) < 0) {
      if (performance.now() > limitMs) return false;
      await new Promise((resolve) => {
        setTimeout(resolve, LOOK_EVERY_MS);
      });
    }
    return true;
  } finally {
    closeSync(fd);
  }
}
