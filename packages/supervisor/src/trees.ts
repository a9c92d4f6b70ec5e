/**
 * Which processes belong to which run. The supervisor, or the keeper above it, is the reaper (PID 1 or subreaper) of everything below it, so every live
 * process of a run hangs, by a chain of parents, either on the run's main process or on a process that was reparented to the reaper when its parent died: an
 * orphan. Orphans are attributed once, when they are first seen; below them the kernel's own lists of children lead to the rest. No scan of
 * all of /proc is needed, whatever the number of services.
 */
import {
  childrenOf,
  findTree,
  holdsPipe,
  processTable,
  readInvocationId,
  readStat,
  unknownChildren,
  type Proc,
} from "@supervise/process";
import type { Kernel } from "@supervise/sys";
import type { Commands } from "./commands.js";
import type { Keeping } from "./keeping/keeping.js";
import type { LiveRun, LiveRuns } from "./live-run.js";

export interface Trees {
  /** Looks for orphans that are not known yet and attributes them. Called when a main process has ended and before a tree is used. */
  refresh(): void;
  /** An ended child that is no main process: forgets it; answers whose it was. */
  forget(pid: number): LiveRun | null;
  /** The orphan has become its run's main process. */
  promote(run: LiveRun, pid: number): void;
  /** A main process that is none any more, and our child still. */
  demote(run: LiveRun, pid: number): void;
  /** All live processes of a run's tree, the main process first where it lives. */
  members(run: LiveRun): readonly number[];
  /** The run that a process is of, whatever its place in the tree; null: of none that is known; "gone": there is no such process any more. */
  ownerOf(pid: number): LiveRun | "gone" | null;
  /** Children of the reaper that belong to no run as far as can be told. */
  unattributed(): readonly number[];
}

/** Generations from a process up to its run's main process; a chain that changes while it is read must not hold us up. */
const DEEPEST = 256;

export function createTrees(
  kernel: Pick<Kernel, "hasChildren">,
  proc: Proc,
  live: LiveRuns,
  commands: Commands,
  keeping: Pick<Keeping, "parentPid">,
): Trees {
  const strangers = new Set<number>();
  const owners = new Map<number, LiveRun>();

  const attribute = (pid: number): void => {
    const stat = readStat(proc, pid);
    if (stat === null) return;
    let owner = live.bySession(stat.session) ?? live.bySession(stat.processGroup) ?? null;
    if (owner === null) {
      const id = readInvocationId(proc, pid);
      owner = (id === null ? undefined : live.byInvocation(id)) ?? null;
    }
    if (owner === null)
      for (const run of live.all()) if (holdsPipe(proc, pid, run.pipes)) owner = run;
    if (owner === null) {
      strangers.add(pid);
      return;
    }
    owner.orphans.add(pid);
    live.learnSession(owner, stat.session);
    owners.set(pid, owner);
    strangers.delete(pid);
  };

  const refresh = (): void => {
    // The one service of a container has ended: there is no list to be read.
    if (keeping.parentPid === process.pid && !kernel.hasChildren()) return;
    const known = (pid: number): boolean =>
      live.byMain(pid) !== undefined ||
      owners.has(pid) ||
      strangers.has(pid) ||
      commands.owns(pid) ||
      pid === process.pid;
    for (const pid of unknownChildren(proc, known, keeping.parentPid)) attribute(pid);
  };

  const members = (run: LiveRun): readonly number[] => {
    refresh();
    if (!run.child) return adoptedMembers(run);
    const found = new Set<number>();
    const visit = (pid: number): void => {
      if (found.has(pid)) return;
      found.add(pid);
      for (const child of childrenOf(proc, pid)) visit(child);
    };
    if (!run.mainEnded && run.mainPid > 0) visit(run.mainPid);
    for (const pid of run.orphans) visit(pid);
    return [...found];
  };

  /** A run that we did not start does not hang on us: its orphans fell to whoever was above, so all of /proc is looked through. */
  const adoptedMembers = (run: LiveRun): readonly number[] => {
    const tree = {
      key: run.name,
      mainPid: run.mainEnded ? 0 : run.mainPid,
      session: run.session,
      startTicks: 0,
      invocationId: run.invocationId,
      cgroupPath: null,
      knownPids: [...run.orphans],
      pipes: run.pipes,
    };
    const table = processTable(proc);
    const options = {
      adopters: [1, process.pid, keeping.parentPid],
      exempt: (pid: number) => commands.owns(pid),
    };
    const found = [run.session, ...run.otherSessions].flatMap((session) =>
      findTree(proc, { ...tree, session }, table, options),
    );
    return [...new Set(found.map(({ pid }) => pid))];
  };

  const ownerOf = (pid: number): LiveRun | "gone" | null => {
    let at = pid;
    for (let steps = 0; steps < DEEPEST && at > 1; steps += 1) {
      if (at === process.pid || at === keeping.parentPid) break;
      const owner = live.byMain(at) ?? owners.get(at);
      if (owner !== undefined) return owner;
      const stat = readStat(proc, at);
      if (stat === null) return at === pid ? "gone" : null;
      const bySession = live.bySession(stat.session) ?? live.bySession(stat.processGroup);
      if (bySession !== undefined) return bySession;
      at = stat.ppid;
    }
    const id = readInvocationId(proc, pid);
    return (id === null ? undefined : live.byInvocation(id)) ?? null;
  };

  const forget = (pid: number): LiveRun | null => {
    strangers.delete(pid);
    const owner = owners.get(pid);
    if (owner === undefined) return null;
    owners.delete(pid);
    owner.orphans.delete(pid);
    return owner;
  };

  return {
    refresh,
    members,
    forget,
    ownerOf,
    promote: (run, pid) => {
      forget(pid);
      // Its workers fall to us when it is killed; by then their session alone may say whose they are. It may be yet to make one (Debian's nginx
      // has its pidfile written by its parent, before that), and only it can make the one that has its number.
      live.learnSession(run, readStat(proc, pid)?.session ?? pid);
      live.learnSession(run, pid);
    },
    demote: (run, pid) => {
      owners.set(pid, run);
      run.orphans.add(pid);
    },
    unattributed: () => [...strangers],
  };
}
