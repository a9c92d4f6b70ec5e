import { isUtf8 } from "node:buffer";
import type { LogRow } from "@supervise/log";
import { syslogLevels } from "@supervise/model";
import { isRingRow } from "./log-ring.js";
import { gapText } from "./log-text.js";

const streams = { out: "stdout", err: "stderr", log: "syslog" } as const;

/** The row as one JSON object with the keys that docs/commands/logs.md describes. `run`: the run it belongs to, where it does not say so itself. */
export function jsonRow(row: LogRow, run: number | null): string {
  if (isRingRow(row)) return JSON.stringify(row.line);
  const time =
    row.timeMicros === null
      ? null
      : `${new Date(row.timeMicros / 1000).toISOString().slice(0, -1)}${String(row.timeMicros % 1000).padStart(3, "0")}Z`;
  const placed = { service: row.service, run: row.run ?? run };
  switch (row.kind) {
    case "line":
      return JSON.stringify({
        ...placed,
        stream: streams[row.stream],
        seq: row.seq,
        time,
        ...contentOf(row.bytes),
        partial: row.partial,
        ...(row.level === null ? {} : { level: syslogLevels[row.level] }),
        ...(row.facility === null ? {} : { facility: row.facility }),
      });
    case "foreign":
      return JSON.stringify({
        ...placed,
        stream: "foreign",
        seq: null,
        time,
        ...contentOf(row.bytes),
      });
    case "gap": {
      const { seq, lines, cause } = row;
      return JSON.stringify({
        ...placed,
        stream: "gap",
        seq,
        time,
        text: gapText(lines, cause),
        lines,
        cause,
      });
    }
    case "begin":
    case "end":
      return JSON.stringify({ ...placed, stream: row.kind, seq: null, time, text: row.text });
  }
}

function contentOf(bytes: Buffer): { readonly text: string; readonly bytes?: string } {
  const text = bytes.toString("utf8");
  return isUtf8(bytes) ? { text } : { text, bytes: bytes.toString("base64") };
}
