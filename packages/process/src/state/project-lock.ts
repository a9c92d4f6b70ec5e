import { constants, fstatSync, ftruncateSync, readFileSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Kernel } from "@supervise/sys";
import { errnoNameOf, errnoOf } from "../errno-text.js";

/** The lock of a project: held for life, given back by the kernel however we end. */
export interface ProjectLock {
  readonly kind: "held";
  readonly path: string;
  /** What the supervisor before had noted and not taken back; empty: nothing. */
  readonly note: string;
  /** Writes a line for the next supervisor behind our PID, in place of what was there; empty: nothing. Returns the errno of write(2), null where all is well. */
  setNote(note: string): string | null;
  /** Gives it back. The file stays, so that nobody locks a name that another has just made anew. */
  release(): void;
}

export type LockRefusal =
  /** Another supervisor has it. `holder` is the PID it wrote, null where it cannot be read. */
  | { readonly kind: "busy"; readonly holder: number | null }
  | { readonly kind: "failed"; readonly path: string; readonly errno: string };

/** A file that holds no more than a PID and a newline holds no note. */
const PID_LINE_BYTES = 12;

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
    const bytes = sizeOfSame(path, fd);
    if (bytes !== null) {
      const note = bytes > PID_LINE_BYTES ? readNote(path) : "";
      const problem = write(fd, pid, note);
      if (problem !== null) {
        kernel.close(fd);
        return { kind: "failed", path, errno: problem };
      }
      return {
        kind: "held",
        path,
        note,
        setNote: (next) => write(fd, pid, next),
        release: () => void kernel.close(fd),
      };
    }
    kernel.close(fd);
  }
  return { kind: "failed", path, errno: "ESTALE" };
}

/** Null: the name stands for another file. */
function sizeOfSame(path: string, fd: number): number | null {
  try {
    const named = statSync(path);
    const open = fstatSync(fd);
    return named.ino === open.ino && named.dev === open.dev ? open.size : null;
  } catch {
    // The name is gone.
    return null;
  }
}

/** Null: done; else the errno. */
function write(fd: number, pid: number, note: string): string | null {
  const text = note === "" ? `${pid}\n` : `${pid}\n${note}\n`;
  try {
    const written = writeSync(fd, text, 0);
    // Never to nothing first: some file systems (ext4) write a file that was emptied to the disk before it is closed.
    if (fstatSync(fd).size > written) ftruncateSync(fd, written);
    return null;
  } catch (error) {
    return errnoOf(error);
  }
}

function readNote(path: string): string {
  try {
    return readFileSync(path, "utf8").split("\n")[1] ?? "";
  } catch {
    // Not ours to read: as if nothing had been noted.
    return "";
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
