import type { LogLine } from "@supervise/model";

import type { Channel } from "./channel.js";
import { readableLines } from "./log-line.js";

/** The last `count` lines of each service (null: all that its ring holds) of these names (null: of all), in the order in which they arrived. */
export function tailOf(
  channels: ReadonlyMap<string, Channel>,
  names: readonly string[] | null,
  count: number | null,
): LogLine[] {
  const found: { readonly arrival: number; readonly line: LogLine }[] = [];
  for (const name of names ?? channels.keys()) {
    const ring = channels.get(name)?.ring ?? null;
    if (ring === null) continue;
    let skip = count === null ? 0 : Math.max(0, ring.lines - count);
    for (const record of ring.records()) {
      const from = Math.min(skip, record.count);
      skip -= from;
      if (from === record.count) continue;
      // Both numbers grow by one with each line of a record.
      const ahead = record.firstArrival - record.firstSeq;
      for (const line of readableLines(record, name, from))
        found.push({ arrival: ahead + line.seq, line });
    }
  }
  return found.toSorted((one, other) => one.arrival - other.arrival).map(({ line }) => line);
}
