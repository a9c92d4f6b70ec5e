import type { ControlClient } from "@supervise/control";
import type { LineRow, LogRow } from "@supervise/log";
import { syslogLevelNumber } from "@supervise/model";
import type { LogLine } from "@supervise/model";

/** A line that came from a supervisor's memory. */
export interface RingRow extends LineRow {
  readonly line: LogLine;
}

const streams = { stdout: "out", stderr: "err", syslog: "log" } as const;

/** Is the row a line from a supervisor's memory? */
export function isRingRow(row: LogRow): row is RingRow {
  return "line" in row;
}

/** A line that the supervisor tells as a row. */
export function ringRow(line: LogLine): RingRow {
  return {
    kind: "line",
    service: line.service,
    timeMicros: Date.parse(line.time) * 1000,
    seq: line.seq,
    run: line.run,
    stream: streams[line.stream],
    partial: line.partial,
    bytes: line.bytes === undefined ? Buffer.from(line.text) : Buffer.from(line.bytes, "base64"),
    level: line.level === undefined ? null : syslogLevelNumber(line.level),
    facility: line.facility ?? null,
    line,
  };
}

/** The lines of these services that the supervisor has in memory, in the order of their arrival: the last `lines` of each, or all. */
export async function ringRows(
  client: ControlClient,
  names: readonly string[],
  lines: number | null,
  signal: AbortSignal,
): Promise<RingRow[]> {
  const rows: RingRow[] = [];
  for await (const line of client.logs({ names, lines, follow: false }, signal))
    rows.push(ringRow(line));
  return rows;
}

/** The last `count` of each service, in their order. */
export function lastOfEach(rows: readonly RingRow[], count: number | null): RingRow[] {
  if (count === null) return [...rows];
  const left = new Map<string, number>();
  const kept = rows.toReversed().filter(({ service }) => {
    const before = left.get(service) ?? count;
    left.set(service, before - 1);
    return before > 0;
  });
  return kept.toReversed();
}
