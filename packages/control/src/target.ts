import type {
  ActionMessage,
  ActionRequest,
  Attachment,
  AttachQuery,
  Caller,
  EventEntry,
  EventQuery,
  ExecContext,
  LogLine,
  LogQuery,
  ProcessRow,
  ProjectStatus,
  ReloadResult,
  ScaleResult,
  ServiceStatus,
  TerminalSize,
} from "@supervise/model";

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
  /** What a reload would do, with these texts in place of the files of these paths; nothing is changed. */
  previewConfiguration(texts: Readonly<Record<string, string>>): Promise<ReloadResult>;
  /** So many replicas of each of these services, by their configured names. */
  scale(counts: Readonly<Record<string, number>>, caller: Caller): Promise<ScaleResult>;
  /** Everything down, in order; the supervisor then ends. `now`: at once, with SIGKILL. */
  shutDown(caller: Caller, now: boolean, signal: AbortSignal): AsyncIterable<ActionMessage>;
  events(query: EventQuery, signal: AbortSignal): AsyncIterable<EventEntry>;
  logs(query: LogQuery, signal: AbortSignal): AsyncIterable<LogLine>;
  /** The environment, directory and user of a service, for `exec`. Throws UnknownService. */
  execContext(name: string): ExecContext;
  /** Throws UnknownService, or an error of code "not-attachable" with a hint. The attachment ends with `signal`. */
  attach(query: AttachQuery, signal: AbortSignal): Promise<Attachment>;
  /** False: nobody of that number is attached to the service. Throws UnknownService. */
  resizeTerminal(name: string, attachment: number, size: TerminalSize): boolean;
  /** To be replaced by the program as it is installed now. Null: accepted; else why not. */
  upgrade(caller: Caller): string | null;
  /** Prometheus text exposition format; with `usage`, what the processes use is sampled too. */
  metrics(usage: boolean): string;
}
