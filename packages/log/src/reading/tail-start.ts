import type { FileSet, RowPosition } from "./file-set.js";
import type { OpenedFile } from "./opened-file.js";
import type { LogRow } from "./log-row.js";
import type { RowParser } from "./parse-row.js";
import { rowsFromEnd } from "./row-blocks.js";
import { RowSplitter } from "./row-chunks.js";

/**
 * Where the last `count` rows begin that `counts` is true of, between two places. Files are read from their ends, block by block, and only as many as it takes; a compressed one has to be unpacked
 * from its beginning. `from` itself where there are not so many. Throws what reading does.
 */
export async function tailStart(
  set: FileSet,
  parser: RowParser,
  range: { readonly from: RowPosition; readonly to: RowPosition },
  count: number,
  counts: (row: LogRow) => boolean,
): Promise<RowPosition> {
  let left = count;
  if (left === 0) return range.to;
  for (
    let index = Math.min(range.to.file, set.files.length - 1);
    index >= range.from.file;
    index -= 1
  ) {
    const file = set.file(index);
    if (file === null) continue;
    const first = index === range.from.file ? range.from.offset : 0;
    const last = index === range.to.file ? range.to.offset : null;
    const found =
      file.compression === null
        ? fromEnd(set, index, file, parser, first, last ?? file.size, left, counts)
        : await fromBeginning(set, index, parser, first, last, left, counts);
    if (found.length === left) return { file: index, offset: found[0] ?? first };
    left -= found.length;
  }
  return range.from;
}

/** Offsets of the last `left` rows that count, the first of them first. */
function fromEnd(
  set: FileSet,
  index: number,
  file: OpenedFile,
  parser: RowParser,
  first: number,
  last: number,
  left: number,
  counts: (row: LogRow) => boolean,
): number[] {
  const found: number[] = [];
  for (const { offset, bytes } of set.each(
    index,
    rowsFromEnd(file.fd, first, Math.min(last, file.size)),
  )) {
    if (!counts(parser.parse(bytes, 0, bytes.length))) continue;
    found.push(offset);
    if (found.length === left) break;
  }
  return found.toReversed();
}

async function fromBeginning(
  set: FileSet,
  index: number,
  parser: RowParser,
  first: number,
  last: number | null,
  left: number,
  counts: (row: LogRow) => boolean,
): Promise<number[]> {
  const splitter = new RowSplitter(parser, first);
  /** Twice as many as are asked for are kept before the older half is dropped. */
  let found: number[] = [];
  for await (const chunk of set.chunks(index, first, last)) {
    splitter.each(chunk, (row, offset) => {
      if (counts(row)) found.push(offset);
    });
    if (found.length > 2 * left) found = found.slice(-left);
  }
  return found.slice(-left);
}
