import type {
  ActionMessage, Diagnostic, EventEntry, LogLine, ProcessRow, ProjectStatus, ServiceStatus, SpecChange,
} from "@supervise/model";

/** What a caller of the socket is allowed to know of itself. */
export interface Caller {
  readonly pid: number;
  readonly uid: number;
}

export type ServiceAction = "start" | "stop" | "restart" | "reload" | "signal";

export interface ActionRequest {
  readonly action: ServiceAction;
  /** Names or patterns (`*` and `?`), as they were asked; empty: all services. A configured name stands for all its replicas. */
  readonly names: readonly string[];
  /** For "signal". */
  readonly signal?: string;
  /** False: return as soon as the request is accepted. */
  readonly wait: boolean;
}

export interface LogQuery {
  readonly names: readonly string[];
  /** Last so many lines of each service; null: all that the ring holds. */
  readonly lines: number | null;
  readonly follow: boolean;
}

export interface EventQuery {
  /** Entries after this number; 0: all that are kept. */
  readonly after: number;
  readonly follow: boolean;
}

export interface ReloadResult {
  readonly applied: boolean;
  readonly generation: number;
  readonly changes: readonly SpecChange[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Thrown by a target: no service matches. Carries a suggestion for a misspelt name. */
export interface UnknownService {
  readonly code: "unknown-service";
  readonly message: string;
  readonly hint: string | null;
}

/**
 * What the server serves; it is handed over, so that this package knows no supervisor. Streams are async iterables that end when
 * `signal` is aborted (the client went away); a slow reader of a stream must never slow the target: the target decides what is skipped and says so.
 */
export interface ControlTarget {
  project(): ProjectStatus;
  /** Throws UnknownService. */
  services(names: readonly string[]): readonly ServiceStatus[];
  /** Sentences. Throws UnknownService. */
  why(name: string): readonly string[];
  /** Rows of the trees of the services. Throws UnknownService. */
  processes(names: readonly string[]): readonly ProcessRow[];
  /** Throws UnknownService before the first message. */
  act(request: ActionRequest, caller: Caller, signal: AbortSignal): AsyncIterable<ActionMessage>;
  reloadConfiguration(caller: Caller): Promise<ReloadResult>;
  /** Everything down, in order; the supervisor then ends. `now`: at once, with SIGKILL. */
  shutDown(caller: Caller, now: boolean, signal: AbortSignal): AsyncIterable<ActionMessage>;
  events(query: EventQuery, signal: AbortSignal): AsyncIterable<EventEntry>;
  logs(query: LogQuery, signal: AbortSignal): AsyncIterable<LogLine>;
  /** The environment, directory and user of a service, for `exec`. Throws UnknownService. */
  execContext(name: string): ExecContext;
  /** Prometheus text exposition format. */
  metrics(): string;
}

/** What `supervise exec NAME -- CMD` needs to run a command as the service runs. */
export interface ExecContext {
  readonly environment: Readonly<Record<string, string>>;
  readonly inheritEnvironment: boolean;
  readonly workingDirectory: string;
  readonly user: string | null;
  readonly groupAdd: readonly string[];
  readonly umask: number | null;
}
