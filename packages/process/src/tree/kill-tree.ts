import { constants } from "node:os";
import type { Kernel } from "@supervise/sys";
import { killCgroup } from "../cgroup/cgroup-files.js";
import type { Proc } from "../proc.js";
import { isLive, readStat } from "../stat.js";
import type { ProcessStat } from "../stat.js";
import { classify } from "./classify.js";
import type { ClassifyOptions, RunTree } from "./classify.js";
import { processTable } from "./process-table.js";
import type { ProcessTable } from "./process-table.js";

const { SIGKILL, SIGSTOP } = constants.signals;

/** Looks at /proc before a tree that forks faster than we read is left to the next attempt. */
const ROUNDS = 20;

/** Live processes of one run, the main process first. */
export function findTree(
  proc: Proc,
  run: RunTree,
  table: ProcessTable = processTable(proc),
  options: ClassifyOptions = {},
): readonly ProcessStat[] {
  return classify(proc, table, [run], options).members.get(run.key) ?? [];
}

export interface KillPort {
  readonly kernel: Pick<Kernel, "kill" | "pidfdOpen" | "pidfdSendSignal" | "close">;
  readonly proc: Proc;
  readonly options?: ClassifyOptions;
}

/**
 * SIGKILL to every process of these runs; one look at /proc a round serves them all. Answers whom it saw, by run. The signal is sent
 * when this returns; the ends are told by SIGCHLD or the pidfds as ever. A process in uninterruptible sleep ends when it wakes.
 *
 * A tree of several processes is first stopped as a whole, round by round until no new one appears, so that nobody can fork or bring back what was
 * killed. Process groups are signalled as such: the kernel reaches all members at once, those too that are being forked. A cgroup does
 * it all in one write.
 */
export function killTrees(
  port: KillPort,
  runs: readonly RunTree[],
): ReadonlyMap<string, readonly number[]> {
  const seen = new Map<string, SeenRun>(
    runs.map((run) => [run.key, { run, processes: new Map(), groups: new Set() }]),
  );
  for (let round = 0; round < ROUNDS; round += 1) {
    const { members } = classify(port.proc, processTable(port.proc), runs, port.options);
    if (round === 0)
      for (const run of runs) if (run.cgroupPath !== null) killCgroup(run.cgroupPath);
    let appeared = false;
    for (const [key, stats] of members) {
      const known = seen.get(key);
      if (known === undefined) continue;
      const signal = round === 0 && stats.length === 1 ? SIGKILL : SIGSTOP;
      for (const stat of stats) {
        if (known.processes.get(stat.pid)?.startTicks === stat.startTicks) continue;
        appeared = true;
        known.processes.set(stat.pid, stat);
        if (stat.session === known.run.session) known.groups.add(stat.processGroup);
        if (!known.groups.has(stat.processGroup)) signalProved(port, stat, signal);
      }
      for (const group of known.groups) signalGroup(port, known, group, signal);
    }
    if (!appeared) break;
  }
  for (const known of seen.values()) {
    for (const group of known.groups) signalGroup(port, known, group, SIGKILL);
    for (const stat of known.processes.values()) signalProved(port, stat, SIGKILL);
  }
  return new Map([...seen].map(([key, known]) => [key, [...known.processes.keys()]]));
}

interface SeenRun {
  readonly run: RunTree;
  readonly processes: Map<number, ProcessStat>;
  /** Process groups within the run's session. */
  readonly groups: Set<number>;
}

/**
 * A group of the run's own session. Its number is not given out again while it has a member, and if it has none the kernel says ESRCH; that it was
 * given out meanwhile shows by a process of that number that we do not know.
 */
function signalGroup(port: KillPort, known: SeenRun, group: number, signal: number): void {
  const leader = readStat(port.proc, group);
  const ours = leader === null || known.processes.get(group)?.startTicks === leader.startTicks;
  if (ours || isUnreaped(known.run, leader)) port.kernel.kill(-group, signal);
}

/** The main process that has ended, and not been waited for: its number is still its own. */
function isUnreaped(run: RunTree, leader: ProcessStat): boolean {
  return leader.pid === run.mainPid && leader.startTicks >= run.startTicks && !isLive(leader);
}

/** `killTrees` for one run. */
export function killTree(port: KillPort, run: RunTree): readonly number[] {
  return killTrees(port, [run]).get(run.key) ?? [];
}

/**
 * Sends a signal to exactly this process, never to another that got its number: the number is bound by a pidfd first and the start time
 * compared after that. Without pidfds (Linux before 5.3) the two follow each other directly. True: sent.
 */
export function signalProved(
  port: Pick<KillPort, "kernel" | "proc">,
  stat: Pick<ProcessStat, "pid" | "startTicks">,
  signal: number,
): boolean {
  const pidfd = port.kernel.pidfdOpen(stat.pid);
  const now = readStat(port.proc, stat.pid);
  const same = now !== null && now.startTicks === stat.startTicks && isLive(now);
  if (pidfd < 0) return same && port.kernel.kill(stat.pid, signal) === 0;
  const sent = same && port.kernel.pidfdSendSignal(pidfd, signal) === 0;
  port.kernel.close(pidfd);
  return sent;
}
