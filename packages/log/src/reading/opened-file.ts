import { closeSync, constants, fstatSync, openSync, statSync } from "node:fs";

import type { Compression, LogFile } from "./log-files.js";

/** Not to hang on a FIFO that stands where the file should. */
const readFlags = constants.O_RDONLY | constants.O_NONBLOCK;

/** A log file as it was when it was opened. */
export interface OpenedFile {
  readonly fd: number;
  /** Bytes of it when it was opened: what is appended later is no part of this reading. */
  readonly size: number;
  readonly inode: number;
  readonly path: string;
  readonly compression: Compression;
}

/** Null: there is no such file. Throws the error of open(2), or EISDIR or EINVAL where it is something else. */
export function openFile(path: string, compression: Compression): OpenedFile | null {
  try {
    const fd = openSync(path, readFlags);
    const stat = fstatSync(fd);
    if (stat.isFile()) return { fd, size: stat.size, inode: stat.ino, path, compression };
    closeSync(fd);
    throw Object.assign(new Error("it is no file"), {
      code: stat.isDirectory() ? "EISDIR" : "EINVAL",
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/** Null: it has been deleted. It may have been compressed since its name was read. */
export function openRotated({ path, compression }: LogFile): OpenedFile | null {
  const found = openFile(path, compression);
  if (found !== null || compression !== null) return found;
  return openFile(`${path}.gz`, "gzip") ?? openFile(`${path}.zst`, "zstd");
}

/** The path of a rotated file without what compression adds to it. */
export function rotatedName({ path }: LogFile): string {
  return path.replace(/\.(?:gz|zst)$/, "");
}

/** Of the file at this path; null: there is none. */
export function inodeOf(path: string): number | null {
  try {
    return statSync(path).ino;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
