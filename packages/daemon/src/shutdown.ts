import { signalNumber } from "@supervise/sys";
import { notify } from "./notify.js";
import type { NotifyState } from "./notify-state.js";
import { causeOf, tellStderr } from "./tell.js";
import type { Tell } from "./tell.js";

export type ShutdownSignal = "SIGTERM" | "SIGINT";

/** What a handler is told. */
export interface Shutdown {
  readonly signal: ShutdownSignal;
  /** How much time is left, in milliseconds; never less than 0. */
  leftMs(): number;
}

/** One that returns no promise is done when it returns: nothing is waited for, and no timer armed. */
export type ShutdownHandler = (shutdown: Shutdown) => void | Promise<unknown>;

export interface ShutdownOptions {
  /** Names the handler where it does not end in time; its function's name unless told. */
  readonly name?: string;
  /** How long the whole shutdown may take from the signal on, in milliseconds; the greatest of all handlers counts. */
  readonly deadlineMs?: number;
  /** Takes what goes wrong; descriptor 2 unless told. */
  readonly tell?: Tell;
}

/** Exit code where the deadline came first, as of timeout(1). */
export const shutdownTimedOut = 124;

/** Less than the 10 s after which most managers send SIGKILL, so that the names are told before. */
const usualDeadlineMs = 8000;
/** What a timer of Node can wait for. */
const longestDeadlineMs = 2_147_483_647;

/** What a shutdown rests on. */
export interface ShutdownWorld {
  readonly notify: (state: NotifyState) => void;
  readonly exit: (code: number) => void;
  /** Monotonic, in milliseconds. */
  readonly nowMs: () => number;
  /** Calls once, after so long, and holds the event loop until then; returns its undo. */
  readonly after: (delayMs: number, call: () => void) => () => void;
}

export interface ShutdownSequence {
  /** Returns its undo. */
  add(handler: ShutdownHandler, options: ShutdownOptions): () => void;
  signal(signal: ShutdownSignal): void;
  readonly size: number;
  readonly begun: boolean;
}

interface Step {
  readonly name: string;
  readonly handler: ShutdownHandler;
  readonly deadlineMs: number;
  readonly tell: Tell;
}

export function createShutdown(world: ShutdownWorld): ShutdownSequence {
  const steps: Step[] = [];
  let count = 0;
  let current: Step | null = null;
  let begun = false;
  let over = false;

  function exit(code: number): void {
    over = true;
    world.exit(code);
  }

  /** `"http" has not ended, "db" has not begun` */
  function unfinished(): string {
    const open = current === null ? [] : [`"${current.name}" has not ended`];
    const untouched = steps.toReversed().map(({ name }) => `"${name}" has not begun`);
    return [...open, ...untouched].join(", ");
  }

  function leave(code: number, why: string): void {
    const tell = (current ?? steps.at(-1))?.tell ?? tellStderr;
    tell(`${why}: ${unfinished()}`);
    exit(code);
  }

  async function run(signal: ShutdownSignal): Promise<void> {
    const deadlineMs = Math.max(...steps.map((step) => step.deadlineMs));
    const endMs = world.nowMs() + deadlineMs;
    const leftMs = (): number => Math.max(0, endMs - world.nowMs());
    // No timer rings while a handler has the thread, so it is armed where one makes us wait.
    let disarm: (() => void) | null = null;
    const arm = (): (() => void) =>
      world.after(leftMs(), () =>
        leave(shutdownTimedOut, `cannot shut down within ${deadlineMs / 1000} s`),
      );
    world.notify({ stopping: true });
    let code = 0;
    // Whatever a handler still adds is run too.
    for (current = steps.pop() ?? null; current !== null; current = steps.pop() ?? null) {
      try {
        const ended = current.handler({ signal, leftMs });
        if (ended !== undefined) {
          disarm ??= arm();
          await ended;
        }
      } catch (error) {
        code = 1;
        current.tell(`cannot shut down "${current.name}": ${causeOf(error)}`);
      }
      if (over) return;
    }
    disarm?.();
    exit(code);
  }

  return {
    add(handler, options) {
      const { deadlineMs = usualDeadlineMs } = options;
      if (!(deadlineMs > 0 && deadlineMs <= longestDeadlineMs))
        throw new RangeError(
          `deadlineMs must be from 1 to ${longestDeadlineMs}, found ${deadlineMs}`,
        );
      count += 1;
      const name = options.name ?? (handler.name || `handler ${count}`);
      const step = { name, handler, deadlineMs, tell: options.tell ?? tellStderr };
      steps.push(step);
      return () => {
        const index = steps.indexOf(step);
        if (index >= 0) steps.splice(index, 1);
      };
    },
    signal(signal) {
      if (over) return;
      if (begun) {
        leave(128 + (signalNumber(signal) ?? 0), `ended by a second signal (${signal})`);
        return;
      }
      begun = true;
      void run(signal);
    },
    get size() {
      return steps.length;
    },
    get begun() {
      return begun;
    },
  };
}

const ours = createShutdown({
  notify: (state) => void notify(state),
  exit: (code) => process.exit(code),
  // Not performance.now(), whose module would be loaded in the middle of the shutdown.
  nowMs: () => Number(process.hrtime.bigint()) / 1e6,
  after(delayMs, call) {
    const timer = setTimeout(call, delayMs);
    return () => clearTimeout(timer);
  },
});
const onSignal = (signal: NodeJS.Signals): void => {
  if (signal === "SIGTERM" || signal === "SIGINT") ours.signal(signal);
};

/**
 * Runs `handler` at the first SIGTERM or SIGINT, and ends the process when all handlers are done: with exit code 0, or 1 if one of them threw or rejected, which is told. The handlers run one after the other, the last added first: what
 * was set up last rests on what was there before. The manager is told STOPPING=1. At the deadline the process ends with {@link shutdownTimedOut}, and at a second signal at once with 128 + its number; both name what had not ended. Returns its undo;
 * without handlers the signals end the process again. Throws a RangeError where the deadline is none.
 */
export function onShutdown(handler: ShutdownHandler, options: ShutdownOptions = {}): () => void {
  const remove = ours.add(handler, options);
  if (ours.size === 1 && !ours.begun)
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, onSignal);
  return () => {
    remove();
    if (ours.size === 0 && !ours.begun)
      for (const signal of ["SIGTERM", "SIGINT"] as const) process.off(signal, onSignal);
  };
}

/** Whether a SIGTERM or SIGINT has begun the shutdown of this process. */
export function shutdownBegun(): boolean {
  return ours.begun;
}
