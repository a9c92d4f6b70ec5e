import { rowOfFields } from "./field-row.js";
import type { RowFields } from "./field-row.js";
import type { LogRow } from "./log-row.js";
import type { RowTimes } from "./row-time.js";

/** A row that is one JSON object with `service` and `stream`. Null: it is none. Never throws. */
export function parseJsonRow(text: string, times: RowTimes): LogRow | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Torn, or not JSON: what it is then is told by whoever asked.
    return null;
  }
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? rowOfFields(value as RowFields, times) : null;
}
