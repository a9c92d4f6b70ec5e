import type { LoggingSpec, LogLine } from "@supervise/model";

import type { DescriptorWatch } from "./descriptor-watch.js";
import { Hub } from "./hub.js";
import type { LastingMemory } from "./ledger.js";
import type { OutputTap, TappedRun } from "./output-taps.js";
import type { PausedReader } from "./paused-reader.js";
import type { LogKernel, LogProblem } from "./problem.js";
import type { RunMark } from "./row-format.js";
import type { ServiceMessage } from "./service-message.js";
import type { LinesMemory } from "./service-rings.js";
import type { MessageLevel } from "./terminal-prefix.js";
import type { TerminalTarget, TerminalView } from "./terminal-sink.js";

export interface LogHubOptions {
  readonly kernel: LogKernel;
  /** Shared with whatever else waits for descriptors; stays the caller's. */
  readonly watch: DescriptorWatch;
  /** Microseconds since the epoch. */
  readonly clock: () => number;
  /** Null: no terminal. */
  readonly terminal: TerminalTarget | null;
  /** Where what is on its way survives our death (see `resume`); not given: nowhere. */
  readonly memory?: LastingMemory | null;
  /**
   * The write end of the pipe to a service's standard input, non-blocking; the hub's from then on. A negative errno: there is none, which was said. Asked for once a service's log
   * goes there. Not given: no log does.
   */
  readonly input?: (service: string) => number;
  /** Where the newest lines of services without a file survive our death; not given: nowhere. */
  readonly lines?: LinesMemory | null;
  /** Takes secrets out of the supervisor's own messages at the terminal. Not given: there are none. */
  readonly hide?: (text: string) => string;
  /** Memory for the newest lines of each service, taken as they come; 65536 where not given. */
  readonly ringBytes?: number;
  /** Lines that wait for one follower; 1 MiB where not given. */
  readonly followerBytes?: number;
  /** So long everybody waits for a file that another thread writes, in milliseconds; 50 where not given. Then nobody does until it is quick again. */
  readonly filePatienceMs?: number;
  /** Lines cannot reach a sink. Said once for each trouble. Must not throw. */
  readonly onProblem: (problem: LogProblem) => void;
}

/** The read ends of a run's output. Null: there is none. */
export interface OutputDescriptors {
  readonly stdout: number | null;
  readonly stderr: number | null;
}

/** What the hub needs to know of a service. */
export interface LoggedService {
  readonly name: string;
  readonly logging: LoggingSpec;
  /** Values that are masked in its lines; not given: none. */
  readonly secrets?: readonly string[];
}

export interface FollowOptions {
  /** Begin with the last so many lines of each service; null: all that are kept. Not given: none. */
  readonly lines?: number | null;
  /** Ends the follower. */
  readonly signal?: AbortSignal;
}

/** From the pipes of services to the sinks of their lines. */
export interface LogHub {
  /** Sends nothing more to the standard input of this service than what waits for it, closes its descriptor of the pipe, and then calls: at once where nothing waits. */
  endInput(service: string, ended: () => void): void;
  /** Makes a service known, or applies a changed `logging`. Nothing that was read is lost. */
  configure(service: LoggedService): void;
  /** Ends everything about a service that is gone: reads what its pipes hold, closes them, drops its lines from memory. */
  forget(name: string): void;
  /**
   * Hands on what the last process, whose memory this is, had read and not finished with. Once, after `configure` of all services and before
   * `openRun`. Files get each row once; a reader of standard output may get again what the last write had given it.
   */
  resume(): void;
  /** Files the beginnings of lines that the last process held and no `openRun` has asked for: their runs are over. */
  endLeft(): void;
  /** Reads these descriptors from now on. They belong to the hub, must be non-blocking, and are closed at end of file or by `closeRun`. `id` names the run among all of all times, so that its unfinished lines go on after our death. */
  openRun(name: string, run: number, output: OutputDescriptors, id?: string): void;
  /**
   * Reads now what the pipes hold and files a last line without newline (flagged), so that a service's last words come before the news of its end.
   * Never waits: a descendant that holds a pipe open goes on being read. Nothing to do for a name that is not known.
   */
  drain(name: string): void;
  /** The service's file gets a row that says so. Told twice, also by a supervisor before this one whose memory this is, it is written once. */
  markRun(name: string, mark: RunMark): void;
  /** The next run of the service has number 1, whatever marks a supervisor before this one has written. */
  numberRunsAnew(name: string): void;
  /** Changes the service's log file for a new one now, unless it is empty. One that the service writes to itself is renamed, and the service must be told. 0, or a negative errno; null: the service has no file. */
  rotate(name: string): number | null;
  /** Drains and closes the pipes of a run, if there are any. */
  closeRun(name: string, run: number): void;
  /** The last `lines` lines of each service (null: all that are kept), in the order in which they arrived. `names` null: all services. */
  tail(names: readonly string[] | null, lines: number | null): LogLine[];
  /** Lines as they come, from this call on. `names` null: all services, those to come included. A slow reader finds a counted gap. */
  follow(names: readonly string[] | null, options?: FollowOptions): AsyncIterableIterator<LogLine>;
  /**
   * Calls `onMatch` for each line of this run from now on that matches. Costs nothing where it is not used. A line is seen when its newline
   * has come, without it (and without a carriage return before it). Returns the end of the watch.
   */
  watchLines(
    name: string,
    run: number,
    pattern: RegExp,
    onMatch: (text: string) => void,
  ): () => void;
  /** Gives the bytes of a run's output to `tap` as they come, from now on. Costs nothing where it is not used. Null: nothing of it is read. */
  tap(name: string, run: number, tap: OutputTap): TappedRun | null;
  /** Hands a syslog message to the sinks of its sender, as lines among those of its output. False: the service is not known. */
  takeMessage(name: string, message: ServiceMessage): boolean;
  /** A sink can't take more now: nothing should be read, for which `pause` is told who is to go on. */
  readonly blocked: boolean;
  /** To be called once while `blocked`; `resume` is called when it ends. */
  pause(reader: PausedReader): void;
  /** Of the terminal, for whoever watches it. Null: there is none. */
  readonly view: TerminalView | null;
  /** The supervisor's own message, among the lines at the terminal. */
  say(text: string, level: MessageLevel): void;
  /**
   * Settles when the terminal has taken all that was given to it, or is gone, and every syslog daemon that can be reached has too. A reader that has
   * stopped reading delays it without end.
   */
  flush(): Promise<void>;
  /** A log file has not taken what it was given, and a thread waits for it: then the process ends only by _exit(2). */
  readonly hangs: boolean;
  /** Drains and closes all pipes and files, ends all followers. */
  close(): void;
}

/** Makes a hub. It opens nothing until there is something to read or write. */
export function createLogHub(options: LogHubOptions): LogHub {
  return new Hub(options);
}
