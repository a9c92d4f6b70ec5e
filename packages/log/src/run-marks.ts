import type { Channel } from "./channel.js";
import type { FileRows } from "./file-rows.js";
import type { Ledger, LeftChunk, RowIdentity } from "./ledger.js";
import { numberedFiles, type LineNumbering, type NumberedFile } from "./line-numbering.js";
import type { LogFile } from "./log-file.js";
import { markNumber, type RunMark } from "./row-format.js";

/** Writes the rows that tell of the runs of services: each once, also over the deaths of supervisors. */
export class RunMarks {
  readonly #ledger: Ledger;
  readonly #numbers: LineNumbering;
  readonly #rows: FileRows;

  constructor(ledger: Ledger, numbers: LineNumbering, rows: FileRows) {
    this.#ledger = ledger;
    this.#numbers = numbers;
    this.#rows = rows;
  }

  /** To each log file of the service. False: it has none, and no sinks that might have one. */
  write(channel: Channel | undefined, mark: RunMark, clock: () => number): boolean {
    if (channel === undefined || (channel.file === null && channel.others === null)) return false;
    const timeMicros = clock();
    for (const file of numberedFiles(channel)) this.#writeTo(file, channel, mark, timeMicros);
    return true;
  }

  /** The runs of this service are numbered from 1 again. */
  forget(channel: Channel | undefined): void {
    if (channel === undefined) return;
    for (const { place } of numberedFiles(channel)) this.#ledger.lines?.setMark(place, 0);
  }

  /** Goes on with what the last process was writing; its bytes stand where chunks are. */
  resume(
    channels: ReadonlyMap<string, Channel>,
    identity: RowIdentity,
    left: LeftChunk,
    chunk: Buffer,
  ): void {
    const channel = channels.get(identity.service);
    const files = channel === undefined ? [] : numberedFiles(channel);
    const { path, mark } = identity;
    const file =
      path === null
        ? files.find(({ sink }) => sink === channel?.file)
        : files.find(({ sink }) => sink.path === path);
    if (file === undefined) return this.#ledger.abandon();
    if (left.file !== null) file.sink.leaveOut(left.file);
    file.sink.writeMark(Buffer.from(chunk.subarray(0, left.length)));
    this.#ledger.commitRow(file.place, mark);
  }

  #writeTo(
    { sink, place }: NumberedFile,
    channel: Channel,
    mark: RunMark,
    timeMicros: number,
  ): void {
    const number = markNumber(mark);
    if (this.#numbers.isMarked(place, number)) return;
    const row = this.#rows.mark(sink.style, timeMicros, channel.name, mark);
    if (row === null) return;
    if (this.#ledger.lasting) {
      const identity = { service: channel.name, mark: number, path: pathIn(channel, sink) };
      this.#ledger.beginRow(identity, row, timeMicros, sink.mark());
    }
    sink.writeMark(row);
    this.#ledger.commitRow(place, number);
  }
}

/** Null: it is the first. */
function pathIn(channel: Channel, sink: LogFile): string | null {
  return sink === channel.file ? null : sink.path;
}
