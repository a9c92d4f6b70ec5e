import { readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";

import { unfinished } from "./compress-file.js";

/** What stands behind the name of the file: a dot, and the time of the rotation. */
const stampLength = ".20260102T030405.123456Z".length;
const stampPattern = /^\.\d{8}T\d{6}\.\d{6}Z$/u;
const endings: ReadonlySet<string> = new Set(["", ".gz", ".zst"]);

/** Files that `path` has been rotated to, the oldest first, as whole paths; none where the directory cannot be read. */
export function rotatedFiles(path: string): string[] {
  const directory = dirname(path);
  const own = basename(path);
  return namesIn(directory)
    .filter((name) => isRotated(own, name))
    .toSorted()
    .map((name) => join(directory, name));
}

/** Files in the directory that any of these paths has been rotated to, as whole paths. */
export function rotatedIn(directory: string, paths: ReadonlySet<string>): string[] {
  return namesIn(directory)
    .map((name) => join(directory, name))
    .filter((path) => {
      const plain = withoutEnding(path);
      const end = plain.length - stampLength;
      return stampPattern.test(plain.slice(end)) && paths.has(plain.slice(0, end));
    });
}

/** What was left of the compression of a rotated file. */
export function unfinishedFiles(path: string): string[] {
  const directory = dirname(path);
  const own = basename(path);
  return namesIn(directory)
    .filter(
      (name) => name.endsWith(unfinished) && isRotated(own, name.slice(0, -unfinished.length)),
    )
    .map((name) => join(directory, name));
}

/** The name without what compression has added. */
export function withoutEnding(rotated: string): string {
  return rotated.replace(/\.(?:gz|zst)$/u, "");
}

/** A name for the file that is rotated now, behind every one given before. `newest`: the newest given so far; null: none. */
export function rotatedName(path: string, timeMicros: number, newest: string | null): string {
  const name = `${path}${stampText(timeMicros)}`;
  if (newest === null || name > newest) return name;
  return `${path}${stampText(timeOf(newest) + 1)}`;
}

/** The time in the name, in microseconds since the epoch. */
export function timeOf(rotated: string): number {
  const [, date = "", clock = "", micros = ""] =
    /\.(\d{8})T(\d{6})\.(\d{6})Z$/u.exec(withoutEnding(rotated)) ?? [];
  const iso = `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}T${clock.slice(0, 2)}:${clock.slice(2, 4)}:${clock.slice(4)}Z`;
  return Date.parse(iso) * 1000 + Number(micros);
}

/** None where it cannot be read. */
function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function isRotated(own: string, name: string): boolean {
  if (!name.startsWith(own)) return false;
  const end = own.length + stampLength;
  return stampPattern.test(name.slice(own.length, end)) && endings.has(name.slice(end));
}

function stampText(micros: number): string {
  const second = Math.floor(micros / 1e6);
  const text = new Date(second * 1000).toISOString().slice(0, 19).replaceAll(/[-:]/gu, "");
  return `.${text}.${String(Math.floor(micros - second * 1e6)).padStart(6, "0")}Z`;
}
