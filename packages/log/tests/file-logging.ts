import * as fs from "node:fs";
import { basename, dirname, join } from "node:path";

import type { LoggingSpec } from "@supervise/model";

type FileLogging = Extract<LoggingSpec, { driver: "file" }>;

/** A `logging` with what is usual, but for what is given. */
export function fileLogging(path: string, given: Partial<FileLogging> = {}): FileLogging {
  return {
    driver: "file",
    path,
    maxSizeBytes: null,
    maxAgeMs: null,
    maxTotalBytes: null,
    compression: null,
    maxFiles: 5,
    format: "plain",
    timestamps: "utc",
    ...given,
  };
}

/** The file and those it was rotated to, the oldest first, as whole paths. */
export function allFiles(path: string): string[] {
  const directory = dirname(path);
  if (!fs.existsSync(directory)) return [];
  const names = fs.readdirSync(directory).filter((name) => name.startsWith(`${basename(path)}.`));
  const older = names.toSorted().map((name) => join(directory, name));
  return fs.existsSync(path) ? [...older, path] : older;
}
