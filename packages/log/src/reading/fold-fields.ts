import { severityNames } from "@supervise/model";

import { levelKeys, levelOfValue } from "./line-level.js";

const timeKeys = ["time", "timestamp", "ts", "@timestamp", "@t", "t", "date", "datetime"];
const messageKeys = ["msg", "message", "event", "@m", "text"];

/** A line of JSON as a person reads it. */
export interface FoldedLine {
  /** Its severity, 0 to 8; null: it tells none. */
  readonly level: number | null;
  /** Name of the severity in capitals, at least as wide as "ERROR"; empty: none. */
  readonly label: string;
  /** The time of day as the service says it; empty: it says none. */
  readonly time: string;
  readonly message: string;
  /** All the rest as `key=value`. */
  readonly rest: string;
}

/** What a line's JSON object says: level, time and message first, then every other key with its value. Nothing is left out. */
export function foldFields(fields: Readonly<Record<string, unknown>>): FoldedLine {
  const used = new Set<string>();
  const level = takeFirst(fields, levelKeys, used, levelOfValue);
  const time = takeFirst(fields, timeKeys, used, timeOfDay);
  const message = takeFirst(fields, messageKeys, used, (value) =>
    typeof value === "string" && value !== "" ? value : null,
  );
  const rest = Object.entries(fields)
    .filter(([key]) => !used.has(key))
    .map(([key, value]) => `${key}=${valueText(value)}`);
  const name = level === null ? "" : (severityNames[level] ?? "");
  const label = name === "err" ? "ERROR" : name === "warning" ? "WARN" : name.toUpperCase();
  return {
    level,
    label: label === "" ? "" : label.padEnd("ERROR".length),
    time: time ?? "",
    message: message ?? "",
    rest: rest.join(" "),
  };
}

function takeFirst<T>(
  fields: Readonly<Record<string, unknown>>,
  keys: readonly string[],
  used: Set<string>,
  read: (value: unknown) => T | null,
): T | null {
  for (const key of keys) {
    const found = Object.hasOwn(fields, key) ? read(fields[key]) : null;
    if (found === null) continue;
    used.add(key);
    return found;
  }
  return null;
}

/** A date in words, or seconds, milliseconds, microseconds or nanoseconds since the epoch. */
function timeOfDay(value: unknown): string | null {
  if (typeof value === "string") {
    const found =
      /^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]([0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{1,9})?)/.exec(value);
    return found?.[1] ?? null;
  }
  if (typeof value !== "number" || !(value > 1e8)) return null;
  const scale = value < 1e11 ? 1e3 : value < 1e14 ? 1 : value < 1e17 ? 1e-3 : 1e-6;
  const date = new Date(value * scale);
  return Number.isNaN(date.getTime()) ? null : date.toISOString().slice(11, 23);
}

function valueText(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value) ?? "";
  return value === "" || /[\s="\\]/.test(value) ? JSON.stringify(value) : value;
}
