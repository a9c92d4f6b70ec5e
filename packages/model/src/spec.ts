/**
 * The description of what to run: validated, immutable, free of anything that only a running machine knows.
 * `@supervise/config` makes these from text; the engine and the supervisor only read them.
 */

import type { SyslogForm } from "./syslog/format.js";

/** `service`: long-lived. `oneshot`: ends, and is then done. `forking`: puts itself in the background and leaves a pidfile. */
export type ServiceType = "service" | "oneshot" | "forking";

/** A signal by its name, such as "SIGTERM" or "SIGRTMIN+3". */
export type SignalName = string;

/** A command as words, run without a shell (a configured `shell: true` has become `["/bin/sh", "-c", text]`). Never empty. */
export interface CommandSpec {
  readonly words: readonly string[];
}

/** Restart policy, with Compose's words. `limit` is the N of `on-failure:N`: that many restarts in a row, then `failed`. */
export type RestartPolicy =
  | { readonly kind: "no" }
  | { readonly kind: "always" }
  | { readonly kind: "on-failure"; readonly limit: number | null }
  | { readonly kind: "unless-stopped" };

/** Exponential back-off between runs: `initialMs * factor^n`, at most `maxMs`, spread by `±jitter` (0 to 1). */
export interface RestartDelay {
  readonly initialMs: number;
  readonly factor: number;
  readonly maxMs: number;
  readonly jitter: number;
  /** A run that stayed up (ready, and not unhealthy) this long starts the series anew. */
  readonly resetAfterMs: number;
}

/** More than `count` restarts within `windowMs` end in `failed`. */
export interface RestartLimit {
  readonly count: number;
  readonly windowMs: number;
}

export type DependencyCondition =
  | "service_started"
  | "service_healthy"
  | "service_completed_successfully";

/** One edge of the dependency graph. */
export interface Dependency {
  /** Name of a spec (a replica, where the service is scaled). */
  readonly name: string;
  readonly condition: DependencyCondition;
  /** False: a dependency that is absent or failed does not hold this service back. */
  readonly required: boolean;
  /** True: a commanded stop or restart of the dependency stops or restarts this service too (Compose's `restart: true`). */
  readonly restart: boolean;
}

/** How a service shows that it can serve. */
export type ReadyCheck =
  /** `READY=1` on the notify socket (sd_notify(3)). */
  | { readonly kind: "notify" }
  /** A newline written to this descriptor (s6's notification-fd). */
  | { readonly kind: "fd"; readonly fd: number }
  /** A line of output that the regular expression matches. */
  | { readonly kind: "log"; readonly pattern: string }
  | {
      readonly kind: "tcp";
      readonly host: string;
      readonly port: number;
      readonly intervalMs: number;
    }
  | { readonly kind: "http"; readonly url: string; readonly intervalMs: number }
  | { readonly kind: "unix"; readonly path: string; readonly intervalMs: number }
  | { readonly kind: "file"; readonly path: string; readonly intervalMs: number }
  | { readonly kind: "command"; readonly command: CommandSpec; readonly intervalMs: number };

export interface ReadySpec {
  readonly check: ReadyCheck;
  /** From spawn to ready; later the start has failed. */
  readonly timeoutMs: number;
}

/** `healthcheck` with the meaning of the Compose specification. */
export interface HealthSpec {
  readonly test: CommandSpec;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly retries: number;
  /** Failures this soon after the spawn do not count. */
  readonly startPeriodMs: number;
  /** Interval during the start period. */
  readonly startIntervalMs: number;
  /** What an unhealthy service triggers. */
  readonly onUnhealthy: "restart" | "none";
}

export interface StopSpec {
  readonly signal: SignalName;
  /** From the stop signal to SIGKILL for all that is left. */
  readonly gracePeriodMs: number;
  /** Run instead of sending the signal; given the main process's number as `$MAINPID`. */
  readonly command: CommandSpec | null;
}

