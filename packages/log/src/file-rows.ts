import type { LineBatch } from "./line-batch.js";
import { priorityNames } from "./log-line.js";
import { RowBuffer } from "./row-buffer.js";
import { TimeStamp } from "./time-stamp.js";

const rowBytes = 192 * 1024;

/** The space in which the rows of log files are put together; one for all files, as each write is done at once. */
export class FileRows {
  readonly rows: RowBuffer = new RowBuffer(rowBytes);
  readonly #stamp = new TimeStamp();

  /** Puts the lines together as `TIME SERVICE STREAM TEXT`, calling `full` whenever what is in `rows` must be written, and at the end. */
  put(batch: LineBatch, full: () => void): void {
    const mark = `${markOf(batch)}${batch.partial ? "+" : ""}`;
    const prefix = Buffer.from(`${this.#stamp.of(batch.timeMicros)} ${batch.source.name} ${mark} `);
    let start = batch.start;
    for (let index = 0; index < batch.count; index += 1) {
      const end = batch.ends[index] ?? start;
      if (!this.rows.add(prefix, batch.bytes, start, end)) {
        full();
        this.rows.add(prefix, batch.bytes, start, end);
      }
      start = end + 1;
    }
    full();
  }

  /** A row of our own that says what is missing here. */
  gap(timeMicros: number, service: string, text: string): Buffer {
    return Buffer.from(`${this.#stamp.of(timeMicros)} ${service} gap ${text}\n`);
  }
}

/** Where the lines came from: out, err, or for a syslog message its priority as syslog.conf(5) writes it ("daemon.warning"). */
function markOf(batch: LineBatch): string {
  if (batch.stream === 0) return "out";
  if (batch.stream === 1) return "err";
  const { facility, level } = priorityNames(batch.priority);
  return `${facility}.${level}`;
}
