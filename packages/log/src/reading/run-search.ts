import type { FileSet, RowPosition } from "./file-set.js";
import type { OpenedFile } from "./opened-file.js";
import type { RowParser } from "./parse-row.js";
import { readAt } from "./row-blocks.js";
import { RowSplitter } from "./row-chunks.js";

const newline = 10;
const blockBytes = 1024 * 1024;
/** So far back it is looked for a run that is not searched for, but told beside the rows. */
const nearBytes = 8 * 1024 * 1024;
/** In every row that begins a run, whatever the format. */
const word: Buffer = Buffer.from("begin");
/** A row that begins a run is shorter than this. */
const longestBegin = 2048;

/** Where a run begins. */
export interface RunBegin {
  readonly run: number;
  /** As the row has it, with the PID: another supervisor may count its runs anew. */
  readonly text: string;
  readonly position: RowPosition;
}

/** The runs that begin before `to`, the last first. Of plain files only what looks like a beginning is read as a row. Throws what reading does. */
export async function* runsFromEnd(
  set: FileSet,
  parser: RowParser,
  to: RowPosition,
): AsyncGenerator<RunBegin> {
  for (let index = Math.min(to.file, set.files.length - 1); index >= 0; index -= 1) {
    const file = set.file(index);
    if (file === null) continue;
    const end = index === to.file ? to.offset : null;
    const found =
      file.compression === null
        ? plainFromEnd(file, parser, 0, Math.min(end ?? file.size, file.size))
        : await packed(set, index, parser, end);
    for (const { run, text, offset } of set.each(index, found))
      yield { run, text, position: { file: index, offset } };
  }
}

interface FoundRun {
  readonly run: number;
  readonly text: string;
  readonly offset: number;
}

/** The run to which the rows at this position belong, as far as the part of the file just before it tells; null: it does not. */
export function runBefore(set: FileSet, parser: RowParser, position: RowPosition): number | null {
  const file = position.offset === 0 ? null : set.file(position.file);
  if (file === null || file.compression !== null) return null;
  const from = Math.max(0, position.offset - nearBytes);
  const found = plainFromEnd(file, parser, from, position.offset);
  for (const { run } of set.each(position.file, found)) return run;
  return null;
}

function* plainFromEnd(
  file: OpenedFile,
  parser: RowParser,
  from: number,
  end: number,
): Generator<FoundRun> {
  for (let high = end; high > from;) {
    const low = Math.max(from, high - blockBytes);
    // A word that begins in this block may end in the one behind it.
    const bytes = readAt(file.fd, low, Math.min(end, high + word.length - 1) - low);
    for (let at = bytes.lastIndexOf(word); at >= 0;) {
      const found = runAt(file, parser, low + at, end);
      if (found !== null) yield found;
      at = at === 0 ? -1 : bytes.lastIndexOf(word, at - 1);
    }
    high = low;
  }
}

/** Null: the word at `at` is part of another row. */
function runAt(file: OpenedFile, parser: RowParser, at: number, end: number): FoundRun | null {
  const low = Math.max(0, at - longestBegin);
  const bytes = readAt(file.fd, low, Math.min(end, at + longestBegin) - low);
  const before = at === low ? -1 : bytes.lastIndexOf(newline, at - low - 1);
  const stop = bytes.indexOf(newline, at - low);
  if (stop < 0 || (before < 0 && low > 0)) return null;
  const row = parser.parse(bytes, before + 1, stop);
  return row.kind === "begin" && row.run !== null
    ? { run: row.run, text: row.text, offset: low + before + 1 }
    : null;
}

async function packed(
  set: FileSet,
  index: number,
  parser: RowParser,
  end: number | null,
): Promise<FoundRun[]> {
  const found: FoundRun[] = [];
  const splitter = new RowSplitter(parser, 0);
  for await (const chunk of set.chunks(index, 0, end)) {
    splitter.each(chunk, (row, offset) => {
      if (row.kind === "begin" && row.run !== null)
        found.push({ run: row.run, text: row.text, offset });
    });
  }
  return found.toReversed();
}

/** The rows of one run: from its beginning to that of the next. Null: the files hold no such run. */
export async function rangeOfRun(
  set: FileSet,
  parser: RowParser,
  wanted: number | "previous",
): Promise<{ readonly run: number; readonly from: RowPosition; readonly to: RowPosition } | null> {
  let to = set.end;
  let newest: string | null = null;
  for await (const { run, text, position } of runsFromEnd(set, parser, set.end)) {
    newest ??= text;
    // A supervisor that took the run over from another begins it in the file once more.
    const isWanted = wanted === "previous" ? text !== newest : run === wanted;
    if (isWanted) return { run, from: await firstBegin(set, parser, text, position), to };
    to = position;
  }
  return null;
}

async function firstBegin(
  set: FileSet,
  parser: RowParser,
  wanted: string,
  last: RowPosition,
): Promise<RowPosition> {
  let first = last;
  for await (const { text, position } of runsFromEnd(set, parser, last)) {
    if (text !== wanted) break;
    first = position;
  }
  return first;
}
