import type { MessagePort } from "node:worker_threads";

import type { Rotation } from "../file-owner.js";
import type { RowStyle } from "../file-rows.js";
import type { FileMark } from "../ledger.js";
import type { FileState } from "../log-file.js";

/** What is to be done with a file, in order. */
export type FileStep =
  /** Before all else, where the thread does not know the file. */
  | { readonly kind: "begin"; readonly state: FileState | null }
  | { readonly kind: "settings"; readonly style: RowStyle; readonly rotation: Rotation }
  | { readonly kind: "rows"; readonly rows: NumberedRows }
  | { readonly kind: "mark"; readonly row: Uint8Array }
  | {
      readonly kind: "lost";
      readonly service: string;
      readonly first: number;
      readonly lines: number;
      readonly cause: number;
    }
  | { readonly kind: "leaveOut"; readonly since: FileMark }
  | { readonly kind: "look" }
  | { readonly kind: "rotate" }
  | { readonly kind: "lastNumber"; readonly service: string; readonly whole: boolean }
  /** `quietly`: another thread has the file now, and says what there is to say. */
  | { readonly kind: "close"; readonly quietly: boolean };

/** Whole rows of one service, with the numbers of their lines. */
export interface NumberedRows {
  readonly service: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly bytes: Uint8Array;
}

export interface FileJob {
  /** From 1, by each thread. */
  readonly number: number;
  readonly path: string;
  readonly steps: readonly FileStep[];
}

export interface FileReply {
  readonly number: number;
  /** How long it took, in milliseconds. */
  readonly tookMs: number;
  /** Of the last step that has one: a negative errno, or a number. */
  readonly result: number;
  /** What the file is now; null: it is not open. */
  readonly mark: FileMark | null;
  readonly state: FileState;
  readonly problems: readonly string[];
  /** It was rotated, or opened. */
  readonly rotated: boolean;
}

/** What a thread is given at its beginning. */
export interface FileThreadData {
  /** One number: that of the last job that is done. */
  readonly done: Int32Array;
  /** Where jobs come and replies go. */
  readonly port: MessagePort;
}