/** One resource limit (setrlimit(2)). `null` is "unlimited". */
export interface ResourceLimit {
  /** Lower case, without RLIMIT_: "nofile", "core". */
  readonly resource: string;
  readonly soft: number | null;
  readonly hard: number | null;
}

/** Everything about the process itself. A change of any of it needs a restart. */
export interface ProcessSpec {
  readonly command: CommandSpec;
  /** Absolute. */
  readonly workingDirectory: string;
  /** Set on top of what is inherited; later files and keys have already won over earlier ones. */
  readonly environment: Readonly<Record<string, string>>;
  /** False: the service gets only `environment`. */
  readonly inheritEnvironment: boolean;
  /** User name or number, optionally ":group", as in Compose; null keeps the supervisor's own. */
  readonly user: string | null;
  /** Supplementary groups besides the user's own; names or numbers. */
  readonly groupAdd: readonly string[];
  readonly umask: number | null;
  readonly nice: number | null;
  readonly oomScoreAdj: number | null;
  readonly limits: readonly ResourceLimit[];
  /** Capability names without CAP_, upper case, or "ALL". */
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
  readonly noNewPrivileges: boolean;
  /** Root directory (chroot(2)), or null. */
  readonly rootDirectory: string | null;
  /** Standard input, output and error are a terminal of its own, the controlling one of its session. */
  readonly tty: boolean;
  /** Input may be sent to it: typed at its terminal, or, without one, into a pipe that stays open. False: nobody can type; without a terminal it reads /dev/null. */
  readonly stdinOpen: boolean;
}

/** How the rows of a log file look; docs/logs.md describes each. */
export type LogFormat = "plain" | "json" | "logfmt" | "raw";

/** How older log files are kept. */
export type Compression = "gzip" | "zstd";

/** How the time stands in a row. */
export type TimeStampStyle = "utc" | "local" | "tai64n" | "none";

/** What happens where a sink can't keep up: the service waits, or lines of it are left out there and counted. */
export type LogMode = "blocking" | "non-blocking";

/** One place where lines go besides the terminal, the ring and followers. */
export type LogSink = {
  /** Absent: blocking. */
  readonly mode?: LogMode;
} & (
  | { readonly driver: "none" }
  | {
      readonly driver: "file";
      /** Absolute. */
      readonly path: string;
      /** Rotate when the file would grow over this many bytes; null: never. */
      readonly maxSizeBytes: number | null;
      /** Rotate with the first line after the file has become so old; null: never. */
      readonly maxAgeMs: number | null;
      /** Files kept, the current one included. */
      readonly maxFiles: number;
      /** The log files of all services together, older ones included, have at most so many bytes: the oldest go; null: any number. */
      readonly maxTotalBytes: number | null;
      /** Null: older files stay as they are. */
      readonly compression: Compression | null;
      readonly format: LogFormat;
      readonly timestamps: TimeStampStyle;
      /** With mode non-blocking, and there alone: so many bytes wait while the file can't keep up. */
      readonly maxBufferBytes?: number;
    }
  | {
      /** The service gets the file itself as standard output and error. */
      readonly driver: "direct";
      /** Absolute. */
      readonly path: string;
      /** Files kept by a rotation, the current one included. */
      readonly maxFiles: number;
      /** Null: older files stay as they are. */
      readonly compression: Compression | null;
    }
  | {
      readonly driver: "syslog";
      readonly address: SyslogAddress;
      /** 0 to 23, of lines that have none of their own. */
      readonly facility: number;
      readonly form: SyslogForm;
      /** Who speaks, in each message; null: the service's name. */
      readonly tag: string | null;
    }
  | {
      /** Standard input of another service. */
      readonly driver: "service";
      /** Its name; it has one replica, and `readsLogs`. */
      readonly service: string;
      readonly format: LogFormat;
      readonly timestamps: TimeStampStyle;
      /** With mode non-blocking: so many bytes wait while the receiver's pipe is full. */
      readonly maxBufferBytes: number;
    }
);

