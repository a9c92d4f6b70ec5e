import { closeSync, constants, existsSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { openProc, type Proc } from "@supervise/process";
import { pollEvents } from "@supervise/sys";
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

/** The keeper of a supervisor, from before its end. */
export interface KeeperWatch {
  /** Settles once it has ended, at most after 10 s: what was left of others has its grace period from it. */
  ended(): Promise<void>;
  close(): void;
}

/** By a descriptor, so that no other process is taken for it. Null, or one in another PID namespace: nothing is waited for. */
export function watchKeeper(pid: number | null): KeeperWatch {
  const kernel = openKernel();
  const fd = pid === null || !isInit(openProc(kernel), pid) ? -1 : kernel.pidfdOpen(pid);
  return {
    ended: () => {
      // Inside of its container PID 1 takes us along; there is nothing to wait for.
      if (fd < 0 || pid === 1) return Promise.resolve();
      return new Promise((resolve) => {
        const settle = (): void => {
          clearTimeout(timer);
          poller.close();
          resolve();
        };
        const timer = setTimeout(settle, LIMIT_MS);
        const poller = kernel.createPoller(settle);
        if (poller.add(fd, 0, pollEvents.input) < 0) settle();
      });
    },
    close: () => {
      if (fd >= 0) kernel.close(fd);
    },
  };
}

/** Is it the init? The number of a keeper may be of another PID namespace, and somebody else's here. */
export function isInit(proc: Proc, pid: number): boolean {
  return proc.text(`${pid}/comm`)?.trim() === "supervise-init";
}
