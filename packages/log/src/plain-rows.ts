import type { LineBatch } from "./line-batch.js";
import { priorityNames } from "./log-line.js";
import { NumberedPrefix } from "./numbered-prefix.js";
import { gapText, markText, streamWords, type RowFormat } from "./row-format.js";

/** `TIME SERVICE SEQ STREAM TEXT`; the bytes of the line as they are. */
export const plainRows: RowFormat = {
  put: (batch, stamp, rows, full) => {
    const { bytes, ends, count } = batch;
    const time = stamp?.of(batch.timeMicros) ?? "-";
    const prefix = new NumberedPrefix(
      `${time} ${batch.source.name} `,
      batch.firstSeq,
      ` ${streamOf(batch)}${batch.partial ? "+" : ""} `,
    );
    let start = batch.start;
    for (let index = 0; index < count; index += 1) {
      const end = ends[index] ?? start;
      if (!rows.add(prefix.bytes, bytes, start, end)) {
        full(prefix.number - 1);
        rows.add(prefix.bytes, bytes, start, end);
      }
      prefix.next();
      start = end + 1;
    }
    full(prefix.number - 1);
  },
  gap: (time, service, gap) => `${time ?? "-"} ${service} ${gap.first} gap ${gapText(gap)}\n`,
  mark: (time, service, mark) => `${time ?? "-"} ${service} - ${mark.kind} ${markText(mark)}\n`,
};

/** A syslog message has its priority there, as syslog.conf(5) writes it ("daemon.warning"). */
function streamOf({ stream, priority }: LineBatch): string {
  if (stream !== 2) return streamWords[stream];
  const { facility, level } = priorityNames(priority);
  return `${facility}.${level}`;
}
