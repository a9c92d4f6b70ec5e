/**
 * What the outside sees: the JSON of the control socket, of `--json` and of the dashboard. Times are ISO 8601 in UTC with milliseconds.
 */
import type { LogMode, Scales } from "./spec.js";
import type { ExitStatus, Health, StateKind, Wanted } from "./state.js";

export interface ServiceStatus {
  readonly name: string;
  readonly service: string;
  readonly replica: number;
  readonly type: "service" | "oneshot" | "forking";
  readonly state: StateKind;
  /** Finer than the state, where there is more to say: "signalled", "draining", "killed", "stuck". */
  readonly stage: string | null;
  readonly wanted: Wanted;
  readonly ready: boolean;
  readonly health: Health;
  /** One line: why it is in this state. */
  readonly reason: string;
  readonly pid: number | null;
  readonly run: number;
  readonly restarts: number;
  /** When the state was entered. */
  readonly since: string;
  /** When the current or last run was spawned; null before the first. */
  readonly startedAt: string | null;
  readonly lastExit: {
    readonly run: number;
    readonly status: ExitStatus | null;
    readonly text: string;
    readonly at: string;
  } | null;
  /** STATUS= of sd_notify, or null. */
  readonly statusText: string | null;
  readonly dependsOn: readonly { readonly name: string; readonly condition: string }[];
  /** What happens while standard output can't keep up; absent from supervisors of earlier versions. */
  readonly logMode?: LogMode;
  /** Where its lines go besides the terminal, the memory and followers, in words; absent from supervisors of earlier versions. */
  readonly logSinks?: readonly string[];
  /** PORT in its environment, which tells it where to listen; null: it is given none. Absent from supervisors of earlier versions. */
  readonly port?: number | null;
}

export interface ProjectStatus {
  readonly name: string;
  readonly pid: number;
  readonly version: string;
  readonly startedAt: string;
  readonly generation: number;
  /** Null where no place could be written. */
  readonly runtimeDirectory: string | null;
  readonly configurationFiles: readonly string[];
  readonly shuttingDown: boolean;
  /** The init above the supervisor, which starts it anew when it ends; null: there is none. */
  readonly keeperPid: number | null;
  /** Patterns of names of environment variables whose values are masked; absent: none. */
  readonly mask?: readonly string[];
  /** Numbers of replicas that an operator asked for; absent: none. */
  readonly scales?: Scales;
}

/** One row of `supervise ps`: the columns of `ps -axj`, for the trees of services. */
export interface ProcessRow {
  readonly service: string;
  readonly uid: number;
  readonly pid: number;
  readonly ppid: number;
  readonly pgid: number;
  readonly sid: number;
  readonly tty: string;
  readonly stat: string;
  readonly command: string;
  readonly main: boolean;
}

/** One entry of `supervise events`. `seq` grows by one with each; a gap means that the reader fell behind. */
export interface EventEntry {
  readonly seq: number;
  readonly time: string;
  /** Null: about the supervisor itself. */
  readonly service: string | null;
  /** "state", "ready", "health", "exit", "orphan", "pidfile", "configuration", "shutdown", "warning". */
  readonly kind: string;
  readonly message: string;
  readonly state: StateKind | null;
  readonly pid: number | null;
  readonly run: number | null;
}

/** One line of output. */
export interface LogLine {
  readonly service: string;
  readonly run: number;
  /** "syslog": a message that a process of the service sent to the syslog socket, or one line of it. */
  readonly stream: "stdout" | "stderr" | "syslog";
  /** Grows by one with each line of the service. */
  readonly seq: number;
  readonly time: string;
  /** Without its newline; bytes that are not UTF-8 are U+FFFD here. */
  readonly text: string;
  /** The bytes in base64, only where they are not UTF-8. */
  readonly bytes?: string;
  /** True: the line has no newline yet, or is one part of a very long line. */
  readonly partial: boolean;
  /** Of a syslog message, by the names of syslog(3) ("daemon", "local0"); absent for output. */
  readonly facility?: string;
  /** Of a syslog message ("err", "info"); absent for output. */
  readonly level?: string;
  /** Lines left out just before this one, because the reader was slow; absent where none were. */
  readonly skipped?: number;
}

/** One change that a reload made or would make. */
export interface SpecChange {
  readonly name: string;
  readonly kind: "same" | "restart" | "reload" | "new" | "gone";
  /** Names of the changed fields as the configuration writes them ("command", "environment.PORT"). */
  readonly fields: readonly string[];
}

/** A mistake in a configuration. Lines and columns count from 1. */
export interface Diagnostic {
  readonly severity: "error" | "warning";
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly hint: string | null;
}

/** Result of an action on one service. */
export interface ActionOutcome {
  readonly name: string;
  readonly ok: boolean;
  /** One sentence: "stopped", or why not. */
  readonly message: string;
  /** Nothing had to be done. */
  readonly unchanged: boolean;
}

/** Streamed while an action runs: JSON lines. */
export type ActionMessage =
  | {
      readonly type: "progress";
      readonly name: string;
      readonly state: StateKind;
      readonly message: string;
    }
  | { readonly type: "outcome"; readonly outcome: ActionOutcome }
  | { readonly type: "end"; readonly ok: boolean };
