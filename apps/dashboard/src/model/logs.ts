import { severityNames } from "@supervise/model";
import type { ShownLine } from "./log-page.js";
import { visible } from "../text/visible.js";
import { hasCapital } from "./rows.js";
import type { LogModel } from "./model.js";

/** Lines that are kept for scrolling back; the files hold the rest. */
export const KEPT_LINES = 20_000;

/** Of a line that tells none: that of "info". */
const PLAIN_SEVERITY = 6;

/** Appends in order of time; merged services may be a little out of order. */
export function appendLines(logs: LogModel, lines: readonly ShownLine[]): LogModel {
  const full = logs.lines.length + lines.length > KEPT_LINES;
  // Somebody reads what would be let go; what comes is in the files.
  if (full && logs.anchor !== null && logs.lines.length > 0 && logs.filed)
    return { ...logs, newer: "more" };
  const all = inOrder(logs.lines, lines);
  const excess = Math.max(0, all.length - KEPT_LINES);
  const moved = (index: number | null): number | null =>
    index === null ? null : Math.max(0, index - excess);
  return {
    ...logs,
    lines: excess === 0 ? all : all.slice(excess),
    dropped: logs.dropped + excess,
    anchor: moved(logs.anchor),
    match: moved(logs.match),
    selectFrom: moved(logs.selectFrom),
  };
}

/** Only what is younger than the oldest new line is put in order anew. */
function inOrder(before: readonly ShownLine[], lines: readonly ShownLine[]): ShownLine[] {
  const all = [...before, ...lines];
  const [first] = lines;
  if (first === undefined || (before.at(-1)?.time ?? "") <= first.time) return all;
  let oldest = first.time;
  for (const { time } of lines) if (time < oldest) oldest = time;
  let from = before.length;
  while (from > 0 && (before[from - 1]?.time ?? "") > oldest) from -= 1;
  const tail = all.splice(from);
  tail.sort((one, other) => (one.time < other.time ? -1 : one.time > other.time ? 1 : 0));
  for (const line of tail) all.push(line);
  return all;
}

/** Is the line shown? */
export function lineMatcher(logs: LogModel): (line: ShownLine) => boolean {
  const found = textMatcher(logs.pattern);
  const { severity } = logs;
  return (line) =>
    (severity === null || (line.severity ?? PLAIN_SEVERITY) <= severity) &&
    (logs.stream === "both" || line.stream === logs.stream) &&
    (logs.pattern === "" || found(line.text) >= 0);
}

/** Index of a text in another, -1: not there; without capitals both cases are found. */
export function textMatcher(pattern: string): (text: string, from?: number) => number {
  return hasCapital(pattern)
    ? (text, from) => text.indexOf(pattern, from)
    : (text, from) => text.toLowerCase().indexOf(pattern, from);
}

/** Indexes of up to `count` shown lines, that end with the line at `anchor` or the last one before it. */
export function visibleLines(logs: LogModel, count: number): readonly number[] {
  const shown = lineMatcher(logs);
  const found: number[] = [];
  const { lines } = logs;
  for (let at = Math.min(logs.anchor ?? lines.length - 1, lines.length - 1); at >= 0; at -= 1) {
    if (found.length >= count) break;
    const line = lines[at];
    if (line !== undefined && shown(line)) found.push(at);
  }
  // Near the beginning the page is filled downwards.
  for (let at = (found[0] ?? -1) + 1; found.length < count && at < lines.length; at += 1) {
    const line = lines[at];
    if (line !== undefined && shown(line)) found.unshift(at);
  }
  return found.toReversed();
}

/** Moves the end of the view by so many shown lines; it follows again once it reaches the last. `height`: rows of its pane. */
export function scrollLog(logs: LogModel, by: number, height: number): LogModel {
  const shown = lineMatcher(logs);
  const { lines } = logs;
  // Standing still is said in a row of its own.
  const still = { ...logs, anchor: 0 };
  const lowest = visibleLines(still, logPage(still, height)).at(-1) ?? 0;
  let at = logs.anchor ?? lines.length - 1;
  const step = by < 0 ? -1 : 1;
  for (let left = Math.abs(by); left > 0; left -= 1) {
    let next = at + step;
    while (next >= 0 && next < lines.length) {
      const line = lines[next];
      if (line !== undefined && shown(line)) break;
      next += step;
    }
    if (next < 0 || next >= lines.length) {
      if (by > 0) return { ...logs, anchor: null };
      break;
    }
    at = next;
  }
  return { ...logs, anchor: by < 0 ? Math.max(at, Math.min(lowest, lines.length - 1)) : at };
}

/** The next shown line that holds the searched text, from the match or the end of the view, and with `round` on from the other end; null: none. */
export function findMatch(logs: LogModel, direction: -1 | 1, round = true): number | null {
  if (logs.search === "") return null;
  const shown = lineMatcher(logs);
  const found = textMatcher(logs.search);
  const { lines } = logs;
  const count = lines.length;
  const begin =
    logs.match === null
      ? (logs.anchor ?? count - 1) + (direction < 0 ? 0 : 1)
      : logs.match + direction;
  for (let step = 0; step < count; step += 1) {
    const plain = begin + step * direction;
    if (!round && (plain < 0 || plain >= count)) return null;
    const at = ((plain % count) + count) % count;
    const line = lines[at];
    if (line !== undefined && shown(line) && found(line.text) >= 0) return at;
  }
  return null;
}

/** What is special about the view, for the row below it; empty: nothing, and there is no such row. */
export function logState(logs: LogModel): string {
  const parts: string[] = [];
  if (logs.anchor !== null)
    parts.push(`stands still at ${logs.anchor + 1} of ${logs.lines.length}`);
  if (logs.newer !== "live") parts.push("a part of the files, F: to the end");
  if (logs.asked !== null) parts.push("reading the files");
  if (logs.severity !== null) parts.push(`${severityNames[logs.severity] ?? ""} and graver`);
  if (logs.stream !== "both") parts.push(`only ${logs.stream}`);
  if (logs.pattern !== "") parts.push(`lines with "${visible(logs.pattern)}"`);
  if (logs.search !== "") parts.push(`search "${visible(logs.search)}"`);
  if (logs.merged) parts.push("merged");
  return parts.join(", ");
}

/** Rows for lines in a pane of so many. */
export function logPage(logs: LogModel, height: number): number {
  return Math.max(1, logState(logs) === "" ? height : height - 1);
}
