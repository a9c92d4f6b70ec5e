import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";

import { rotatedFiles } from "./rotated-names.js";

/** The last row of a service is looked for in so many bytes at the end of a file; the largest holds the longest row of any format. */
const windows = [8 * 1024, 128 * 1024, 2 * 1024 * 1024] as const;
/** A file that was just begun may hold nothing of the service; further back than this nobody looks. */
const rotatedLooked = 2;

/** Number of the last line of the service that the file, or the one it was before its last rotation, tells of; 0: of none. `whole`: a last row without its newline tells nothing. */
export function lastNumber(path: string, service: string, whole = false): number {
  const files = [path, ...rotatedFiles(path).toReversed().slice(0, rotatedLooked)];
  for (const file of files) {
    const number = lastNumberIn(file, service, whole);
    if (number > 0) return number;
  }
  return 0;
}

/** 0: the file tells of none, or cannot be read. */
export function lastNumberIn(path: string, service: string, whole = false): number {
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const { size } = fstatSync(fd);
      for (const window of windows) {
        const start = Math.max(0, size - window);
        const bytes = Buffer.alloc(size - start);
        const read = bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, start));
        const number = lastIn(read.toString("latin1"), service, whole);
        if (number > 0 || start === 0) return number;
      }
    } finally {
      closeSync(fd);
    }
  } catch {
    // Not there, or not to be read by us: then the numbers begin anew.
  }
  return 0;
}

function lastIn(text: string, service: string, whole: boolean): number {
  const rows = text.split("\n");
  for (let index = rows.length - (whole ? 2 : 1); index >= 0; index -= 1) {
    const number = numberOf(rows[index] ?? "", service);
    if (number > 0) return number;
  }
  return 0;
}

/** 0: it has none, or is another service's. */
function numberOf(row: string, service: string): number {
  const [name, seq, lines] = row.startsWith("{") ? ofJson(row) : (ofPlain(row) ?? ofLogfmt(row));
  return name === service && seq > 0 ? seq + lines - 1 : 0;
}

type Numbered = readonly [service: string, seq: number, lines: number];
const nobody: Numbered = ["", 0, 0];

function ofPlain(row: string): Numbered | null {
  const found = /^\S+ (\S+) (\d+) (?:(?:out|err|\w+\.\w+)\+?|gap (\d+)) /u.exec(row);
  return found === null ? null : [found[1] ?? "", Number(found[2]), Number(found[3] ?? 1)];
}

function ofLogfmt(row: string): Numbered {
  const found = /^(?:time=\S+ )?service=(\S+) (?:run=\d+ )?seq=(\d+) stream=(\w+) /u.exec(row);
  if (found === null) return nobody;
  const lines = found[3] === "gap" ? / lines=(\d+) /u.exec(row)?.[1] : undefined;
  return [found[1] ?? "", Number(found[2]), Number(lines ?? 1)];
}

function ofJson(row: string): Numbered {
  try {
    const { service, seq, lines = 1 } = JSON.parse(row) as Readonly<Record<string, unknown>>;
    if (typeof service === "string" && typeof seq === "number" && typeof lines === "number")
      return [service, seq, lines];
  } catch {
    // The end of a row.
  }
  return nobody;
}
