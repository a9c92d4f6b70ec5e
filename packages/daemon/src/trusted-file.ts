import { lstatSync, statSync } from "node:fs";
import type { Stats } from "node:fs";
import { dirname } from "node:path";

/**
 * Why a pidfile or lock file of this name is not to be used, as the rest of a sentence that begins with "it"; null: it is a plain file, or not there. One that
 * another user owns in a directory that anybody may write to could aim our signals. Throws what lstat(2) does, but for ENOENT.
 */
export function whyUntrusted(path: string): string | null {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat === undefined ? null : whyUntrustedFile(stat, path);
}

/** The same of a file that is open. */
export function whyUntrustedFile(stat: Stats, path: string): string | null {
  if (!stat.isFile()) return `is ${kindOf(stat)}, not a file`;
  const trusted = stat.uid === 0 || stat.uid === process.geteuid?.();
  if (trusted || (statSync(dirname(path)).mode & 0o002) === 0) return null;
  return `belongs to user ${stat.uid} and lies in a directory that anybody may write to`;
}

function kindOf(stat: Stats): string {
  if (stat.isSymbolicLink()) return "a symbolic link";
  if (stat.isDirectory()) return "a directory";
  if (stat.isFIFO()) return "a FIFO";
  return stat.isSocket() ? "a socket" : "a device";
}

/** Name of the errno of what node:fs has thrown. */
export function codeOf(error: unknown): string {
  const code = (error as { readonly code?: unknown } | null)?.code;
  return typeof code === "string" ? code : "EIO";
}
