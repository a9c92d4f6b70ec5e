import { severityNames } from "@supervise/model";
import type { LineRow, LogReading, RowQuery } from "@supervise/log";
import { optionGiven, optionList, optionText } from "../common-options.js";
import { CommandError, EXIT_USAGE } from "../verb.js";
import type { OptionValues } from "../verb.js";
import { parseMoment } from "./log-moment.js";

/** What the options of `logs` ask for. */
export interface LogAsk {
  readonly follow: boolean;
  readonly json: boolean;
  readonly lines: number | null;
  readonly sinceMicros: number | null;
  readonly untilMicros: number | null;
  readonly run: RowQuery["run"];
  /** Is this line asked for, as far as it alone can tell? Null: every one is. */
  readonly accepts: ((row: LineRow) => boolean) | null;
  /** Lines are chosen by their level: what is indented below one belongs to it. */
  readonly withIndented: boolean;
}

const STREAMS: Readonly<Record<string, LineRow["stream"]>> = {
  out: "out",
  stdout: "out",
  err: "err",
  stderr: "err",
  log: "log",
  syslog: "log",
};

/** Reads the options. Throws `CommandError` where a value cannot be, or two options exclude each other. */
export function readAsk(options: OptionValues, reading: LogReading, nowMs: number): LogAsk {
  const follow = optionGiven(options, "follow");
  const untilMicros = momentOption(options, "until", nowMs);
  const run = optionGiven(options, "previous") ? "previous" : numberOption(options, "run");
  if (run === "previous" && optionGiven(options, "run"))
    throw refused("run", "--previous chooses another run");
  if (follow && untilMicros !== null) throw refused("follow", "what --until chooses has an end");
  if (follow && run !== null) throw refused("follow", "a run that is chosen has an end");
  return {
    follow,
    json: optionGiven(options, "json"),
    lines: numberOption(options, "lines"),
    sinceMicros: momentOption(options, "since", nowMs),
    untilMicros,
    run,
    accepts: lineTest(options, reading),
    withIndented: optionGiven(options, "level") && !optionGiven(options, "grep"),
  };
}

function lineTest(options: OptionValues, reading: LogReading): ((row: LineRow) => boolean) | null {
  const pattern = patternOption(options);
  const level = levelOption(options, reading);
  const streams = new Set(optionList(options, "stream").map(streamOf));
  if (pattern === null && level === null && streams.size === 0) return null;
  const inverted = optionGiven(options, "invert-match");
  return (row) => {
    if (streams.size > 0 && !streams.has(row.stream)) return false;
    if (pattern === null && level === null) return true;
    const text = row.bytes.toString("utf8");
    if (level !== null && severityOf(row, text, reading) > level) return false;
    return pattern === null || pattern.test(text) !== inverted;
  };
}

function severityOf(row: LineRow, text: string, reading: LogReading): number {
  if (row.level !== null) return row.level;
  return reading.levelOfLine(text, reading.jsonFields(text)) ?? reading.plainLevel;
}

function patternOption(options: OptionValues): RegExp | null {
  const text = optionText(options, "grep");
  if (text === null) {
    for (const other of ["invert-match", "ignore-case"])
      if (optionGiven(options, other)) throw refused(other, "it is about --grep, which is missing");
    return null;
  }
  try {
    return new RegExp(text, optionGiven(options, "ignore-case") ? "i" : "");
  } catch (error) {
    // "Invalid regular expression: /(/: Unterminated group"
    const why = error instanceof Error ? error.message.split(": ").at(-1) : null;
    throw refused("grep", `"${text}" is no regular expression: ${(why ?? "").toLowerCase()}`);
  }
}

function levelOption(options: OptionValues, reading: LogReading): number | null {
  const text = optionText(options, "level");
  if (text === null) return null;
  const level = reading.levelOfName(text);
  if (level !== null) return level;
  throw refused("level", `it must be one of ${severityNames.join(", ")}, found "${text}"`);
}

function streamOf(text: string): LineRow["stream"] {
  const stream = Object.hasOwn(STREAMS, text) ? STREAMS[text] : undefined;
  if (stream !== undefined) return stream;
  throw refused("stream", `it must be one of stdout, stderr, syslog, found "${text}"`);
}

function momentOption(options: OptionValues, long: string, nowMs: number): number | null {
  const text = optionText(options, long);
  if (text === null) return null;
  const moment = parseMoment(text, nowMs);
  if (moment !== null) return moment;
  throw refused(
    long,
    `it must be a duration such as 10m or a time such as "2026-01-02 03:04", found "${text}"`,
  );
}

function numberOption(options: OptionValues, long: string): number | null {
  const text = optionText(options, long);
  if (text === null) return null;
  if (/^[0-9]{1,9}$/.test(text)) return Number(text);
  throw refused(long, `it must be a whole number, found "${text}"`);
}

function refused(long: string, why: string): CommandError {
  return new CommandError(`cannot use option "--${long}": ${why}`, { exitCode: EXIT_USAGE });
}
