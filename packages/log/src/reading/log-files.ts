import { readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** How a rotated file was compressed; null: it was not. */
export type Compression = "gzip" | "zstd" | null;

/** One of the files that hold a service's rows. */
export interface LogFile {
  readonly path: string;
  readonly compression: Compression;
  /** It is the one that is written to. */
  readonly current: boolean;
}

const timed = /^\.([0-9]{8}T[0-9]{6}(?:\.[0-9]{1,9})?Z)(\.gz|\.zst)?$/;
const numbered = /^\.([1-9][0-9]{0,8})(\.gz|\.zst)?$/;

interface Rotated {
  readonly name: string;
  /** Of the file without its compression: when it was rotated, or a number that grows with its age. */
  readonly key: string;
  readonly age: number | null;
  readonly compression: Compression;
}

/**
 * The rotated files of `path` and, where it is there, the current one; the oldest first. Names with a time sort by it; those with a number are of an earlier version
 * and older. A file that stands there compressed and not is taken once, as it is.
 */
export function logFiles(path: string): LogFile[] {
  const directory = dirname(path);
  const name = basename(path);
  const names = namesIn(directory);
  const rotated = names
    .map((one) => (one.startsWith(name) ? rotatedFile(one, one.slice(name.length)) : null))
    .filter((one) => one !== null);
  const plain = new Set(rotated.flatMap((one) => (one.compression === null ? [one.key] : [])));
  const files: LogFile[] = rotated
    .filter((one) => one.compression === null || !plain.has(one.key))
    .toSorted(byAge)
    .map((one) => ({
      path: join(directory, one.name),
      compression: one.compression,
      current: false,
    }));
  if (names.includes(name)) files.push({ path, compression: null, current: true });
  return files;
}

function rotatedFile(name: string, suffix: string): Rotated | null {
  const byTime = timed.exec(suffix);
  if (byTime !== null)
    return { name, key: byTime[1] ?? "", age: null, compression: compressionOf(byTime[2]) };
  const byNumber = numbered.exec(suffix);
  if (byNumber === null) return null;
  const key = byNumber[1] ?? "";
  return { name, key, age: Number(key), compression: compressionOf(byNumber[2]) };
}

function compressionOf(extension: string | undefined): Compression {
  return extension === undefined ? null : extension === ".gz" ? "gzip" : "zstd";
}

function byAge(one: Rotated, other: Rotated): number {
  if (one.age !== null && other.age !== null) return other.age - one.age;
  if (one.age !== null || other.age !== null) return one.age !== null ? -1 : 1;
  return one.key < other.key ? -1 : one.key > other.key ? 1 : 0;
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    // The directory is made with the first line.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
