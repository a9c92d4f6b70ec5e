import type { ExitStatus, ServiceSpec } from "@supervise/model";

/** One life of a service's main process, as the running machine has it. Owned by the supervisor from the spawn until its tree is gone. */
export interface LiveRun {
  readonly name: string;
  readonly run: number;
  /** The spec the run was started with; a reload does not change it. */
  readonly spec: ServiceSpec;
  /** 128 random bits in hexadecimal, in the run's environment as INVOCATION_ID: tells whose an orphan is. */
  readonly invocationId: string;
  /** Where it was noted by its own process for the next supervisor; -1: nowhere. See `Births`. */
  readonly birthPlace: number;
  /** The process that was spawned; leader of the run's session. */
  readonly session: number;
  /** Sessions that its processes have made. */
  readonly otherSessions: Set<number>;
  /** The process whose exit ends the run; the daemon, once a forking service's has been found; 0 while it is being looked for. */
  mainPid: number;
  mainEnded: boolean;
  /** Milliseconds since the epoch. */
  readonly startedAtMs: number;
  /** Are the ends of its processes told to us, by SIGCHLD or by the keeper, or are they watched by pidfds (adopted without a keeper)? */
  child: boolean;
  /** Inodes of the pipes that its output goes into, and of that which it tells its readiness by. */
  readonly pipes: readonly number[];
  /** It has a terminal of its own; absent: it has not. */
  readonly tty?: true;
  /** Processes of this run that were reparented to us and still live. */
  readonly orphans: Set<number>;
  /** How the last of them ended: a forking daemon's status, where it ended before it was found. */
  lastOrphanStatus: ExitStatus | null;
  /** STATUS= of sd_notify(3). */
  statusText: string | null;
  /** Undo of everything that watches this run: probes, notify socket, pidfds. Run when the tree is gone. */
  readonly undo: (() => void)[];
}

/** The runs whose trees are not gone, by service and by main process. */
export interface LiveRuns {
  get(name: string): LiveRun | undefined;
  byMain(pid: number): LiveRun | undefined;
  bySession(session: number): LiveRun | undefined;
  byInvocation(id: string): LiveRun | undefined;
  all(): Iterable<LiveRun>;
  readonly size: number;
  add(run: LiveRun): void;
  /** A process of the run has this session: what is found in it later is the run's too, whatever has become of that process. */
  learnSession(run: LiveRun, session: number): void;
  moveMain(run: LiveRun, pid: number): void;
  remove(run: LiveRun): void;
}

export function createLiveRuns(): LiveRuns {
  const byName = new Map<string, LiveRun>();
  const byPid = new Map<number, LiveRun>();
  const bySession = new Map<number, LiveRun>();
  const byInvocation = new Map<string, LiveRun>();
  return {
    get: (name) => byName.get(name),
    byMain: (pid) => byPid.get(pid),
    bySession: (session) => bySession.get(session),
    byInvocation: (id) => byInvocation.get(id),
    all: () => byName.values(),
    get size() {
      return byName.size;
    },
    add: (run) => {
      byName.set(run.name, run);
      byPid.set(run.mainPid, run);
      bySession.set(run.session, run);
      byInvocation.set(run.invocationId, run);
    },
    learnSession: (run, session) => {
      if (bySession.get(session) !== undefined) return;
      bySession.set(session, run);
      run.otherSessions.add(session);
    },
    moveMain: (run, pid) => {
      byPid.delete(run.mainPid);
      run.mainPid = pid;
      if (pid > 0) byPid.set(pid, run);
    },
    remove: (run) => {
      if (byName.get(run.name) === run) byName.delete(run.name);
      if (byPid.get(run.mainPid) === run) byPid.delete(run.mainPid);
      if (bySession.get(run.session) === run) bySession.delete(run.session);
      for (const session of run.otherSessions)
        if (bySession.get(session) === run) bySession.delete(session);
      byInvocation.delete(run.invocationId);
    },
  };
}
