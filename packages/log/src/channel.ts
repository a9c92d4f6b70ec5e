import type { TidyFile } from "./file-tidying.js";
import type { LineSource } from "./line-batch.js";
import type { LineRing } from "./line-ring.js";
import type { LineWatcher } from "./line-watcher.js";
import type { FullSink, LogFile } from "./log-file.js";
import { Mask } from "./mask.js";
import type { OtherSinks } from "./other-sinks.js";
import type { PausedReader } from "./paused-reader.js";
import type { PipeStream } from "./pipe-stream.js";
import type { SyslogSink } from "./syslog-sink.js";

/** All that the hub holds of one service. A silent service has no ring. */
export class Channel implements LineSource {
  readonly name: string;
  readonly id: number;
  /** Number of the last line; -1: it has to be looked up in the file. */
  seq = -1;
  /** Among the numbers that outlive us; -1: it has none. */
  place = -1;
  /** Null: no secrets of the service are known. */
  mask: Mask | null = null;
  /** While the terminal can't keep up its lines are left out there. */
  drops = false;
  file: LogFile | null = null;
  /** The file that the service writes to itself. */
  direct: TidyFile | null = null;
  syslog: SyslogSink | null = null;
  /** Null: there are none besides these. */
  others: OtherSinks | null = null;
  ring: LineRing | null = null;
  watchers: LineWatcher[] | null = null;
  /** Pipes that are being read, of the current run and of earlier ones whose descendants hold them open. */
  streams: PipeStream[] = [];

  constructor(name: string, id: number) {
    this.name = name;
    this.id = id;
  }

  /** What can't take more now, and for which the service has to wait; null: nothing. */
  get full(): FullSink | null {
    return this.file?.full ?? this.others?.full ?? null;
  }

  /** It has nothing to read any more. */
  forgetReader(reader: PausedReader): void {
    this.file?.full?.forget(reader);
    this.others?.forgetReader(reader);
  }

  /** Another writer has the file from now on. */
  replaceFile(before: LogFile, after: LogFile): void {
    if (this.file === before) this.file = after;
    this.others?.replaceFile(before, after);
  }

  setSecrets(secrets: readonly string[]): void {
    const mask = new Mask(secrets);
    this.mask = mask.empty ? null : mask;
  }

  opened(stream: PipeStream): void {
    // Not push(): it would set space for 17 aside.
    this.streams = [...this.streams, stream];
  }

  /** Drains and closes the pipes of the run. */
  closeRun(run: number): void {
    for (const stream of this.streams) if (stream.run === run) stream.end();
  }

  /** Reads what its pipes hold; and waits until its files have it, for a moment at most. */
  drain(): void {
    for (const stream of this.streams) stream.drain();
    this.file?.finish();
    this.others?.finishFiles();
  }
}
