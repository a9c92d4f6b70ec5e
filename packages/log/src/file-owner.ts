import type { Compression } from "@supervise/model";

import type { FileRows } from "./file-rows.js";
import type { LogFile } from "./log-file.js";
import type { LogKernel, LogProblem } from "./problem.js";

/** What all log files of a hub share. */
export interface FilesRoom {
  readonly kernel: Pick<LogKernel, "open" | "write" | "close">;
  readonly rows: FileRows;
  clock(): number;
  problem(problem: LogProblem): void;
  /** All log files together may have so many bytes only. */
  readonly limited: boolean;
}

/** What who writes a log file asks and tells. */
export interface WriterOwner extends FilesRoom {
  /** Lines of the service from this number on are not in its file; 0: a gap row says so, or there are none. */
  lost(service: string, from: number, cause: number): void;
  /** The file has been rotated or opened: what is left to do about its older ones is to be done once no line is on its way. */
  rotated(): void;
}

/** The same, of all log files. */
export interface FileOwner extends FilesRoom {
  lost(service: string, file: LogFile, from: number, cause: number): void;
  rotated(file: LogFile): void;
}

/** When a file is changed for a new one, and what becomes of the old ones. */
export interface Rotation {
  /** Null: of any size. */
  readonly maxSizeBytes: number | null;
  /** Null: of any age. */
  readonly maxAgeMs: number | null;
  /** The current one included. */
  readonly maxFiles: number;
  readonly compression: Compression | null;
}
