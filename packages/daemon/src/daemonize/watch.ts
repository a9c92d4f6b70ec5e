import { pollEvents } from "@supervise/sys";
import type { Kernel } from "@supervise/sys";

/** Resolves with true once there is something to read (of a pidfd: the process has ended), with false after `timeoutMs`, or where it can't be watched. */
export function readable(
  kernel: Pick<Kernel, "createPoller">,
  fd: number,
  timeoutMs: number,
): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (seen: boolean): void => {
      clearTimeout(timer);
      poller.close();
      resolve(seen);
    };
    const timer = setTimeout(() => end(false), timeoutMs);
    const poller = kernel.createPoller(() => end(true));
    if (poller.add(fd, 0, pollEvents.input) < 0) end(false);
  });
}
