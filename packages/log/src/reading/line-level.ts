import { severityNames } from "@supervise/model";

const aliases: Readonly<Record<string, number>> = {
  emergency: 0,
  panic: 0,
  critical: 2,
  fatal: 2,
  error: 3,
  eror: 3,
  severe: 3,
  warn: 4,
  information: 6,
  informational: 6,
  dbug: 7,
  fine: 7,
  verbose: 7,
  silly: 8,
  finest: 8,
};

/** What a line counts as that tells no severity. */
export const plainLevel = 6;

/** Where services that log JSON put the severity, in the order in which they are looked at. */
export const levelKeys: readonly string[] = [
  "level",
  "severity",
  "lvl",
  "log.level",
  "levelname",
  "@l",
  "loglevel",
];
/** The words of a line that may tell its severity stand near its beginning. */
const headLength = 120;
const words = Object.keys(aliases).concat(severityNames).join("|");
const priority = /^<([0-7])>/;
const pair = new RegExp(`(?:^|[\\s{,])"?(?:level|lvl|severity)"?[=:]\\s*"?(${words})\\b`, "i");
/** In capitals, in brackets, or before a colon: a mere word of a sentence is none. */
const loud = new RegExp(`(?:^|[\\s\\[(<|])(${words.toUpperCase()})(?![\\w-])`);
const marked = new RegExp(`(?:[\\[(<|](${words})[\\])>|]|(?:^|\\s)(${words}):)`, "i");

/** The severity that a name stands for ("warn", "ERROR", "3"); null: it is none. */
export function levelOfName(name: string): number | null {
  const lower = name.toLowerCase();
  if (/^[0-8]$/.test(lower)) return Number(lower);
  const index = severityNames.indexOf(lower);
  return index >= 0 ? index : ((Object.hasOwn(aliases, lower) ? aliases[lower] : null) ?? null);
}

/** The severity of a value that a logger of JSON gives: a name, a number of syslog (0 to 7), or one of pino and bunyan (10 to 60). */
export function levelOfValue(value: unknown): number | null {
  if (typeof value === "string") return levelOfName(value);
  if (typeof value !== "number" || !Number.isFinite(value) || value < 0) return null;
  if (value <= 8) return Math.floor(value);
  if (value >= 60) return 2;
  if (value >= 50) return 3;
  if (value >= 40) return 4;
  if (value >= 30) return 6;
  return value >= 20 ? 7 : 8;
}

/** The severity that a line itself tells, in JSON, logfmt, after `<N>` as for systemd, or in words at its beginning; null: it tells none. */
export function levelOfLine(
  text: string,
  fields: Readonly<Record<string, unknown>> | null,
): number | null {
  if (fields !== null) {
    for (const key of levelKeys) {
      const level = Object.hasOwn(fields, key) ? levelOfValue(fields[key]) : null;
      if (level !== null) return level;
    }
    return null;
  }
  const head = text.slice(0, headLength);
  const number = priority.exec(head)?.[1];
  if (number !== undefined) return Number(number);
  const found = pair.exec(head) ?? loud.exec(head) ?? marked.exec(head);
  return found === null ? null : levelOfName(found[1] ?? found[2] ?? "");
}

/** The keys and values of a line that is one JSON object; null: it is none. */
export function jsonFields(text: string): Readonly<Record<string, unknown>> | null {
  const trimmed = text.trim();
  if (!trimmed.startsWith("{") || !trimmed.endsWith("}")) return null;
  try {
    const value: unknown = JSON.parse(trimmed);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : null;
  } catch {
    // It only looks like one.
    return null;
  }
}
