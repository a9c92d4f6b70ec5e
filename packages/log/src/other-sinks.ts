import type { InletSink } from "./inlet-sink.js";
import type { FileMark } from "./ledger.js";
import type { LineBatch } from "./line-batch.js";
import type { NumberedFile } from "./line-numbering.js";
import type { FullSink, LogFile } from "./log-file.js";
import type { PausedReader } from "./paused-reader.js";
import type { SyslogSink } from "./syslog-sink.js";

/** The sinks of a service that has several, without its first file and its first syslog daemon; and those on their way to other services' standard input. */
export class OtherSinks {
  files: readonly NumberedFile[] = [];
  syslogs: readonly SyslogSink[] = [];
  inlets: readonly InletSink[] = [];

  get empty(): boolean {
    return this.files.length + this.syslogs.length + this.inlets.length === 0;
  }

  /** What can't take more now, and for which the service has to wait; null: nothing. */
  get full(): FullSink | null {
    const file = this.files.find(({ sink }) => sink.full !== null);
    return file?.sink.full ?? this.inlets.find((sink) => sink.full)?.inlet ?? null;
  }

  replaceFile(before: LogFile, after: LogFile): void {
    this.files = this.files.map((file) => (file.sink === before ? { ...file, sink: after } : file));
  }

  finishFiles(): void {
    for (const { sink } of this.files) sink.finish();
  }

  /** What the files are before the next rows. */
  marks(): readonly (FileMark | null)[] {
    return this.files.map(({ sink }) => sink.mark());
  }

  /** What comes next was taken in part before the last process died: what it took is left out. `seqAt` tells the last line in the pipe to another service. */
  leaveOut(marks: readonly FileMark[], seqAt: (place: number) => number): void {
    for (const [index, mark] of marks.entries())
      if (mark.inode >= 0) this.files[index]?.sink.leaveOut(mark);
    for (const sink of this.inlets) if (sink.place >= 0) sink.leaveOut(seqAt(sink.place));
  }

  forgetReader(reader: PausedReader): void {
    for (const { sink } of this.files) sink.full?.forget(reader);
    for (const { inlet } of this.inlets) inlet.forget(reader);
  }

  write(batch: LineBatch): void {
    for (const { sink } of this.files) sink.write(batch);
    for (const sink of this.syslogs) sink.write(batch);
    for (const sink of this.inlets) sink.write(batch);
  }
}
