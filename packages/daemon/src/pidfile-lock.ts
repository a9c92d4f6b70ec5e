import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { errnoNumber } from "@supervise/sys";
import type { Kernel } from "@supervise/sys";

/** Who holds a lock on a pidfile itself, as many a daemon does for its life. `pid` null: it can't be told. */
export interface PidfileHolder {
  readonly pid: number | null;
}

/** Null: nobody, or there is no file that could be asked. Both kinds of locks count: of fcntl(2), and of flock(2) as pidfile_open(3) of BSD takes it. */
export function pidfileHolder(
  kernel: Pick<Kernel, "lockHolder" | "lock">,
  path: string,
): PidfileHolder | null {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    // Not there, or not ours to read.
    return null;
  }
  try {
    const holder = kernel.lockHolder(fd);
    if (typeof holder !== "number" && holder.held) return { pid: holder.pid };
    if (kernel.lock(fd) !== errnoNumber("EAGAIN")) return null;
    return { pid: flockHolder(fstatSync(fd).ino) };
  } finally {
    closeSync(fd);
  }
}

/** proc_locks(5). The numbers of devices there are not always those of stat(2), so that a second file of this inode number makes it unknown. */
function flockHolder(inode: number): number | null {
  let text: string;
  try {
    text = readFileSync("/proc/locks", "latin1");
  } catch {
    return null;
  }
  const found = [
    ...text.matchAll(/^\d+: FLOCK +\S+ +\S+ +(\d+) [0-9a-f]+:[0-9a-f]+:(\d+) /gm),
  ].filter((line) => Number(line[2]) === inode);
  const pid = Number(found[0]?.[1]);
  return found.length === 1 && pid > 0 ? pid : null;
}
