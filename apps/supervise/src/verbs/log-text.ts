import { textOf } from "./byte-text.js";
import { prefixColour, terminalText } from "@supervise/log";
import type { LineRow, LogReading, LogRow } from "@supervise/log";

export interface LogTextOptions {
  /** Of the longest name that is known before the first line; a longer one that comes later makes room for itself. */
  readonly width: number;
  /** The service's name before each row; without it there are no markers either, only lines. */
  readonly prefix: boolean;
  /** What would be a command to the terminal is taken out, of a progress bar the last state is left; colours stay. */
  readonly terminal: boolean;
  /** Names and levels in colour. */
  readonly colour: boolean;
  /** Lines of JSON are folded into something readable. */
  readonly fold: boolean;
  /** The time before each line. */
  readonly timestamps: boolean;
  /** A service's place among all, from 1. */
  readonly numberOf: (service: string) => number;
  readonly reading: LogReading;
}

/** Rows as text, of which `bytesOf` makes what is to be written. One for each reading: it remembers what the last rows left open. */
export interface LogText {
  row(row: LogRow): string;
  /** A run of the service begins: nothing goes on with a last line without newline before it. Returns what is to be shown of that. */
  begins(service: string): string;
  /** The newline that the last row still lacks, or nothing. */
  end(): string;
}

const dim = 2;
const red = 31;
const yellow = 33;

/**
 * A very long line comes in parts. With a prefix each part is a row, and `+` stands in place of `|` where a row goes on with the one
 * before it; without a prefix the parts are put together again. `=` stands before what the supervisor says: where a run begins and ends, what is missing.
 */
export function createLogText(options: LogTextOptions): LogText {
  const { prefix, colour, timestamps } = options;
  const shown = shownLine(options);
  let column = options.width;
  /** Streams whose last row was a part that is not the last. */
  const unfinished = new Set<string>();
  let open: string | null = null;

  const end = (): string => {
    const newline = open === null ? "" : "\n";
    open = null;
    return newline;
  };
  const head = (row: LogRow, mark: string): string => {
    column = Math.max(column, row.service.length);
    const name = `${row.service.padEnd(column)} ${mark}`;
    const number = options.numberOf(row.service);
    return `${colour ? paint(prefixColour(number), name) : name} `;
  };
  const time = (row: LogRow): string => {
    if (!timestamps || row.timeMicros === null) return "";
    const text = new Date(row.timeMicros / 1000).toISOString();
    return `${colour ? paint(dim, text) : text} `;
  };
  return {
    end,
    begins: (service) => {
      for (const stream of unfinished)
        if (stream.startsWith(`${service}\0`)) unfinished.delete(stream);
      return open?.startsWith(`${service}\0`) === true ? end() : "";
    },
    row: (row) => {
      if (row.kind !== "line" && row.kind !== "foreign") {
        const text = row.kind === "gap" ? gapText(row.lines, row.cause) : row.text;
        if (!prefix) return "";
        return `${head(row, "=")}${time(row)}${colour ? paint(row.kind === "gap" ? yellow : dim, text) : text}\n`;
      }
      const line = row.kind === "line" ? row : null;
      const stream = `${row.service}\0${row.run ?? ""}\0${line?.stream ?? ""}`;
      const continued = unfinished.delete(stream);
      const partial = line?.partial === true;
      if (partial) unfinished.add(stream);
      const text = shown(row.bytes, line, continued || partial);
      if (prefix) return `${head(row, continued ? "+" : "|")}${time(row)}${text}\n`;
      const before = open === stream ? "" : end();
      const stamp = continued && before === "" ? "" : time(row);
      open = partial ? stream : null;
      return `${before}${stamp}${text}${partial ? "" : "\n"}`;
    },
  };
}

/** How many lines are missing, and why. */
export function gapText(lines: number, cause: string): string {
  return `${lines === 1 ? "1 line" : `${lines} lines`} lost: ${cause}`;
}

/** The text of a line. A part of one is never folded: it is no whole JSON. */
function shownLine({
  terminal,
  fold,
  colour,
  reading,
}: LogTextOptions): (bytes: Buffer, line: LineRow | null, isPart: boolean) => string {
  const safe = (bytes: Buffer): string => {
    if (!terminal) return textOf(bytes);
    const last = lastState(bytes);
    return (terminalText(last, 0, last.length) ?? last).toString("utf8");
  };
  return (bytes, line, isPart) => {
    const text = bytes.toString("utf8");
    const fields = fold && !isPart ? reading.jsonFields(text) : null;
    if (fields === null) return safe(bytes);
    const folded = reading.foldFields(fields);
    const level = line?.level ?? folded.level;
    const label = colour ? paintLevel(folded.label, level) : folded.label;
    const rest =
      colour && folded.rest !== "" ? paint(dim, safeText(folded.rest)) : safeText(folded.rest);
    return [label, folded.time, safeText(folded.message), rest]
      .filter((part) => part !== "")
      .join(" ");
  };
}

/** What a progress bar that writes over itself shows last; a line without carriage returns within it as it is. */
function lastState(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0x0d) end -= 1;
  const before = end === 0 ? -1 : bytes.lastIndexOf(0x0d, end - 1);
  return bytes.subarray(before + 1, end);
}

/** A folded line stays one row, and a value of it is no command to the terminal. */
function safeText(text: string): string {
  const bytes = Buffer.from(text.replaceAll("\r", "").replaceAll("\n", "\\n"));
  return (terminalText(bytes, 0, bytes.length) ?? bytes).toString("utf8");
}

function paintLevel(label: string, level: number | null): string {
  if (level === null || label === "") return label;
  return level <= 3 ? paint(red, label) : level === 4 ? paint(yellow, label) : label;
}

function paint(colour: number, text: string): string {
  return `\x1b[${colour}m${text}\x1b[0m`;
}
