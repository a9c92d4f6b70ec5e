import { examinePidfile, type PidfileQuestion, type PidfileVerdict } from "@supervise/process";
import { errnoName, errnoText } from "@supervise/sys";
import type { PathChange, PathWatches } from "./path-watch.js";
import type { Room } from "./room.js";

export interface PidfileWatch {
  /** Looks now: at first, and when something other than the file has changed. */
  look(): void;
  stop(): void;
}

export interface WatchedPidfile {
  readonly service: string;
  readonly path: string;
  /** Asked at each look. */
  readonly question: () => PidfileQuestion;
  /** Told after each look. `change`: of the file; null: it was looked at for another reason. */
  readonly onVerdict: (verdict: PidfileVerdict, change: PathChange | null) => void;
}

/** A file that is still being written is looked at again when it would be taken as finished, in milliseconds; a little later than that. */
const RACING_OVER_MS = 2_050;
/** Only where the kernel has no watch to give, in milliseconds. */
const FALLBACK_MS = 1_000;

/** Says the verdict on a pidfile when it is asked to look, and by itself whenever the kernel tells of a change. */
export function watchPidfile(
  room: Room,
  watches: PathWatches,
  { service, path, question, onVerdict }: WatchedPidfile,
): PidfileWatch {
  let again: NodeJS.Timeout | undefined;
  let stopped = false;

  const look = (change: PathChange | null): void => {
    if (stopped) return;
    clearTimeout(again);
    const verdict = examinePidfile(room.proc, path, question());
    if (verdict.kind === "racing") again = setTimeout(() => look(null), RACING_OVER_MS);
    onVerdict(verdict, change);
  };

  let unwatch = watches.watch(path, look);
  if (typeof unwatch === "number") {
    room.warn(
      service,
      `Cannot watch pidfile "${path}": ${errnoText(unwatch)} (${errnoName(unwatch)}); it is looked at every ${FALLBACK_MS / 1_000} s instead`,
    );
    const timer = setInterval(() => look(null), FALLBACK_MS);
    unwatch = () => clearInterval(timer);
  }
  const undo = unwatch;
  return {
    look: () => look(null),
    stop: () => {
      if (stopped) return;
      stopped = true;
      clearTimeout(again);
      undo();
    },
  };
}
