import { constants } from "node:fs";
import { dirname } from "node:path";
import type { ServiceSpec } from "@supervise/model";
import { makeDirectories, type Kernel } from "@supervise/sys";

const FILE_MODE = 0o640;
const DIRECTORY_MODE = 0o750;
const ENOENT = -2;

/** Opens the file that a service with `driver: direct` gets as its output, to append to it. A negative errno where that is not possible; null: it gets pipes. */
export function openDirect(kernel: Pick<Kernel, "open">, spec: ServiceSpec): number | null {
  if (spec.logging.driver !== "direct") return null;
  const { path } = spec.logging;
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT;
  const fd = kernel.open(path, flags, FILE_MODE);
  if (fd !== ENOENT) return fd;
  try {
    makeDirectories(dirname(path), DIRECTORY_MODE);
  } catch {
    // Then the next call says why.
  }
  return kernel.open(path, flags, FILE_MODE);
}
