import type { ParsedSyslog, SyslogFault } from "./message.js";
import { readModern } from "./parse-rfc5424.js";
import { readTraditional } from "./parse-rfc3164.js";
import { greatestPriority, usualPriority } from "./priority.js";
import { decodeUtf8 } from "./utf8.js";

/** How a message is to be read where its form leaves doubt. */
export interface ParseSyslogOptions {
  /**
   * Whether an RFC 3164 message tells a host. "guess" (the default): a first word that does not end like a tag is one if a tag follows. "none": as at /dev/log,
   * where syslog(3) tells none, so that a name with spaces in it is read whole.
   */
  readonly host?: "guess" | "none";
}

/** What the reader of one form found after the priority. Offsets are those of the message. */
export type Reading = Omit<ParsedSyslog, "facility" | "level" | "text" | "textEnd" | "faults"> & {
  readonly faults: readonly SyslogFault[];
};

/** The bytes of a message and, for searching, the same as characters of one byte each: places are the same in both. */
export interface Source {
  readonly bytes: Uint8Array;
  readonly raw: string;
  readonly end: number;
}

/**
 * Reads one message, a datagram or what stood between two frames. Whatever the bytes are, this is a message: what could be read is in the fields, what could
 * not is in the text and named by a fault. It never throws, and takes time in proportion to the length. RFC 5424, section 6; RFC 3164, sections 4 and 5.
 */
export function parseSyslog(bytes: Uint8Array, options: ParseSyslogOptions = {}): ParsedSyslog {
  const source = sourceOf(bytes);
  const priority = /^<(\d{1,3})>/.exec(source.raw.slice(0, 5));
  const value = Number(priority?.[1] ?? greatestPriority + 1);
  const known = value <= greatestPriority;
  const used = known ? value : usualPriority;
  const start = known ? (priority?.[0].length ?? 0) : 0;
  const modern = known ? readModern(source, start) : null;
  const reading =
    modern ?? readTraditional(source, start, options.host ?? "guess") ?? bare(source, start);
  return {
    ...reading,
    facility: used >> 3,
    level: used & 7,
    text: decodeUtf8(bytes, reading.textStart, source.end),
    textEnd: source.end,
    faults: known ? reading.faults : ["priority", ...reading.faults],
  };
}

/** Newlines and NULs at the end are a frame that the sender left on. */
function sourceOf(bytes: Uint8Array): Source {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === 0 || bytes[end - 1] === 0x0a)) end -= 1;
  let raw = "";
  for (let at = 0; at < end; at += 4096)
    raw += String.fromCharCode(...bytes.subarray(at, Math.min(end, at + 4096)));
  return { bytes, raw, end };
}

function bare(source: Source, start: number): Reading {
  const versioned = /^[1-9]\d{0,2} /.test(source.raw.slice(start, start + 4));
  return {
    form: "bare",
    time: null,
    host: null,
    app: null,
    processId: null,
    messageId: null,
    structuredData: [],
    textStart: start,
    faults: versioned && start > 0 ? ["version"] : [],
  };
}
