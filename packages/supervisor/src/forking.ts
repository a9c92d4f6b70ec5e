import type { ExitStatus, ServiceSpec } from "@supervise/model";
import {
  describePidfile,
  examinePidfile,
  markPidfile,
  readIdentity,
  type PidfileMark,
  type PidfileQuestion,
  type PidfileVerdict,
} from "@supervise/process";
import type { DaemonCandidates } from "./daemon-candidates.js";
import { createForkingBook, type Followed } from "./forking-book.js";
import { clearLeft, ownersOf } from "./left-pidfile.js";
import type { LiveRun } from "./live-run.js";
import type { PathChange, PathWatches } from "./path-watch.js";
import { watchPidfile, type PidfileWatch } from "./pidfile-watch.js";
import { describeForeground, tellNobody } from "./pidfile-words.js";
import type { Room } from "./room.js";

/** A daemon whose pidfile is later than this has failed to start, in milliseconds. */
const PIDFILE_LIMIT_MS = 60_000;
/** Without a pidfile: a process that ends well so soon after it was taken for the daemon was a step on the way to it, in milliseconds. */
const PROVISIONAL_MS = 10_000;

export interface Forking {
  /** Before a spawn: a pidfile that is left from before is told, and removed where it names nobody. */
  prepare(spec: ServiceSpec): void;
  /** The main process of a forking service's run has ended. True: the run goes on with the daemon that it left, or that has taken its place. */
  follow(run: LiveRun, status: ExitStatus): boolean;
  /** A process of the run, or one that may be, has ended: what a pidfile is worth may have changed. */
  reaped(run: LiveRun): void;
  /** A run of an earlier supervisor goes on. What its pidfile is worth is asked once the caller is done. */
  resume(run: LiveRun, was: ResumedFork): void;
  /** The run is to stop: a daemon that was not found until now is not looked for any more. */
  abandon(run: LiveRun): void;
  /** What is to be said of the command, or of the pidfile of a daemon that runs, as a sentence for `why`; null: all is as it should be. */
  note(name: string): string | null;
}

/** Where a run of an earlier supervisor was. */
export interface ResumedFork {
  /** Its daemon had been found. */
  readonly moved: boolean;
  readonly stopping: boolean;
}

export interface ForkingPort {
  readonly watches: PathWatches;
  readonly candidates: DaemonCandidates;
  /** Its main process has ended, and which one is the next is not known yet; it still has the old number. */
  readonly vacated: (run: LiveRun) => void;
  /** What the daemon's pidfile still lacks. */
  readonly lacks: (run: LiveRun, detail: string) => void;
  /** The main process is this one from now on. */
  readonly move: (run: LiveRun, pid: number) => void;
  /** A main process has ended, and nobody has taken its place. */
  readonly ended: (run: LiveRun, status: ExitStatus) => void;
}

/**
 * From the command of a `forking` service to its daemon: by the pidfile that the daemon writes, believed only if it names a process of the
 * run's own tree (or one that hides whose it is, see `DaemonCandidates.hidden`), else by the tree itself. Then from that daemon to the one that takes its
 * place: a program that is upgraded while it runs leaves its pidfile to its successor, and ends.
 */
