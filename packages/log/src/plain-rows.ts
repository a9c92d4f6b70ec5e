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
    const first = batch.start;
    const staged = !batch.partial && rows.stage(bytes, first, (ends[count - 1] ?? first) + 1);
    let start = first;
    for (let index = 0; index < count; index += 1) {
      const end = ends[index] ?? start;
      while (
        !(staged
          ? rows.addStaged(prefix.bytes, start - first, end + 1 - start)
          : rows.add(prefix.bytes, bytes, start, end))
      )
        full(prefix.number - 1, rows.bytes, 0, rows.used);
      prefix.next();
      start = end + 1;
    }
    full(prefix.number - 1, rows.bytes, 0, rows.used);
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
