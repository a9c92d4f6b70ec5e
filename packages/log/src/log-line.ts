import { isUtf8 } from "node:buffer";

import type { LogLine } from "@supervise/model";

import type { LineRecord } from "./line-ring.js";

const newline = 10;

/** Makes the lines of a record readable, from its line `from` on; `name` is the service. */
export function readableLines(record: LineRecord, name: string, from = 0): LogLine[] {
  const found: LogLine[] = [];
  const time = new Date(record.timeMicros / 1000).toISOString();
  let start = 0;
  for (let index = 0; index < record.count; index += 1) {
    const newlineAt = record.lines.indexOf(newline, start);
    const end = newlineAt < 0 ? record.lines.length : newlineAt;
    if (index >= from) {
      const bytes = record.lines.subarray(start, end);
      const line: LogLine = {
        service: name,
        run: record.run,
        stream: record.stream === 0 ? "stdout" : "stderr",
        seq: record.firstSeq + index,
        time,
        text: bytes.toString("utf8"),
        partial: record.partial,
      };
      found.push(isUtf8(bytes) ? line : { ...line, bytes: bytes.toString("base64") });
    }
    start = end + 1;
  }
  return found;
}
