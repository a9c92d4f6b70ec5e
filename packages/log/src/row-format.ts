import type { LineBatch } from "./line-batch.js";
import type { RowBuffer } from "./row-buffer.js";
import type { TimeStamp } from "./time-stamp.js";

/** Lines that are missing in a file. */
export interface Gap {
  /** Number of the first. */
  readonly first: number;
  readonly lines: number;
  readonly cause: string;
}

/** The beginning of a run, or the end of its main process. */
export type RunMark =
  | { readonly kind: "begin"; readonly run: number; readonly pid: number }
  /** `text`: "exited with code 1". */
  | { readonly kind: "end"; readonly run: number; readonly text: string };

/** Stands at the end of the text of an `end` mark where nobody saw the end, and the pipes were gone with what nobody had read. */
export const UNSEEN_END = "unseen; how many of its last lines are lost is unknown";

/** How lines become rows of a log file; docs/logs.md describes each. */
export interface RowFormat {
  /** Makes rows of the lines, in `rows` where they are not there as they are; calls `full` whenever they must be written, and at the end. */
  put(batch: LineBatch, stamp: TimeStamp | null, rows: RowBuffer, full: Full): void;
  /** A row that says what is missing; null: the format has none. */
  gap(time: string | null, service: string, gap: Gap): string | null;
  /** A row that says where a run begins or ends; null: the format has none. */
  mark(time: string | null, service: string, mark: RunMark): string | null;
}

/** Must write the rows that are these bytes, and empty the buffer of rows. `lastSeq` is the number of the last line there. */
export type Full = (lastSeq: number, bytes: Buffer, start: number, end: number) => void;

/** By number of the stream. */
export const streamWords: readonly ["out", "err", "log"] = ["out", "err", "log"];

/** "1042 lines lost: no space left on device (ENOSPC)". */
export function gapText({ lines, cause }: Gap): string {
  return `${lineCount(lines)} lost: ${cause}`;
}

/** "run 3, pid 4123" or "run 3 exited with code 1". */
export function markText(mark: RunMark): string {
  return mark.kind === "begin"
    ? `run ${mark.run}, pid ${mark.pid}`
    : `run ${mark.run} ${mark.text}`;
}

export function lineCount(lines: number): string {
  return lines === 1 ? "1 line" : `${lines} lines`;
}

/** Grows with each mark of a service. */
export function markNumber({ kind, run }: RunMark): number {
  return run * 2 + (kind === "begin" ? 0 : 1);
}
