import { isUtf8 } from "node:buffer";

import { syslogFacilities, syslogLevels, type LogLine } from "@supervise/model";

import { noPriority } from "./line-batch.js";
import type { LineRecord } from "./line-ring.js";

const newline = 10;
const streamNames = ["stdout", "stderr", "syslog"] as const;

/** Makes the lines of a record readable, from its line `from` on; `name` is the service. */
export function readableLines(record: LineRecord, name: string, from = 0): LogLine[] {
  const found: LogLine[] = [];
  const time = new Date(record.timeMicros / 1000).toISOString();
  const priority = priorityNames(record.priority);
  let start = 0;
  for (let index = 0; index < record.count; index += 1) {
    const newlineAt = record.lines.indexOf(newline, start);
    const end = newlineAt < 0 ? record.lines.length : newlineAt;
    if (index >= from) {
      const bytes = record.lines.subarray(start, end);
      const line: LogLine = {
        service: name,
        run: record.run,
        stream: streamNames[record.stream],
        seq: record.firstSeq + index,
        time,
        text: bytes.toString("utf8"),
        partial: record.partial,
        ...priority,
      };
      found.push(isUtf8(bytes) ? line : { ...line, bytes: bytes.toString("base64") });
    }
    start = end + 1;
  }
  return found;
}

/** Facility and level by their names; nothing where the lines have none. */
export function priorityNames(priority: number): {
  readonly facility?: string;
  readonly level?: string;
} {
  const facility = syslogFacilities[priority >> 3];
  const level = syslogLevels[priority & 7];
  return priority === noPriority || facility === undefined || level === undefined
    ? {}
    : { facility, level };
}
