import { describeExit, type EngineEvent, type ExitStatus, type ForkedAway } from "@supervise/model";
import { signalName, type EndedChild } from "@supervise/sys";
import type { LiveRun } from "./live-run.js";
import { watchMain } from "./main-watch.js";
import type { Room } from "./room.js";
import type { Trees } from "./trees.js";

export interface ReaperPort {
  /** Processes have ended and nobody has asked about them yet. */
  readonly beforeEnds: () => void;
  /** A forking service's command, or the process it was followed to, has ended. True: that is not the end of the run. */
  readonly followFork: (run: LiveRun, status: ExitStatus) => boolean;
  /** A process of a run without a main process, or one that may be of it, has ended, and others are left. */
  readonly reaped: (run: LiveRun) => void;
  /** What a main process that has ended left in the background; undefined: it did not go there. */
  readonly forkedAway: (run: LiveRun, status: ExitStatus) => ForkedAway | undefined;
  /** Every process of the run is gone. Called once, before the engine hears of it. */
  readonly treeGone: (run: LiveRun) => void;
}

export interface Reaper {
  /** Collects all ended children and tells the engine. Called on SIGCHLD; signals merge, so it drains. */
  collect(): void;
  /** The same for ends that the keeper has told. */
  told(ended: readonly EndedChild[]): void;
  /** Runs that are known to be over but for the rest of their tree: it is looked for, and they end once it is gone. */
  drainOn(runs: readonly LiveRun[]): void;
  /** The ends of these runs' processes are told by nobody: they are watched by pidfds. */
  watch(runs: readonly LiveRun[]): void;
  /** The reaper above us is gone: nobody tells the ends of what it was the parent of. */
  onOurOwn(): void;
  /** A main process that was not our child has ended (its pidfd says so). */
  endedElsewhere(run: LiveRun, status: ExitStatus): void;
  /** Looks again whether a run without a main process has anything left. */
  recheck(run: LiveRun): void;
  readonly orphansReaped: number;
}

