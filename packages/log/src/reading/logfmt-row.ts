import { rowOfFields } from "./field-row.js";
import type { LogRow } from "./log-row.js";
import type { RowTimes } from "./row-time.js";

/** `key=` of which the value follows. */
const keyPattern = /([^\s="\\]+)=/y;
/** A bare value, or one in quotes with the escapes of JSON. */
const valuePattern = /("(?:[^"\\]|\\.)*")|([^\s="\\]*)/y;

/** Keys and values written as `key=value key="a value"`. Null: the text is not wholly that. Never throws. */
export function parseLogfmt(text: string): ReadonlyMap<string, string> | null {
  const fields = new Map<string, string>();
  for (let at = 0; at < text.length;) {
    keyPattern.lastIndex = at;
    const key = keyPattern.exec(text);
    if (key === null) return null;
    valuePattern.lastIndex = keyPattern.lastIndex;
    const value = valuePattern.exec(text);
    const content = value?.[1] === undefined ? value?.[2] : unquoted(value[1]);
    if (content === undefined || content === null) return null;
    fields.set(key[1] ?? "", content);
    at = valuePattern.lastIndex;
    if (at < text.length && text[at] !== " ") return null;
    at += 1;
  }
  return fields.size > 0 ? fields : null;
}

/** A row in logfmt with `service` and `stream`. Null: it is none. Never throws. */
export function parseLogfmtRow(text: string, times: RowTimes): LogRow | null {
  const fields = parseLogfmt(text);
  return fields === null ? null : rowOfFields(Object.fromEntries(fields), times);
}

function unquoted(text: string): string | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "string" ? value : null;
  } catch {
    // An escape that JSON does not have.
    return null;
  }
}
