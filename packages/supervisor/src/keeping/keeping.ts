import type { Engine } from "@supervise/model";
import { readStat, type Keeper, type Proc } from "@supervise/process";
import type { Kernel, SpawnResult } from "@supervise/sys";
import type { EventLog } from "../event-log.js";
import type { LiveRun, LiveRuns } from "../live-run.js";
import { createJournal, type KeptRun, type KeptService } from "./journal.js";

/** A run before its spawn, with the read ends of its output pipes, which are ours. */
export interface BeginningRun {
  readonly spec: { readonly name: string };
  readonly run: number;
  readonly invocationId: string;
  readonly stdout: { readonly read: number; readonly inode: number };
  readonly stderr: { readonly read: number; readonly inode: number };
}

/**
 * What is handed to the keeper above us, so that the next supervisor can go on where we ended; and whose children the processes below us are. Without
 * a keeper nothing is handed to anybody, and they are ours.
 */
export interface Keeping {
  /** To whom orphans fall, and whose children the services are. */
  readonly parentPid: number;
  /** Services are to be spawned as our siblings (`SpawnRequest.sibling`). */
  readonly siblings: boolean;
  /** Once, before anything is started: what the supervisor before has left is ours to keep now. */
  begin(services: Iterable<KeptService>): void;
  /** Right before the spawns: identifiers are written down, pipes deposited. */
  starting(runs: readonly BeginningRun[]): void;
  /** Processes have come to be, or not: written down at once, for they may end before anything else happens. */
  born(runs: readonly { readonly prepared: BeginningRun; readonly result: SpawnResult }[]): void;
  /** True, once: this is what a failed spawn left, and nobody's end. */
  forgetFailed(pid: number): boolean;
  /** The run's pipes are drained, its tree is gone. */
  ended(run: LiveRun): void;
  /** Something that is written down has changed. */
  changed(name: string): void;
  forget(name: string): void;
  /** Writes down what has changed. Before anything else is heard. */
  flush(): void;
  /** The keeper is gone: from here on all is as without one. */
  lost(): void;
  close(): void;
}

export interface KeepingPort {
  readonly keeper: Keeper | null;
  readonly kernel: Kernel;
  readonly proc: Proc;
  readonly engine: Engine;
  readonly live: LiveRuns;
  readonly events: EventLog;
  /** Milliseconds since the epoch. */
  readonly realtimeMs: () => number;
}

/** The deposit of a run's pipes. */
export function depositOf(invocationId: string): string {
  return `run/${invocationId}`;
}

export function createKeeping(port: KeepingPort): Keeping {
  const { kernel, proc, engine, live, events, realtimeMs } = port;
  let { keeper } = port;
  const journal =
    keeper === null ? null : createJournal(kernel, (fd) => keeper?.deposit("records", [fd]));
  const dirty = new Set<string>();
  const failures = new Set<number>();

  const serviceOf = (name: string, run: KeptRun | null): KeptService => ({
    name,
    machine: engine.machine(name),
    run,
    seq: events.last,
  });
  const beginning = (run: BeginningRun, pid: number): KeptRun => ({
    run: run.run,
    invocationId: run.invocationId,
    session: pid,
    otherSessions: [],
    mainPid: pid,
    startTicks: 0,
    mainEnded: false,
    startedAtMs: realtimeMs(),
    pipes: [run.stdout.inode, run.stderr.inode],
  });
  const runOf = (run: LiveRun): KeptRun => ({
    run: run.run,
    invocationId: run.invocationId,
    session: run.session,
    otherSessions: [...run.otherSessions],
    mainPid: run.mainPid,
    startTicks: run.mainPid > 0 ? (readStat(proc, run.mainPid)?.startTicks ?? 0) : 0,
    mainEnded: run.mainEnded,
    startedAtMs: run.startedAtMs,
    pipes: run.pipes,
  });
  const kept = (name: string): KeptService => {
    const run = live.get(name);
    return serviceOf(name, run === undefined ? null : runOf(run));
  };

  return {
    get parentPid() {
      return keeper?.hello.initPid ?? process.pid;
    },
    get siblings() {
      return keeper !== null;
    },
    begin: (services) => journal?.begin(services),
    starting: (runs) => {
      if (keeper === null) return;
      journal?.append(runs.map((run) => serviceOf(run.spec.name, beginning(run, 0))));
      for (const { spec, invocationId, stdout, stderr } of runs) {
        dirty.delete(spec.name);
        keeper.deposit(depositOf(invocationId), [stdout.read, stderr.read]);
      }
    },
    born: (runs) => {
      if (keeper === null) return;
      const begun: KeptService[] = [];
      for (const { prepared, result } of runs) {
        const { spec, invocationId } = prepared;
        if (!("stage" in result)) {
          begun.push(serviceOf(spec.name, beginning(prepared, result.pid)));
          continue;
        }
        if (result.failedPid !== undefined) failures.add(result.failedPid);
        keeper.withdraw(depositOf(invocationId));
        dirty.add(spec.name);
      }
      if (begun.length > 0) journal?.append(begun);
    },
    forgetFailed: (pid) => failures.delete(pid),
    ended: (run) => {
      dirty.add(run.name);
      keeper?.withdraw(depositOf(run.invocationId));
    },
    changed: (name) => {
      if (keeper !== null) dirty.add(name);
    },
    forget: (name) => {
      dirty.delete(name);
      journal?.append([{ name, run: null, seq: events.last }]);
    },
    flush: () => {
      if (keeper === null || dirty.size === 0) return;
      journal?.append([...dirty].map(kept));
      dirty.clear();
    },
    lost: () => {
      keeper = null;
    },
    close: () => journal?.close(),
  };
}
