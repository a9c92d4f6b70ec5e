/** `cannot read log file "PATH": CAUSE (ERRNO)` */
export class LogFileError extends Error {
  constructor(message: string, cause: unknown) {
    super(message, { cause });
    this.name = "LogFileError";
  }
}

/** Does it, and throws what goes wrong as a `LogFileError`. */
export function guarded<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new LogFileError(problemOf(path, error), error);
  }
}

const causes: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "operation not permitted",
  EINVAL: "it is no file",
  EISDIR: "it is a directory",
  ENOTDIR: "a part of its path is no directory",
  ELOOP: "too many symbolic links",
  EIO: "I/O error",
  ENOSPC: "no inotify watch is left, see fs.inotify.max_user_watches",
  EMFILE: "too many open files",
  Z_BUF_ERROR: "its compressed data end too early",
  Z_DATA_ERROR: "its compressed data are damaged",
};

/** One sentence for what made reading a log file impossible. */
export function problemOf(path: string, error: unknown): string {
  if (!(error instanceof Error)) return `cannot read log file "${path}": ${String(error)}`;
  if (error instanceof LogFileError || error.message.startsWith("cannot ")) return error.message;
  const { code } = error as NodeJS.ErrnoException;
  const cause = causes[code ?? ""] ?? error.message;
  return `cannot read log file "${path}": ${cause}${code === undefined ? "" : ` (${code})`}`;
}
