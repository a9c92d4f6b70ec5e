import { nearestWord } from "./nearest-word.js";
import { KEYS } from "./setting-keys.js";
import type { Settings } from "./settings.js";

/** One mistake in daemon.conf. Lines and columns count from 1, columns in characters. */
export interface Mistake {
  readonly line: number;
  readonly column: number;
  /** What is allowed there and what was found, in the words of a message. */
  readonly what: string;
}

export interface ParsedConf {
  readonly settings: Partial<Settings>;
  readonly mistakes: readonly Mistake[];
}

/** Longer values are cut where they are told. */
const SHOWN_CHARACTERS = 60;

/**
 * Reads lines of `key = value`. A "#" that begins a line or follows a blank begins a comment; a value that needs one, or blanks at its ends, stands in double quotes. Every mistake is
 * found, not only the first, and a setting with a mistake is left out.
 */
export function parseConf(text: string): ParsedConf {
  const mistakes: Mistake[] = [];
  const seen = new Map<string, number>();
  let settings: Partial<Settings> = {};
  for (const [index, row] of text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .entries()) {
    const line = index + 1;
    const say = (column: number, what: string): void => void mistakes.push({ line, column, what });
    const control = /[\u0000-\u0008\u000B-\u001F\u007F]/.exec(row);
    if (control !== null) {
      say(columnOf(row, control.index), `text must follow, found ${quote(control[0])}`);
      continue;
    }
    const body = withoutComment(row);
    if (body.trim() === "") continue;
    const found = readLine(body, row);
    if ("what" in found) {
      say(found.column, found.what);
      continue;
    }
    const key = KEYS.find(({ name }) => name === found.key);
    if (key === undefined) {
      say(found.keyColumn, unknownKey(found.key));
      continue;
    }
    const first = seen.get(key.name);
    if (first !== undefined) {
      say(found.keyColumn, `each key must stand once, found "${key.name}" again (line ${first})`);
      continue;
    }
    seen.set(key.name, line);
    const reading = key.read(found.value);
    if ("setting" in reading) settings = { ...settings, ...reading.setting };
    else
      say(found.valueColumn, `${key.name} must be ${reading.allowed}, found ${quote(found.value)}`);
  }
  return { settings, mistakes };
}

interface Line {
  readonly key: string;
  readonly keyColumn: number;
  readonly value: string;
  readonly valueColumn: number;
}

function readLine(body: string, row: string): Line | Omit<Mistake, "line"> {
  const keyAt = body.search(/\S/);
  const equals = body.indexOf("=");
  if (equals < 0)
    return {
      column: columnOf(row, body.trimEnd().length),
      what: `"=" must follow the key, found the end of the line after ${quote(body.trim())}`,
    };
  const key = body.slice(0, equals).trim();
  if (key === "") return { column: columnOf(row, equals), what: `a key must stand before "="` };
  const raw = body.slice(equals + 1);
  const valueAt = equals + 1 + (raw.trim() === "" ? raw.length : raw.search(/\S/));
  const valueColumn = columnOf(row, valueAt);
  const value = raw.trim();
  if (value === "")
    return { column: valueColumn, what: `a value must follow "=", found the end of the line` };
  if (!value.startsWith('"')) return { key, keyColumn: columnOf(row, keyAt), value, valueColumn };
  const quoted = /^"([^"]*)"$/.exec(value);
  if (quoted === null)
    return {
      column: valueColumn,
      what: `a value in double quotes must end with one and hold none, found ${quote(value)}`,
    };
  return { key, keyColumn: columnOf(row, keyAt), value: quoted[1] ?? "", valueColumn };
}

/** A "#" between double quotes is part of the value. */
function withoutComment(row: string): string {
  const quoted = /^[^#"]*=\s*"[^"]*"/.exec(row)?.[0].length ?? 0;
  const comment = row.slice(quoted).search(/(?:^|\s)#/);
  return comment < 0 ? row : row.slice(0, quoted + comment);
}

function unknownKey(key: string): string {
  const meant = nearestWord(
    key,
    KEYS.map(({ name }) => name),
  );
  const allowed = KEYS.map(({ name }) => name).join(", ");
  const hint = meant === null ? "" : `; did you mean "${meant}"?`;
  return `the key must be one of ${allowed}, found ${quote(key)}${hint}`;
}

/** Characters, not the halves in which JavaScript keeps those beyond 16 bits. */
function columnOf(row: string, index: number): number {
  return Array.from(row.slice(0, index)).length + 1;
}

function quote(text: string): string {
  const shown = Array.from(text);
  return JSON.stringify(
    shown.length > SHOWN_CHARACTERS ? `${shown.slice(0, SHOWN_CHARACTERS).join("")}...` : text,
  );
}
