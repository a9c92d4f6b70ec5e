/** What went wrong between a client and the supervisor. Act on `code`; the message is for people. */
export class ControlError extends Error {
  /** "not-running", "not-allowed", "connection-lost", "unknown-service", ... */
  readonly code: string;
  readonly hint: string | null;

  constructor(code: string, message: string, more: { readonly hint?: string | null; readonly cause?: unknown } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = "ControlError";
    this.code = code;
    this.hint = more.hint ?? null;
  }
}

/** Why no connection came about, or why it broke. */
export function connectError(socketPath: string, error: NodeJS.ErrnoException): ControlError {
  const start = "start the supervisor first (supervise up), or name another socket with --socket";
  const cannot = (why: string): string => `cannot connect to control socket "${socketPath}": ${why}`;
  switch (error.code) {
    case "ECONNREFUSED":
      return new ControlError("not-running", cannot("nothing is listening (ECONNREFUSED)"), { hint: start, cause: error });
    case "ENOENT":
      return new ControlError("not-running", cannot("no such socket (ENOENT)"), { hint: start, cause: error });
    case "EACCES":
      return new ControlError("not-allowed", cannot("permission denied (EACCES)"), { hint: "ask as root or as the supervisor's own user", cause: error });
    case "ABORT_ERR":
      return new ControlError("aborted", "given up", { cause: error });
    default:
      return new ControlError("connection-lost", `control socket "${socketPath}": ${error.message}`, { cause: error });
  }
}