export function createForking(room: Room, port: ForkingPort): Forking {
  const { candidates } = port;
  const book = createForkingBook(room);
  const { enter, tell } = book;
  /** Pidfiles as they were before the latest run of a service; null: there was none. */
  const marks = new Map<string, PidfileMark | null>();

  const question = (run: LiveRun): PidfileQuestion => {
    const members = candidates.members(run);
    const stage = book.get(run)?.stage;
    return {
      expectTree: (pid) => members.has(pid),
      record: stage?.kind === "found" ? stage.identity : null,
      leftBefore: marks.get(run.name) ?? null,
      owners: ownersOf(room, run.spec),
    };
  };

  const settle = (run: LiveRun, pid: number, kind: "guessed" | "found"): void => {
    enter(
      run,
      kind === "found"
        ? { kind, identity: readIdentity(room.proc, pid) }
        : { kind, atMs: room.monotonicMs() },
    );
    port.move(run, pid);
  };

  /** The file of a run whose daemon is looked for. */
  const sought = (run: LiveRun, verdict: PidfileVerdict): void => {
    const path = run.spec.pidfile ?? "";
    const message = describePidfile(verdict, path);
    if (verdict.kind !== "absent") tell(run, message, "pid" in verdict ? verdict.pid : null);
    if (verdict.kind === "valid") settle(run, verdict.pid, "found");
    else port.lacks(run, message);
  };

  const judged = (run: LiveRun, verdict: PidfileVerdict, change: PathChange | null): void => {
    const followed = book.get(run);
    if (followed === undefined || run.mainEnded) return;
    const { stage } = followed;
    switch (stage.kind) {
      case "seeking":
        return sought(run, verdict);
      case "succession":
        sought(run, verdict);
        if (verdict.kind === "valid" || verdict.kind === "racing") return;
        enter(run, { kind: "over" });
        return port.ended(run, stage.status);
      case "found":
        return book.changed(run, verdict, change);
      case "guessed":
      case "over":
    }
  };

  const watch = (run: LiveRun, followed: Followed, path: string): PidfileWatch =>
    (followed.watch ??= watchPidfile(room, port.watches, {
      service: run.name,
      path,
      question: () => question(run),
      onVerdict: (verdict, change) => judged(run, verdict, change),
    }));

  /** There is no main process for now. Written down at once: no event of the engine's follows. */
  const vacate = (run: LiveRun): void => {
    port.vacated(run);
    room.live.moveMain(run, 0);
    room.keeping.changed(run.name);
    room.keeping.flush();
  };

  const seek = (run: LiveRun, path: string): PidfileWatch => {
    const followed = enter(run, { kind: "seeking" });
    const giveUp = setTimeout(() => {
      if (followed.stage.kind !== "seeking") return;
      const last = describePidfile(examinePidfile(room.proc, path, question(run)), path);
      const detail = `no valid pidfile within ${PIDFILE_LIMIT_MS / 1_000} s: ${last}`;
      room.post({ type: "readinessFailed", name: run.name, run: run.run, detail });
    }, PIDFILE_LIMIT_MS);
    run.undo.push(() => clearTimeout(giveUp));
    return watch(run, followed, path);
  };

  const guess = (run: LiveRun): boolean => {
    const pid = candidates.best(run);
    if (pid === null) return false;
    settle(run, pid, "guessed");
    return true;
  };

  /** The daemon has ended: its pidfile may name the one that has taken its place. */
  const succeed = (run: LiveRun, path: string, status: ExitStatus): boolean => {
    const ended = run.mainPid;
    const followed = enter(run, { kind: "succession", status });
    const verdict = examinePidfile(room.proc, path, question(run));
    if (verdict.kind === "valid" && verdict.pid !== ended) {
      followed.note = null;
      tell(
        run,
        `pidfile "${path}" names ${verdict.pid}, which takes the place of ${ended}`,
        verdict.pid,
      );
      settle(run, verdict.pid, "found");
      return true;
    }
    if (verdict.kind === "racing") {
      vacate(run);
      watch(run, followed, path).look();
      return true;
    }
    enter(run, { kind: "over" });
    return false;
  };

  const isAnyLeft = (run: LiveRun): boolean =>
    run.orphans.size > 0 || candidates.hidden(run).length > 0;

  const follow = (run: LiveRun, status: ExitStatus): boolean => {
    if (run.spec.type !== "forking") return false;
    const path = run.spec.pidfile;
    const stage = book.get(run)?.stage;
    switch (stage?.kind) {
      case undefined:
        if (!isGood(status)) return false;
        if (path === null ? guess(run) : isAnyLeft(run)) {
          if (path !== null) {
            vacate(run);
            seek(run, path).look();
          }
          return true;
        }
        tellNobody(room, run, candidates.hidden(run));
        return false;
      case "seeking":
      case "succession":
        return isAnyLeft(run);
      case "guessed":
        return isGood(status) && room.monotonicMs() - stage.atMs < PROVISIONAL_MS && guess(run);
      case "found":
        return path !== null && succeed(run, path, status);
      case "over":
        return false;
    }
  };

  /** Null: no pidfile is to be looked at. */
  const resumedWatch = (run: LiveRun, was: ResumedFork): PidfileWatch | null => {
    const path = run.spec.pidfile;
    if (was.stopping) enter(run, { kind: "over" });
    else if (path === null) {
      if (was.moved) enter(run, { kind: "guessed", atMs: Number.NEGATIVE_INFINITY });
    } else if (run.mainPid === 0) {
      if (!was.moved) return seek(run, path);
      return watch(run, enter(run, { kind: "succession", status: { kind: "unknown" } }), path);
    } else if (was.moved) {
      const identity = readIdentity(room.proc, run.mainPid);
      return watch(run, enter(run, { kind: "found", identity }), path);
    }
    return null;
  };

  return {
    prepare: (spec) => {
      marks.delete(spec.name);
      candidates.forget(spec.name);
      if (spec.type !== "forking") return;
      if (spec.pidfile !== null) {
        clearLeft(room, spec, spec.pidfile);
        marks.set(spec.name, markPidfile(spec.pidfile));
      }
      candidates.beginning(spec.name);
    },
    follow,
    reaped: (run) => {
      const followed = book.get(run);
      if (followed?.stage.kind === "seeking" || followed?.stage.kind === "succession")
        followed.watch?.look();
    },
    resume: (run, was) => {
      if (run.spec.type !== "forking" || run.mainEnded) return;
      const resumed = resumedWatch(run, was);
      if (resumed === null) return;
      // The engine hears first what it was before.
      queueMicrotask(() => {
        resumed.look();
        if (book.get(run)?.stage.kind === "seeking" && !isAnyLeft(run))
          port.ended(run, { kind: "unknown" });
      });
    },
    abandon: (run) => {
      if (run.spec.type === "forking") enter(run, { kind: "over" }).note = null;
    },
    note: (name) => {
      const run = room.live.get(name);
      if (run === undefined || run.spec.type !== "forking") return null;
      const followed = book.get(run);
      return followed === undefined ? describeForeground(run) : followed.note;
    },
  };
}

function isGood(status: ExitStatus): boolean {
  return status.kind === "code" && status.code === 0;
}
