import { isUtf8 } from "node:buffer";

import type { LineBatch } from "./line-batch.js";
import { priorityNames } from "./log-line.js";
import { gapText, markText, streamWords, type RowFormat } from "./row-format.js";

/** A row as names and values, in the order in which they are written; docs/logs.md has the table. */
type Fields = Readonly<Record<string, string | number | true>>;

/** One JSON object in each row. */
export const jsonRows: RowFormat = fieldRows((fields) => JSON.stringify(fields));

/** `key=value key="other value"`. */
export const logfmtRows: RowFormat = fieldRows((fields) =>
  Object.entries(fields)
    .map(([key, value]) => `${key}=${logfmtValue(String(value))}`)
    .join(" "),
);

function fieldRows(write: (fields: Fields) => string): RowFormat {
  const own = (time: string | null, service: string, rest: Fields): string =>
    `${write({ ...timed(time), service, ...rest })}\n`;
  return {
    put: (batch, stamp, rows, full) => {
      const time = stamp?.of(batch.timeMicros) ?? null;
      let start = batch.start;
      for (let index = 0; index < batch.count; index += 1) {
        const end = batch.ends[index] ?? start;
        const line = lineFields(batch, time, index, batch.bytes.subarray(start, end));
        const row = Buffer.from(`${write(line)}\n`);
        if (!rows.addWhole(row)) {
          full(batch.firstSeq + index - 1, rows.bytes, 0, rows.used);
          rows.fit(row.length);
          rows.addWhole(row);
        }
        start = end + 1;
      }
      full(batch.firstSeq + batch.count - 1, rows.bytes, 0, rows.used);
    },
    gap: (time, service, gap) => {
      const { first, lines, cause } = gap;
      return own(time, service, { seq: first, stream: "gap", text: gapText(gap), lines, cause });
    },
    mark: (time, service, mark) => {
      const fields = { run: mark.run, stream: mark.kind, text: markText(mark) };
      return own(time, service, mark.kind === "begin" ? { ...fields, pid: mark.pid } : fields);
    },
  };
}

function lineFields(batch: LineBatch, time: string | null, index: number, line: Buffer): Fields {
  return {
    ...timed(time),
    service: batch.source.name,
    run: batch.run,
    seq: batch.firstSeq + index,
    stream: streamWords[batch.stream],
    ...priorityNames(batch.priority),
    ...(isUtf8(line) ? { text: line.toString() } : { bytes: line.toString("base64") }),
    ...(batch.partial ? { partial: true as const } : {}),
  };
}

function timed(time: string | null): Fields {
  return time === null ? {} : { time };
}

/** Quoted where a reader could not tell its end, or where it is no printable text. */
function logfmtValue(value: string): string {
  return value === "" || /[\s="\\\p{Cc}]/u.test(value) ? JSON.stringify(value) : value;
}
