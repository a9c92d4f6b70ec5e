import { constants } from "node:fs";
import { dirname } from "node:path";
import { makeDirectories } from "@supervise/sys";

import { errnoOf, type LogKernel } from "./problem.js";

const fileMode = 0o640;
const directoryMode = 0o750;
const ENOENT = -2;
/** Not to hang on a FIFO without a reader; for a file it has no meaning. */
const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;

/** Opens a log file to append to it, and makes it where it is missing, with its directory. A negative errno: it can't be opened. */
export function openLogFile(kernel: Pick<LogKernel, "open">, path: string): number {
  const fd = kernel.open(path, flags, fileMode);
  if (fd !== ENOENT) return fd;
  try {
    makeDirectories(dirname(path), directoryMode);
  } catch (thrown) {
    return errnoOf(thrown);
  }
  return kernel.open(path, flags, fileMode);
}
