import { closeSync, constants, linkSync, openSync, renameSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { errnoNumber } from "@supervise/sys";
import type { Kernel } from "@supervise/sys";
import { errnoOf } from "../errno-text.js";

/** Where Node names no errno. */
const EIO = -5;

/** What became of a pidfile that was to be removed. */
export type Discarded =
  | { readonly kind: "removed" }
  /** It is not what it was taken for, or not any more; it is where it was. */
  | { readonly kind: "kept" }
  /** A negative errno. */
  | { readonly kind: "failed"; readonly errno: number };

/**
 * Removes a pidfile, only if `isLeft` says so of the very file that is removed. Between a look and unlink(2) a daemon could write its own; so the file is
 * given another name first, where nobody opens it any more, then looked at, and put back if it was a new one or is just being written. Whoever writes a pidfile by
 * rename, or makes a new one, is never in the way.
 *
 * `isLeft` is asked twice, with the path to look at.
 */
export function discardPidfile(
  kernel: Pick<Kernel, "unlink" | "hasWriter">,
  path: string,
  isLeft: (path: string) => boolean,
): Discarded {
  if (!isLeft(path)) return { kind: "kept" };
  const aside = join(dirname(path), `.${basename(path)}.${process.pid}.left`);
  try {
    renameSync(path, aside);
  } catch (error) {
    return errnoOf(error) === "ENOENT" ? { kind: "kept" } : failure(error);
  }
  if (!isLeft(aside) || isBeingWritten(kernel, aside)) return putBack(kernel, aside, path);
  const errno = kernel.unlink(aside);
  return errno === 0 ? { kind: "removed" } : { kind: "failed", errno };
}

/** Under its first name a newer one may stand by now, which then counts. */
function putBack(kernel: Pick<Kernel, "unlink">, aside: string, path: string): Discarded {
  try {
    linkSync(aside, path);
  } catch (error) {
    // A file system without hard links: the name was free a moment ago.
    if (errnoOf(error) !== "EEXIST") {
      renameSync(aside, path);
      return { kind: "kept" };
    }
  }
  kernel.unlink(aside);
  return { kind: "kept" };
}

/** Someone who opened it under its first name may be about to write. Where the kernel can't say, the second look has to do. */
function isBeingWritten(kernel: Pick<Kernel, "hasWriter">, path: string): boolean {
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      return kernel.hasWriter(fd) === 1;
    } finally {
      closeSync(fd);
    }
  } catch {
    return false;
  }
}

function failure(error: unknown): Discarded {
  return { kind: "failed", errno: errnoNumber(errnoOf(error)) ?? EIO };
}
