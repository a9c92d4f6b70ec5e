import type { FileSet, RowPosition } from "./file-set.js";
import type { OpenedFile } from "./opened-file.js";
import type { RowParser } from "./parse-row.js";
import { readAt } from "./row-blocks.js";
import { RowSplitter } from "./row-chunks.js";

const newline = 10;
/** What is left to the reader to pass over: less than that is not worth another look. */
const closeEnoughBytes = 64 * 1024;

/**
 * A place before which every row is older than `micros` (where the clock has not been set back): the files' first rows are looked at, the newest first, and one plain file is
 * bisected. The reader still has to look at the times of the rows that follow. Throws what reading does.
 */
export async function positionOfTime(
  set: FileSet,
  parser: RowParser,
  micros: number,
): Promise<RowPosition> {
  for (let index = set.files.length - 1; index >= 0; index -= 1) {
    const file = set.file(index);
    if (file === null) continue;
    const first = await firstTime(set, index, parser);
    if (first === null || first >= micros) continue;
    const offset = file.compression === null ? bisect(set, index, file, parser, micros).before : 0;
    return { file: index, offset };
  }
  return { file: 0, offset: 0 };
}

/** As `positionOfTime`, but a place behind which every row is younger. */
export async function endOfTime(
  set: FileSet,
  parser: RowParser,
  micros: number,
): Promise<RowPosition> {
  for (let index = set.files.length - 1; index >= 0; index -= 1) {
    const file = set.file(index);
    if (file === null) continue;
    const first = await firstTime(set, index, parser);
    if (first !== null && first > micros) continue;
    if (file.compression !== null || first === null) return { file: index + 1, offset: 0 };
    return { file: index, offset: bisect(set, index, file, parser, micros + 1).behind };
  }
  return { file: 0, offset: 0 };
}

/** The time of the first row that has one, in the first chunk. */
async function firstTime(set: FileSet, index: number, parser: RowParser): Promise<number | null> {
  let found: number | null = null;
  for await (const chunk of set.chunks(index, 0, null)) {
    new RowSplitter(parser, 0).each(chunk, (row) => {
      found ??= row.timeMicros;
    });
    break;
  }
  return found;
}

/** Beginnings of two rows, near to each other: before the one all rows are older than `micros`, from the other on none is. */
function bisect(
  set: FileSet,
  index: number,
  file: OpenedFile,
  parser: RowParser,
  micros: number,
): { readonly before: number; readonly behind: number } {
  let low = 0;
  let high = file.size;
  let behind = file.size;
  while (high - low > closeEnoughBytes) {
    const middle = low + Math.floor((high - low) / 2);
    const [probe] = set.each(index, timedRowsAfter(file, parser, middle, high));
    if (probe !== undefined && probe.timeMicros < micros) low = probe.offset;
    else {
      high = middle;
      behind = probe?.offset ?? behind;
    }
  }
  return { before: low, behind };
}

/** The first whole row behind `from` that has a time, beginning before `limit`, if there is one. */
function* timedRowsAfter(
  file: OpenedFile,
  parser: RowParser,
  from: number,
  limit: number,
): Generator<{ readonly offset: number; readonly timeMicros: number }> {
  let bytes: Buffer = Buffer.alloc(0);
  for (let length = 4096; ; length *= 4) {
    bytes = readAt(file.fd, from, Math.min(length, file.size - from));
    let start = bytes.indexOf(newline) + 1;
    while (start > 0 && from + start < limit) {
      const stop = bytes.indexOf(newline, start);
      if (stop < 0) break;
      const { timeMicros } = parser.parse(bytes, start, stop);
      if (timeMicros !== null) return yield { offset: from + start, timeMicros };
      start = stop + 1;
    }
    if (bytes.length < length || (start > 0 && from + start >= limit)) return;
  }
}
