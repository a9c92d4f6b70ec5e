import type { Kernel } from "@supervise/sys";

/** What a program in Node asks for when it becomes a daemon. Paths are relative to where it was started. */
export interface DaemonizeOptions {
  /** Removed at exit while it is ours. */
  readonly pidfile?: string;
  /** Held for life; `pidfile` with ".lock" unless told, and none without either. */
  readonly lockfile?: string;
  /** Log that stdout is appended to from `ready` on; /dev/null unless told. */
  readonly stdout?: string;
  /** The same for stderr; that of `stdout` unless told. */
  readonly stderr?: string;
  /** 0o022 unless told. */
  readonly umask?: number;
  /** "/" unless told. */
  readonly workingDirectory?: string;
  /** Longest wait for `ready`, in milliseconds; then the daemon is stopped. 30,000 unless told. */
  readonly timeoutMs?: number;
  /** Between SIGTERM and SIGKILL for a daemon that is not ready in time; 10,000 ms unless told. */
  readonly graceMs?: number;
  /** Does everything but detach, as a supervisor or a debugger wants it; stdio stays where no log is named. */
  readonly foreground?: boolean;
  /**
   * How many descriptors from 3 on the daemon finds open, on /dev/null or as the sockets that were passed (see listenFds()), for its own to be put there (`descriptor` of openLogfile()): Node takes the lowest numbers for itself before
   * any program runs, and they can't be changed then. Not in the foreground. 0 unless told.
   */
  readonly reserve?: number;
  readonly kernel?: Kernel;
}

/** Number of the descriptor on which a daemon that was started again says that it is ready. */
export const READY_VARIABLE = "SUPERVISE_DAEMON_READY";
