import { constants, fstatSync, ftruncateSync, readFileSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Kernel } from "@supervise/sys";
import { errnoNameOf, errnoOf } from "../errno-text.js";

/** The lock of a project: held for life, given back by the kernel however we end. */
export interface ProjectLock {
  readonly kind: "held";
  readonly path: string;
  /** Gives it back. The file stays, so that nobody locks a name that another has just made anew. */
  release(): void;
}

export type LockRefusal =
  /** Another supervisor has it. `holder` is the PID it wrote, null where it cannot be read. */
  | { readonly kind: "busy"; readonly holder: number | null }
  | { readonly kind: "failed"; readonly path: string; readonly errno: string };

/** A directory may be emptied while we wait for no lock at all: so often the file is opened anew before that is an error. */
const ATTEMPTS = 5;

/** One supervisor for each runtime directory: takes the kernel's lock on the file "lock" in it, and writes our PID there for people. */
export function lockProject(
  kernel: Pick<Kernel, "open" | "close" | "lock">,
  directory: string,
  pid: number,
): ProjectLock | LockRefusal {
  const path = join(directory, "lock");
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const fd = kernel.open(
      path,
      constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW,
      0o644,
    );
    if (fd < 0) return { kind: "failed", path, errno: errnoNameOf(fd) };
    const locked = kernel.lock(fd);
    if (locked < 0) {
      kernel.close(fd);
      const errno = errnoNameOf(locked);
      return errno === "EAGAIN" || errno === "EWOULDBLOCK"
        ? { kind: "busy", holder: readHolder(path) }
        : { kind: "failed", path, errno };
    }
    // The name may stand for another file by now, which another may lock.
    if (isStill(path, fd)) {
      try {
        ftruncateSync(fd, 0);
        writeSync(fd, `${pid}\n`, 0);
      } catch (error) {
        kernel.close(fd);
        return { kind: "failed", path, errno: errnoOf(error) };
      }
      return { kind: "held", path, release: () => void kernel.close(fd) };
    }
    kernel.close(fd);
  }
  return { kind: "failed", path, errno: "ESTALE" };
}

function isStill(path: string, fd: number): boolean {
  try {
    const named = statSync(path);
    const open = fstatSync(fd);
    return named.ino === open.ino && named.dev === open.dev;
  } catch {
    // The name is gone.
    return false;
  }
}

function readHolder(path: string): number | null {
  try {
    const pid = Number.parseInt(readFileSync(path, "latin1"), 10);
    return pid > 0 ? pid : null;
  } catch {
    // It is held all the same.
    return null;
  }
}
