/** What went wrong between a client and the supervisor. Act on `code`; the message is for people. */
export class ControlError extends Error {
  /**
   * "not-running": nobody listens; "not-allowed"; "cannot-connect": any other reason; "connection-lost"; "bad-answer": what answers is not a
   * supervisor; "aborted"; else the code of the server's error, as docs/control.md names them.
   */
  readonly code: string;
  readonly hint: string | null;
  /** Where nobody listens; null: it is another error. */
  readonly socketPath: string | null;

  constructor(
    code: string,
    message: string,
    more: {
      readonly hint?: string | null;
      readonly cause?: unknown;
      readonly socketPath?: string;
    } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = "ControlError";
    this.code = code;
    this.hint = more.hint ?? null;
    this.socketPath = more.socketPath ?? null;
  }
}

/** Why no connection came about, or why it broke. */
export function connectError(socketPath: string, cause: NodeJS.ErrnoException): ControlError {
  const start = "start the supervisor first (supervise up), or name another socket with --socket";
  const cannot = (code: string, why: string, hint: string | null): ControlError =>
    new ControlError(code, `cannot connect to control socket "${socketPath}": ${why}`, {
      hint,
      cause,
      ...(code === "not-running" ? { socketPath } : {}),
    });
  switch (cause.code ?? "") {
    case "ECONNREFUSED":
      return cannot("not-running", "nothing is listening (ECONNREFUSED)", start);
    case "ENOENT":
      return cannot("not-running", "no such socket (ENOENT)", start);
    case "ENOTDIR":
      return cannot("not-running", "a part of the path is not a directory (ENOTDIR)", start);
    case "EACCES":
      return cannot(
        "not-allowed",
        "permission denied (EACCES)",
        "ask as root or as the supervisor's own user",
      );
    case "EAGAIN":
      return cannot("cannot-connect", "too many connections wait there (EAGAIN)", null);
    case "ABORT_ERR":
      return new ControlError("aborted", `control socket "${socketPath}": given up`, { cause });
    default:
      return cause.syscall === "connect"
        ? cannot("cannot-connect", cause.message, null)
        : connectionLost(socketPath, cause);
  }
}

/** The connection broke before the answer's end. */
export function connectionLost(socketPath: string, cause: unknown): ControlError {
  const message = `control socket "${socketPath}": the supervisor went away`;
  return new ControlError("connection-lost", message, { cause });
}