export function createReaper(room: Room, trees: Trees, port: ReaperPort): Reaper {
  /** Runs whose main process has ended and whose tree has not. */
  const draining = new Set<LiveRun>();
  let orphansReaped = 0;

  const finish = (run: LiveRun): void => {
    draining.delete(run);
    port.treeGone(run);
    room.live.remove(run);
  };

  /** What is to be done for an ended run, but for its place among the live ones: that is given up at once, for nobody may signal its number any more. */
  const enter = (run: LiveRun, status: ExitStatus): void => {
    room.hub.drain(run.name);
    markEnd(run, status);
    port.treeGone(run);
  };

  const markEnd = ({ name, run }: LiveRun, status: ExitStatus): void =>
    room.hub.markRun(name, { kind: "end", run, text: describeExit(status) });

  const mainEnded = (run: LiveRun, status: ExitStatus): void => {
    if (endsAlone(run)) {
      const event = mainExited(run, status, port.forkedAway(run, status));
      if (run.orphans.size === 0) {
        run.mainEnded = true;
        room.live.remove(run);
        room.post({ ...event, treeGone: true }, () => enter(run, status));
        return;
      }
    }
    // Its last bytes are in the sinks before anybody hears of its end.
    room.hub.drain(run.name);
    if (port.followFork(run, status)) return;
    const event = mainExited(run, status, port.forkedAway(run, status));
    run.mainEnded = true;
    markEnd(run, status);
    if (!run.child) return adoptedMainEnded(run, event);
    if (run.orphans.size === 0) {
      finish(run);
      room.post({ ...event, treeGone: true });
    } else {
      draining.add(run);
      room.post(event);
    }
  };

  /** Nothing that it may have said at the last changes what its end means, and its next run can be spawned before its lines are read. */
  const endsAlone = ({ child, orphans, spec }: LiveRun): boolean =>
    child &&
    orphans.size === 0 &&
    spec.ready === null &&
    spec.type !== "forking" &&
    // A keeper is told of the new run before the spawn: whoever came after us would not look for lines of the old one.
    room.keeping.parentPid === process.pid;

  /** Not our children: each that is left is watched by a pidfd of its own. */
  const adoptedMainEnded = (run: LiveRun, event: MainExited): void => {
    if (watchLeftovers(run) === 0) {
      finish(run);
      room.post({ ...event, treeGone: true });
    } else {
      draining.add(run);
      room.post(event);
    }
  };

  const watchLeftovers = (run: LiveRun): number => {
    let watched = 0;
    for (const pid of trees.members(run)) {
      const pidfd = room.kernel.pidfdOpen(pid);
      if (pidfd < 0) continue;
      watched += 1;
      const undo = (): void => {
        unwatch();
        room.kernel.close(pidfd);
      };
      const unwatch = room.watcher.readable(pidfd, () => {
        const at = run.undo.indexOf(undo);
        if (at < 0) return;
        run.undo.splice(at, 1);
        undo();
        if (trees.members(run).length === 0) sweep();
      });
      run.undo.push(undo);
    }
    return watched;
  };

  const sweep = (): void => {
    for (const run of [...draining]) {
      if (run.child ? run.orphans.size > 0 : trees.members(run).length > 0) continue;
      room.hub.drain(run.name);
      finish(run);
      room.post({ type: "treeGone", name: run.name, run: run.run });
    }
  };

  const endIfNobodyIsLeft = (run: LiveRun): void => {
    if (run.mainPid === 0 && run.child && run.orphans.size === 0 && !run.mainEnded)
      mainEnded(run, run.lastOrphanStatus ?? { kind: "unknown" });
    if (run.mainPid === 0 && !run.mainEnded) port.reaped(run);
  };

  const handle = (all: readonly EndedChild[]): void => {
    const mains: (readonly [LiveRun, EndedChild])[] = [];
    /** Forking runs whose daemon was being looked for when one of their processes ended. */
    const sought = new Set<LiveRun>();
    for (const ended of all) {
      if (room.keeping.forgetFailed(ended.pid)) continue;
      const run = room.live.byMain(ended.pid);
      if (run !== undefined && !run.mainEnded) {
        mains.push([run, ended]);
        continue;
      }
      orphansReaped += 1;
      const owner = trees.forget(ended.pid);
      if (owner !== null) owner.lastOrphanStatus = exitStatusOf(ended);
      if (owner?.mainPid === 0) sought.add(owner);
      // It may have been the one that is looked for: nobody knew whose it was.
      if (owner === null)
        for (const one of room.live.all()) if (one.mainPid === 0 && one.child) sought.add(one);
      room.events.add({
        service: owner?.name ?? null,
        kind: "orphan",
        message: `Reaped orphan, pid ${ended.pid}`,
        pid: ended.pid,
        ...(owner === null ? {} : { run: owner.run }),
      });
    }
    if (mains.length === 0 && draining.size === 0 && sought.size === 0) return;
    trees.refresh();
    for (const [run, ended] of mains) mainEnded(run, exitStatusOf(ended));
    for (const run of sought) endIfNobodyIsLeft(run);
    sweep();
  };

  const watch = (runs: readonly LiveRun[]): void => {
    for (const run of runs) {
      run.child = false;
      const pidfd = run.mainEnded || run.mainPid === 0 ? -1 : room.kernel.pidfdOpen(run.mainPid);
      if (pidfd >= 0) watchMain(room, run, run.mainPid, pidfd, mainEnded);
      else if (run.mainEnded) watchLeftovers(run);
      else if (run.mainPid > 0) mainEnded(run, { kind: "unknown" });
    }
    sweep();
  };

  return {
    collect: () => {
      port.beforeEnds();
      handle(room.kernel.reap(room.commands.owns));
    },
    told: (ended) => {
      port.beforeEnds();
      handle(ended);
    },
    watch,
    onOurOwn: () => watch([...room.live.all()]),
    drainOn: (runs) => {
      for (const run of runs) draining.add(run);
      trees.refresh();
      sweep();
    },
    endedElsewhere: mainEnded,
    recheck: (run) => {
      trees.refresh();
      endIfNobodyIsLeft(run);
      if (draining.has(run)) sweep();
    },
    get orphansReaped() {
      return orphansReaped;
    },
  };
}

type MainExited = Extract<EngineEvent, { type: "mainExited" }>;

function mainExited(
  { name, run }: LiveRun,
  status: ExitStatus,
  forkedAway: ForkedAway | undefined,
): MainExited {
  const event: MainExited = { type: "mainExited", name, run, status };
  return forkedAway === undefined ? event : { ...event, forkedAway };
}

export function exitStatusOf(ended: EndedChild): ExitStatus {
  if (ended.signal !== null)
    return { kind: "signal", signal: signalName(ended.signal), coreDumped: ended.coreDumped };
  return ended.code === null ? { kind: "unknown" } : { kind: "code", code: ended.code };
}