/** Where a service's lines go: the first sink, its file if it has one, and the others in `also`. */
export type LoggingSpec = LogSink & {
  /** Absent: there are no others. None of them has driver none or direct. */
  readonly also?: readonly LogSink[];
  /** Standard error is the same pipe as standard output, from the next run on. Absent: it has a pipe of its own. */
  readonly stderr?: "stdout";
  /** Patterns (`*`, `?`) of names of environment variables whose values are masked. Absent: none. */
  readonly mask?: readonly string[];
};

/** Where a syslog daemon listens. */
export type SyslogAddress =
  | { readonly kind: "unix"; /** Absolute. */ readonly path: string }
  | { readonly kind: "udp"; readonly host: string; readonly port: number };

/** A listening stream socket that the supervisor binds and keeps, and hands to each run (sd_listen_fds(3)). */
export interface SocketSpec {
  /** In LISTEN_FDNAMES. */
  readonly name: string;
  readonly address:
    /** `host` is numeric. */
    | { readonly kind: "tcp"; readonly host: string; readonly port: number }
    /** `path` is absolute, `mode` that of its file. */
    | { readonly kind: "unix"; readonly path: string; readonly mode: number };
  readonly backlog: number;
}

/** `develop.watch` of the Compose specification. */
export interface WatchSpec {
  /** Absolute; a file, or a directory with all below it. */
  readonly path: string;
  readonly action: "restart" | "reload";
  /** Patterns of what does not count, below `path`, as gitignore(5) has them. */
  readonly ignore: readonly string[];
}

/** One thing to run: one replica of one configured service. */
export interface ServiceSpec {
  /** Unique: "web", or "web-2" where the service is scaled. */
  readonly name: string;
  /** Name in the configuration: "web". */
  readonly service: string;
  /** Number among the equal copies, from 1. */
  readonly replica: number;
  readonly type: ServiceType;
  readonly process: ProcessSpec;
  readonly dependencies: readonly Dependency[];
  readonly restart: RestartPolicy;
  readonly restartDelay: RestartDelay;
  readonly restartLimit: RestartLimit | null;
  readonly ready: ReadySpec | null;
  readonly health: HealthSpec | null;
  readonly stop: StopSpec;
  /** `watchdog: 30s`: without `WATCHDOG=1` on the notify socket for this long the service counts as hung; null: no watchdog. */
  readonly watchdogMs: number | null;
  /** What `reload` does; null: the service cannot reload. */
  readonly reload:
    | { readonly kind: "signal"; readonly signal: SignalName }
    | { readonly kind: "command"; readonly command: CommandSpec }
    | null;
  /** Absolute path that the daemon itself writes (forking); null: none. */
  readonly pidfile: string | null;
  /** In the order of the text, which is that of their descriptors from 3 on. Replicas share them. */
  readonly sockets: readonly SocketSpec[];
  readonly logging: LoggingSpec;
  /** Standard input is a pipe by which other services' lines come (`driver: service` of theirs). False: there is none. */
  readonly readsLogs: boolean;
  /** Files whose change is for this service, in development. */
  readonly watch: readonly WatchSpec[];
}

/** All specs and the graph between them. */
export interface Configuration {
  /** Project name: lower case letters, digits, "-", "_". */
  readonly name: string;
  /** In the order of the text. Every `Dependency.name` is one of these, and there is no cycle. */
  readonly services: readonly ServiceSpec[];
  /** Shared by all services against restart storms: at most `capacity` restarts at once, then `refillPerSecond`. */
  readonly restartBucket: { readonly capacity: number; readonly refillPerSecond: number };
  /** Absolute path of the syslog socket that is served to the services; null: none. */
  readonly syslogPath: string | null;
  /** The same for a stream socket, for programs that insist on one; absent: none. */
  readonly syslogStreamPath?: string;
  /** Numbers of replicas that an operator asked for, by the services' configured names; absent: none. */
  readonly scales?: Scales;
}

/** By the configured name of a service. */
export type Scales = Readonly<Record<string, AskedScale>>;

/** So many replicas instead of as many as the file says; another number in the file puts it out of force. */
export interface AskedScale {
  readonly scale: number;
  readonly instead: number;
}
