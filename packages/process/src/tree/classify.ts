import { readInvocationId } from "../environment.js";
import type { Proc } from "../proc.js";
import type { ProcessStat } from "../stat.js";
import { readCgroupProcs } from "../cgroup/cgroup-files.js";
import { holdsPipe } from "./held-pipes.js";
import type { ProcessTable } from "./process-table.js";

/** A run, by everything that its processes can be known by. */
export interface RunTree {
  /** Names the run among those that are classified together. */
  readonly key: string;
  /** 0: none is known any more. */
  readonly mainPid: number;
  /** Session that the run was started in; 0: none of its own. */
  readonly session: number;
  /** Clock ticks at which the run's first process, the leader of its session, started; what is older is not of the run. 0: not known. */
  readonly startTicks: number;
  /** Value of INVOCATION_ID in the run's environment. */
  readonly invocationId: string;
  /** Directory of the run's cgroup, or null. */
  readonly cgroupPath: string | null;
  /** Processes proved earlier to be of the run, such as orphans that were attributed. */
  readonly knownPids: readonly number[];
  /** Inodes of the pipes that the run's output goes into. */
  readonly pipes: readonly number[];
}

export interface Classification {
  /** Live processes of each run, by its key, the main process first. */
  readonly members: ReadonlyMap<string, readonly ProcessStat[]>;
  /** Children of ours that belong to no run as far as can be told. */
  readonly unattributed: readonly ProcessStat[];
}

export interface ClassifyOptions {
  /** To whom orphans fall: we ourselves, and after an adoption the init above us. Default: we. */
  readonly adopters?: readonly number[];
  /** Processes that are no run's whatever they look like, such as a health check's. */
  readonly exempt?: (pid: number) => boolean;
}

/**
 * Says of each process in the table whose it is. In this order, the first that answers: the run's cgroup, its known processes, its session,
 * the parent's run, and for an orphan its INVOCATION_ID, then the pipes it holds, then what others of its session are.
 */
export function classify(
  proc: Proc,
  table: ProcessTable,
  runs: readonly RunTree[],
  options: ClassifyOptions = {},
): Classification {
  const owners = new Map<number, RunTree>();
  const exempt = (pid: number): boolean => pid === proc.self || options.exempt?.(pid) === true;
  const claim = (pid: number, run: RunTree): void => {
    const stat = table.get(pid);
    if (stat !== undefined && !owners.has(pid) && !exempt(pid) && stat.startTicks >= run.startTicks)
      owners.set(pid, run);
  };

  for (const run of runs) {
    if (run.cgroupPath !== null) for (const pid of readCgroupProcs(run.cgroupPath)) claim(pid, run);
    if (run.mainPid !== run.session || !isReused(table, run)) claim(run.mainPid, run);
    for (const pid of run.knownPids) claim(pid, run);
  }
  const sessions = new Map<number, RunTree>();
  for (const run of runs)
    if (run.session > 0 && !isReused(table, run)) sessions.set(run.session, run);
  claimSessions(table, sessions, claim);
  claimDescendants(table, owners, exempt);

  const adopters = new Set(options.adopters ?? [proc.self]);
  const orphans = [...table.values()].filter(
    (stat) => adopters.has(stat.ppid) && !owners.has(stat.pid) && !exempt(stat.pid),
  );
  const byInvocation = new Map(runs.map((run) => [run.invocationId, run]));
  const withPipes = runs.filter((run) => run.pipes.length > 0);
  for (const orphan of orphans) {
    const id = readInvocationId(proc, orphan.pid);
    const run =
      (id === null ? undefined : byInvocation.get(id)) ??
      withPipes.find((candidate) => holdsPipe(proc, orphan.pid, candidate.pipes));
    if (run !== undefined) claim(orphan.pid, run);
  }
  claimDescendants(table, owners, exempt);

  // A session is never shared by two runs: setsid(2) makes one, and only a child inherits it.
  const ourSession = table.get(proc.self)?.session;
  const further = new Map<number, RunTree>();
  for (const [pid, run] of owners) {
    const session = table.get(pid)?.session;
    if (session !== undefined && session !== ourSession && session !== 0) further.set(session, run);
  }
  claimSessions(table, further, claim);
  claimDescendants(table, owners, exempt);

  return {
    members: gather(table, runs, owners),
    unattributed: orphans.filter((stat) => stat.ppid === proc.self && !owners.has(stat.pid)),
  };
}

/**
 * Has the number of the run's session become another's? It is free once the session has no process left, and only a new process of that number
 * can then make a session of it.
 */
function isReused(table: ProcessTable, run: RunTree): boolean {
  const leader = table.get(run.session);
  if (leader === undefined) return false;
  return run.startTicks > 0 ? leader.startTicks !== run.startTicks : leader.pid !== run.mainPid;
}

function claimSessions(
  table: ProcessTable,
  sessions: ReadonlyMap<number, RunTree>,
  claim: (pid: number, run: RunTree) => void,
): void {
  for (const stat of table.values()) {
    const run = sessions.get(stat.session);
    if (run !== undefined) claim(stat.pid, run);
  }
}

/** The nearest ancestor that is somebody's decides. */
function claimDescendants(
  table: ProcessTable,
  owners: Map<number, RunTree>,
  exempt: (pid: number) => boolean,
): void {
  const nobodys = new Set<number>();
  for (const start of table.keys()) {
    const path: number[] = [];
    let pid = start;
    // Parents may be of different moments, so that a circle is thinkable: a path never grows over the table.
    while (!owners.has(pid) && !nobodys.has(pid) && !exempt(pid) && path.length <= table.size) {
      const stat = table.get(pid);
      if (stat === undefined) break;
      path.push(pid);
      pid = stat.ppid;
    }
    const owner = owners.get(pid);
    for (const passed of path) {
      if (owner === undefined) nobodys.add(passed);
      else owners.set(passed, owner);
    }
  }
}

function gather(
  table: ProcessTable,
  runs: readonly RunTree[],
  owners: ReadonlyMap<number, RunTree>,
): ReadonlyMap<string, readonly ProcessStat[]> {
  const members = new Map<string, ProcessStat[]>(runs.map((run) => [run.key, []]));
  for (const [pid, run] of owners) {
    const stat = table.get(pid);
    if (stat === undefined) continue;
    if (pid === run.mainPid) members.get(run.key)?.unshift(stat);
    else members.get(run.key)?.push(stat);
  }
  return members;
}
