import { syslogLevelNumber } from "@supervise/model";

import type { LogRow } from "./log-row.js";
import { rowOf } from "./plain-row.js";
import type { RowTimes } from "./row-time.js";

/** The keys of a row that is written as keys and values, whatever the way of writing. */
export type RowFields = Readonly<Record<string, unknown>>;

/** The row that these fields are. Null: they are none, as `service` or `stream` is missing or a value cannot be. Never throws. */
export function rowOfFields(fields: RowFields, times: RowTimes): LogRow | null {
  const service = fields["service"];
  const stream = fields["stream"];
  if (typeof service !== "string" || service === "" || typeof stream !== "string") return null;
  const time = fields["time"];
  const stamp = typeof time === "string" ? Buffer.from(time) : null;
  const timeMicros = stamp === null ? null : times.read(stamp, 0, stamp.length);
  if (time !== undefined && timeMicros === null) return null;
  const placed = {
    service,
    timeMicros,
    seq: wholeNumber(fields["seq"]),
    run: wholeNumber(fields["run"]),
  };
  if (stream === "gap") {
    const lines = wholeNumber(fields["lines"]);
    const cause = fields["cause"];
    if (lines !== null)
      return {
        kind: "gap",
        ...placed,
        lines,
        cause: typeof cause === "string" ? cause : "unknown",
      };
  }
  const bytes = contentOf(fields);
  if (bytes === null) return null;
  const row = rowOf(placed, stream, bytes);
  if (row?.kind !== "line") return row;
  const facility = fields["facility"];
  return {
    ...row,
    partial: row.partial || fields["partial"] === true || fields["partial"] === "true",
    level: severityOf(fields["level"]),
    facility: typeof facility === "string" ? facility : null,
  };
}

function contentOf(fields: RowFields): Buffer | null {
  const { text, bytes } = fields as { readonly text?: unknown; readonly bytes?: unknown };
  if (typeof bytes === "string") return Buffer.from(bytes, "base64");
  return typeof text === "string" ? Buffer.from(text) : null;
}

function wholeNumber(value: unknown): number | null {
  const found = typeof value === "string" && /^[0-9]{1,15}$/.test(value) ? Number(value) : value;
  return typeof found === "number" && Number.isSafeInteger(found) && found >= 0 ? found : null;
}

/** A level of syslog by its number or its name. */
function severityOf(value: unknown): number | null {
  const number = wholeNumber(value);
  if (number !== null) return number <= 7 ? number : null;
  return typeof value === "string" ? syslogLevelNumber(value) : null;
}
