import type { LogFormat, TimeStampStyle } from "@supervise/model";

import { jsonRows, logfmtRows } from "./field-rows.js";
import type { LineBatch } from "./line-batch.js";
import { chunkBytes } from "./ledger.js";
import { plainRows } from "./plain-rows.js";
import { rawRows } from "./raw-rows.js";
import { RowBuffer } from "./row-buffer.js";
import type { Full, Gap, RowFormat, RunMark } from "./row-format.js";
import { timeStamp, type TimeStamp } from "./time-stamp.js";

const rowBytes = 192 * 1024;

const formats: Readonly<Record<LogFormat, RowFormat>> = {
  plain: plainRows,
  json: jsonRows,
  logfmt: logfmtRows,
  raw: rawRows,
};

/** How the rows of a file look. */
export interface RowStyle {
  readonly format: LogFormat;
  readonly timestamps: TimeStampStyle;
}

/** The space in which the rows of log files are put together; one for all files, as each write is done at once. */
export class FileRows {
  readonly rows: RowBuffer = new RowBuffer(rowBytes, chunkBytes + 1);
  readonly #stamps = new Map<TimeStampStyle, TimeStamp | null>();

  /** Makes rows of the lines, calling `full` whenever some must be written, and at the end. */
  put({ format, timestamps }: RowStyle, batch: LineBatch, full: Full): void {
    formats[format].put(batch, this.#stamp(timestamps), this.rows, full);
  }

  /** A row of our own that says what is missing here; null: this format has none. */
  gap(style: RowStyle, timeMicros: number, service: string, gap: Gap): Buffer | null {
    return bytesOf(formats[style.format].gap(this.#time(style, timeMicros), service, gap));
  }

  /** A row of our own that says where a run begins or ends; null: this format has none. */
  mark(style: RowStyle, timeMicros: number, service: string, mark: RunMark): Buffer | null {
    return bytesOf(formats[style.format].mark(this.#time(style, timeMicros), service, mark));
  }

  #time({ timestamps }: RowStyle, timeMicros: number): string | null {
    return this.#stamp(timestamps)?.of(timeMicros) ?? null;
  }

  #stamp(style: TimeStampStyle): TimeStamp | null {
    let stamp = this.#stamps.get(style);
    if (stamp === undefined) this.#stamps.set(style, (stamp = timeStamp(style)));
    return stamp;
  }
}

function bytesOf(row: string | null): Buffer | null {
  return row === null ? null : Buffer.from(row);
}
