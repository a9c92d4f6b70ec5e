import type { Compression } from "@supervise/model";

import type { FileOwner, Rotation } from "./file-owner.js";
import type { RowStyle } from "./file-rows.js";
import { FileWriter } from "./file-writer.js";
import { lastNumber } from "./last-number.js";
import type { FileMark } from "./ledger.js";
import type { LineBatch } from "./line-batch.js";
import type { FileState, LogFile } from "./log-file.js";
import { mayHang } from "./mount-type.js";

/** A file that has taken so long for the rows of one chunk may hang the next time, in milliseconds. */
const slowMs = 1000;

/** Gives the file to another thread, for every service that has it. Returns who has it now. */
export type GiveAway = (file: FileSink) => LogFile;

/** A log file that is written at once: whoever gives it rows waits until they are there. One that may hang it gives away before it is opened. */
export class FileSink implements LogFile {
  readonly full = null;
  readonly path: string;
  users = 0;
  totalBytes: number | null = null;
  rotation: Rotation = { maxSizeBytes: null, maxAgeMs: null, maxFiles: 1, compression: null };
  readonly #writer: FileWriter;
  readonly #giveAway: GiveAway;
  /** Who has the file now; null: we do. */
  #heir: LogFile | null = null;

  constructor(path: string, owner: FileOwner, giveAway: GiveAway) {
    this.path = path;
    this.#giveAway = giveAway;
    this.#writer = new FileWriter(path, {
      kernel: owner.kernel,
      rows: owner.rows,
      clock: () => owner.clock(),
      problem: (problem) => owner.problem(problem),
      get limited() {
        return owner.limited;
      },
      lost: (service, from, cause) => owner.lost(service, this, from, cause),
      rotated: () => owner.rotated(this),
    });
  }

  get style(): RowStyle {
    return this.#writer.style;
  }

  set style(style: RowStyle) {
    this.#writer.style = style;
  }

  get maxFiles(): number {
    return this.rotation.maxFiles;
  }

  get compression(): Compression | null {
    return this.rotation.compression;
  }

  get state(): FileState {
    return this.#writer.state;
  }

  setRotation(rotation: Rotation): void {
    this.rotation = rotation;
    this.#writer.setRotation(rotation);
  }

  rotateNow(): number {
    return this.#successor()?.rotateNow() ?? this.#writer.rotateNow();
  }

  mark(): FileMark | null {
    const heir = this.#successor();
    return heir === null ? this.#writer.mark() : heir.mark();
  }

  leaveOut(since: FileMark): void {
    (this.#successor() ?? this.#writer).leaveOut(since);
  }

  lastNumber(service: string, whole = false): number {
    return lastNumber(this.path, service, whole);
  }

  write(batch: LineBatch): void {
    const heir = this.#successor();
    if (heir !== null) return heir.write(batch);
    const began = performance.now();
    this.#writer.write(batch);
    if (performance.now() - began > slowMs && !this.#writer.leavesOut)
      this.#heir = this.#giveAway(this);
  }

  writeMark(row: Buffer): void {
    (this.#successor() ?? this.#writer).writeMark(row);
  }

  addLost(service: string, first: number, lines: number, cause: number): void {
    (this.#heir ?? this.#writer).addLost(service, first, lines, cause);
  }

  finish(): void {}

  flush(): Promise<void> {
    return Promise.resolve();
  }

  /** Lets go of the file, which is another's with all that is outstanding. */
  leave(): void {
    this.#writer.leave();
  }

  close(): void {
    this.#writer.close();
  }

  #successor(): LogFile | null {
    if (this.#heir === null && !this.#writer.isOpen && mayHang(this.path))
      this.#heir = this.#giveAway(this);
    return this.#heir;
  }
}
