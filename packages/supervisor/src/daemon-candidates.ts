import { statSync } from "node:fs";
import { childrenOf, isLive, readStat } from "@supervise/process";
import type { LiveRun } from "./live-run.js";
import type { Room } from "./room.js";
import type { Trees } from "./trees.js";

/** Who may be the daemon of a run whose command has ended. */
export interface DaemonCandidates {
  /** A run is about to be spawned: nothing that is older can be its daemon. Of a run that this was not said of, it is reckoned. */
  beginning(name: string): void;
  /** What was said of an earlier run holds no more. */
  forget(name: string): void;
  /**
   * Live processes below us that no run owns and that appeared after the run's start, those below them included. A daemon can hide whose it is: nginx
   * makes its own session, overwrites its environment with its title and closes our pipe.
   */
  hidden(run: LiveRun): readonly number[];
  /** Of the hidden ones those that run the very program of the run's command, where no other service has that; where there are none, all. */
  likely(run: LiveRun): readonly number[];
  /** Whether a process is of the run's tree, or hidden and perhaps of it; as all were at this moment. */
  members(run: LiveRun): ReadonlySet<number>;
  /** The main process as the tree alone shows it; null: nobody was left. */
  best(run: LiveRun): number | null;
}

/** Of /proc/PID/stat; the same on all architectures that Node runs on. */
const TICKS_PER_SECOND = 100;
/** From the spawn of a run to its entry into our books, in milliseconds: many may be spawned together. */
const ENTERED_WITHIN_MS = 100;

export function createDaemonCandidates(room: Room, trees: Trees): DaemonCandidates {
  /** When a service's latest run was about to be spawned, in clock ticks after boot. */
  const begunAt = new Map<string, number>();

  const isNew = (run: LiveRun, pid: number): boolean => {
    const stat = readStat(room.proc, pid);
    return (
      stat !== null &&
      isLive(stat) &&
      stat.startTicks >= (begunAt.get(run.name) ?? reckonedBegin(room, run))
    );
  };
  const hiddenRoots = (run: LiveRun): readonly number[] => {
    trees.refresh();
    return trees.unattributed().filter((pid) => isNew(run, pid));
  };
  const hidden = (run: LiveRun): readonly number[] => {
    const found = new Set<number>();
    const visit = (pid: number): void => {
      if (found.has(pid)) return;
      found.add(pid);
      for (const child of childrenOf(room.proc, pid)) visit(child);
    };
    for (const pid of hiddenRoots(run)) visit(pid);
    return [...found];
  };

  /** The leader of a session before others, then the oldest; of the same tick, the lowest number. */
  const first = (pids: Iterable<number>): number | null => {
    const living = [...pids].flatMap((pid) => {
      const stat = readStat(room.proc, pid);
      return stat !== null && isLive(stat) ? [stat] : [];
    });
    const [best] = living.toSorted(
      (a, b) =>
        Number(b.session === b.pid) - Number(a.session === a.pid) ||
        a.startTicks - b.startTicks ||
        a.pid - b.pid,
    );
    return best?.pid ?? null;
  };

  /** Hidden ones that run the very program of the run's command, where no other service may have started them. */
  const sameProgram = (run: LiveRun): readonly number[] => {
    const program = programOf(room, run);
    if (program === null) return [];
    for (const other of room.live.all())
      if (other !== run && programOf(room, other) === program) return [];
    return hiddenRoots(run).filter((pid) => fileId(`${room.proc.root}/${pid}/exe`) === program);
  };

  return {
    beginning: (name) => void begunAt.set(name, ticksAfterBoot(room)),
    forget: (name) => void begunAt.delete(name),
    hidden,
    likely: (run) => {
      const same = sameProgram(run);
      return same.length > 0 ? same : hidden(run);
    },
    members: (run) => new Set([...trees.members(run), ...hidden(run)]),
    best: (run) => {
      trees.refresh();
      return first(run.orphans) ?? first(sameProgram(run));
    },
  };
}

function reckonedBegin(room: Room, run: LiveRun): number {
  const ageMs = room.realtimeMs() - run.startedAtMs + ENTERED_WITHIN_MS;
  return Math.floor(ticksAfterBoot(room) - (ageMs * TICKS_PER_SECOND) / 1_000);
}

/** Device and inode of the program that a run's command names; null where that cannot be told. */
function programOf(room: Room, run: LiveRun): string | null {
  const plan = room.plans.of(run.spec);
  if (plan.kind !== "plan" || plan.request.root !== undefined) return null;
  for (const file of plan.request.files) {
    const id = fileId(file);
    if (id !== null) return id;
  }
  return null;
}

function fileId(path: string): string | null {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    // Gone, or not ours to see.
    return null;
  }
}

/** Of the same clock, in the same unit and rounded as /proc/PID/stat tells a process's start; infinite where /proc does not say. */
function ticksAfterBoot(room: Room): number {
  const found = /^(\d+)\.(\d\d)/.exec(room.proc.text("uptime") ?? "");
  return found === null ? Number.POSITIVE_INFINITY : Number(`${found[1]}${found[2]}`);
}
