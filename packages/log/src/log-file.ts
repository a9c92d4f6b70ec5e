import type { Compression } from "@supervise/model";

import type { Here, Lost } from "./file-loss.js";
import type { Rotation } from "./file-owner.js";
import type { RowStyle } from "./file-rows.js";
import type { FileMark } from "./ledger.js";
import type { LineBatch } from "./line-batch.js";
import type { PausedReader } from "./paused-reader.js";

/** What can't take more now, and for which a service has to wait. */
export interface FullSink {
  /** Who should read no more; `resume` is called once there is room. */
  pause(reader: PausedReader): void;
  forget(reader: PausedReader): void;
}

/** A log file as the hub knows it; who writes it, and on which thread, is its own affair. */
export interface LogFile {
  readonly path: string;
  /** Services that write here; the hub's to count. */
  users: number;
  /** Bytes that all files of the hub together may have; null: any number. */
  totalBytes: number | null;
  style: RowStyle;
  readonly maxFiles: number;
  readonly compression: Compression | null;
  /** Not null: the service has to wait for it. */
  readonly full: FullSink | null;
  setRotation(rotation: Rotation): void;
  /** Changes the file for a new one, unless it is empty. Returns why not: a negative errno. */
  rotateNow(): number;
  /** What the file is before the next row; null where it can't be opened. */
  mark(): FileMark | null;
  /** The rows that come next were written at least in part by another process, after this mark: what is there is left out. */
  leaveOut(since: FileMark): void;
  /** See `lastNumber`. */
  lastNumber(service: string, whole?: boolean): number;
  write(batch: LineBatch): void;
  /** A row of our own, which is no line. Where it cannot be written it waits. */
  writeMark(row: Buffer): void;
  /** So many lines of the service, from number `first` on, are not in the file. A gap row will say so. */
  addLost(service: string, first: number, lines: number, cause: number): void;
  /** Waits until what was taken is written, for a moment at most, and not at all for a file that hangs. */
  finish(): void;
  /** Settles when what was taken is written. */
  flush(): Promise<void>;
  /** Tries once more to write what is outstanding, and lets go of the file. */
  close(): void;
}

/** What must not be forgotten where another writer goes on with a file. */
export interface FileState {
  readonly lost: readonly (readonly [service: string, lost: Lost])[];
  readonly marks: readonly Uint8Array[];
  /** Of a row of which the kernel has taken the beginning; null: there is none. */
  readonly rest: Uint8Array | null;
  readonly here: readonly (readonly [service: string, here: Here])[];
}
