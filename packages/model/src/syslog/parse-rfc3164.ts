import type { SyslogTime } from "./message.js";
import type { Reading } from "./parse.js";
import { textOf } from "./source.js";
import type { Source } from "./source.js";
import { parseInstant, parseYearless } from "./time.js";

/** A name of so many characters at most is looked for, though RFC 3164 allows 32: programs of longer names are many. */
const longestTag = 128;
/** "Nov 21 16:20:28" and a space. */
const yearlessLength = 16;
/** name[id]: with the id or without; the space after it is the frame's. */
const tagPattern = /([^\s:[\]<>]+)(?:\[([^[\]\s]{0,128})\])?:(?: |$)/y;
/** The same where the name may have spaces inside. */
const spacedTagPattern = /([^:[\]<>]+?)(?:\[([^[\]\s]{0,128})\])?:(?: |$)/y;

/** Null where neither a time nor a tag begins it. */
export function readTraditional(
  source: Source,
  start: number,
  hosts: "guess" | "none",
): Reading | null {
  const [time, afterTime] = timeAt(source.raw, start);
  const tag = tagAt(source, afterTime, hosts === "none" && time !== null);
  if (tag !== null) return reading(source, time, null, tag);
  if (time === null) return null;
  const space = source.raw.indexOf(" ", afterTime);
  const host = hosts === "guess" && space > afterTime ? tagAt(source, space + 1, false) : null;
  if (host !== null) return reading(source, time, textOf(source, afterTime, space), host);
  return reading(source, time, null, { app: null, processId: null, next: afterTime });
}

interface Tag {
  readonly app: string | null;
  readonly processId: string | null;
  readonly next: number;
}

/** The time of RFC 3164, or that of RFC 5424, which many senders write in its place; and where the rest begins. */
function timeAt(raw: string, start: number): readonly [SyslogTime | null, number] {
  const yearless = parseYearless(raw.slice(start, start + yearlessLength - 1));
  const afterYearless = start + yearlessLength;
  if (yearless !== null && /^ ?$/.test(raw[afterYearless - 1] ?? ""))
    return [yearless, Math.min(afterYearless, raw.length)];
  const space = raw.slice(start, start + 40).indexOf(" ");
  const instant = space < 0 ? null : parseInstant(raw.slice(start, start + space));
  return instant === null ? [null, start] : [instant, start + space + 1];
}

function tagAt(source: Source, at: number, spaces: boolean): Tag | null {
  // Cut first, so that a long message is not searched to its end.
  const window = source.raw.slice(at, at + longestTag * 2 + 4);
  const pattern = spaces ? spacedTagPattern : tagPattern;
  pattern.lastIndex = 0;
  const found = pattern.exec(window);
  const name = found?.[1] ?? "";
  if (found === null || name.length > longestTag || name.startsWith(" ")) return null;
  const id = found[2];
  return {
    app: textOf(source, at, at + name.length),
    processId: id ? textOf(source, at + name.length + 1, at + name.length + 1 + id.length) : null,
    next: at + found[0].length,
  };
}

function reading(source: Source, time: SyslogTime | null, host: string | null, tag: Tag): Reading {
  return {
    form: "rfc3164",
    time,
    host,
    app: tag.app,
    processId: tag.processId,
    messageId: null,
    structuredData: [],
    textStart: Math.min(tag.next, source.end),
    faults: [],
  };
}
