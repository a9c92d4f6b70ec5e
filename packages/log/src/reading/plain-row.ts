import { syslogFacilityNumber, syslogLevelNumber } from "@supervise/model";

import { gapOf, runOf } from "./log-row.js";
import type { LogRow, RowStream } from "./log-row.js";
import type { RowTimes } from "./row-time.js";

const space = 0x20;
const minus = 0x2d;
/** "authpriv.warning+" */
const longestStream = 17;

/**
 * A row `TIME SERVICE SEQ STREAM TEXT`, or `TIME SERVICE STREAM TEXT` as earlier versions wrote it. Null: it is none. Never throws, whatever the bytes are.
 */
export function parsePlainRow(
  bytes: Buffer,
  start: number,
  end: number,
  times: RowTimes,
): LogRow | null {
  const timeEnd = wordEnd(bytes, start, end);
  if (timeEnd < 0 || timeEnd === start) return null;
  const noTime = timeEnd === start + 1 && bytes[start] === minus;
  const timeMicros = noTime ? null : times.read(bytes, start, timeEnd);
  if (timeMicros === null && !noTime) return null;
  const serviceEnd = wordEnd(bytes, timeEnd + 1, end);
  if (serviceEnd <= timeEnd + 1) return null;
  let wordStart = serviceEnd + 1;
  let stop = lastWordEnd(bytes, wordStart, end);
  const seq = seqOf(bytes, wordStart, stop);
  if (seq !== undefined) {
    wordStart = stop + 1;
    stop = lastWordEnd(bytes, wordStart, end);
  }
  if (stop - wordStart > longestStream) return null;
  const service = bytes.toString("utf8", timeEnd + 1, serviceEnd);
  const textStart = Math.min(stop + 1, end);
  return rowOf(
    { service, timeMicros, seq: seq ?? null, run: null },
    bytes.toString("latin1", wordStart, stop),
    bytes.subarray(textStart, end),
  );
}

/** The row of the stream that a file names; null: there is no such stream, or its text is none of its kind. */
export function rowOf(
  placed: Pick<LogRow, "service" | "timeMicros" | "seq" | "run">,
  stream: string,
  bytes: Buffer,
): LogRow | null {
  const { service, timeMicros, seq, run } = placed;
  const line = lineStream(stream) ?? syslogStream(stream);
  if (line !== null) {
    return {
      kind: "line",
      service,
      timeMicros,
      seq,
      run,
      stream: line.stream,
      partial: stream.endsWith("+"),
      bytes,
      level: line.level,
      facility: line.facility,
    };
  }
  if (stream === "gap") return gapOf(placed, bytes.toString("utf8"));
  if (stream !== "begin" && stream !== "end") return null;
  const text = bytes.toString("utf8");
  return { kind: stream, service, timeMicros, seq: null, run: run ?? runOf(text), text };
}

interface NamedStream {
  readonly stream: RowStream;
  readonly level: number | null;
  readonly facility: string | null;
}

const named: Readonly<Record<RowStream, NamedStream>> = {
  out: { stream: "out", level: null, facility: null },
  err: { stream: "err", level: null, facility: null },
  log: { stream: "log", level: null, facility: null },
};

function lineStream(name: string): NamedStream | null {
  switch (name) {
    case "out":
    case "out+":
      return named.out;
    case "err":
    case "err+":
      return named.err;
    case "log":
    case "log+":
      return named.log;
    default:
      return null;
  }
}

/** `daemon.warning` */
function syslogStream(name: string): NamedStream | null {
  const found = /^([a-z0-9]+)\.([a-z]+)\+?$/.exec(name);
  if (found === null) return null;
  const facility = found[1] ?? "";
  const level = syslogLevelNumber(found[2] ?? "");
  if (level === null || syslogFacilityNumber(facility) === null) return null;
  return { stream: "log", level, facility };
}

/** Where the word ends that begins at `start`; -1: no space follows it. */
function wordEnd(bytes: Buffer, start: number, end: number): number {
  for (let at = start; at < end; at += 1) if (bytes[at] === space) return at;
  return -1;
}

/** As `wordEnd`, but the row may end with the word. */
function lastWordEnd(bytes: Buffer, start: number, end: number): number {
  const found = wordEnd(bytes, start, end);
  return found < 0 ? Math.max(start, end) : found;
}

/** Null: `-`, which stands for no number. Undefined: the word is neither, and so the row has no number. */
function seqOf(bytes: Buffer, start: number, end: number): number | null | undefined {
  if (end - start === 1 && bytes[start] === minus) return null;
  if (end === start || end - start > 15) return undefined;
  let value = 0;
  for (let at = start; at < end; at += 1) {
    const digit = (bytes[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value;
}
