import type { Engine } from "@supervise/model";
import type { Keeper } from "@supervise/process";
import type { Kernel, SpawnRequest, SpawnResult } from "@supervise/sys";
import type { EventLog } from "../event-log.js";
import type { LiveRun, LiveRuns } from "../live-run.js";
import type { KeptReadiness } from "../start-run.js";
import { openBirths, type Births } from "./births.js";
import { createJournal, type KeptRun, type KeptService } from "./journal.js";

/** A run before its spawn, with the read ends of its output pipes, which are ours. */
export interface BeginningRun {
  readonly spec: { readonly name: string; readonly process: { readonly tty: boolean } };
  readonly run: number;
  readonly invocationId: string;
  readonly stdout: { readonly read: number; readonly inode: number };
  readonly stderr: { readonly read: number; readonly inode: number };
  readonly extras: { readonly kept: KeptReadiness };
  readonly birthPlace: number;
}

/**
 * What is handed to the keeper above us, so that the next supervisor can go on where we ended; and whose children the processes below us are. Without
 * a keeper nothing is handed to anybody, and they are ours.
 */
export interface Keeping {
  /** To whom orphans fall, and whose children the services are. */
  readonly parentPid: number;
  /** Where the next run's process is to note its birth; -1: nowhere. */
  nextBirthPlace(): number;
  /** What a spawn request has more under a keeper: the service is to be our sibling. */
  requestFor(birthPlace: number): Pick<SpawnRequest, "sibling" | "birth">;
  /** The PID that was noted at a place; 0: none. */
  bornAt(birthPlace: number): number;
  /** Once, before anything is started: what the supervisor before has left is ours to keep now. */
  begin(services: readonly KeptService[]): void;
  /** What is kept of a run that goes on. Ours from here on; without it, none is. */
  resume(invocationId: string): KeptReadiness & { readonly output: readonly number[] };
  /** Right before the spawns: identifiers are written down, pipes deposited. */
  starting(runs: readonly BeginningRun[]): void;
  /** Spawns are done: what those that failed leave is nobody's. */
  born(runs: readonly { readonly prepared: BeginningRun; readonly result: SpawnResult }[]): void;
  /** True, once: this is what a failed spawn left, and nobody's end. */
  forgetFailed(pid: number): boolean;
  /** The stop has begun: the main process has got its signal, or the stop command runs. */
  stopBegun(run: LiveRun): void;
  /** Had it, as far as the supervisor before could note? */
  hadStopBegun(birthPlace: number): boolean;
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
  readonly engine: Engine;
  readonly live: LiveRuns;
  readonly events: EventLog;
  /** Milliseconds since the epoch. */
  readonly realtimeMs: () => number;
}

/** Deposits of a run: its output pipes, its notify socket, the read end of its notification descriptor. */
export const RUN_DEPOSITS = ["run", "notify", "ready"] as const;

export function depositOf(kind: (typeof RUN_DEPOSITS)[number], invocationId: string): string {
  return `${kind}/${invocationId}`;
}

export function createKeeping(port: KeepingPort): Keeping {
  const { kernel, engine, live, events, realtimeMs } = port;
  let { keeper } = port;
  const journal =
    keeper === null
      ? null
      : createJournal(
          kernel,
          (fd) => keeper?.deposit("records", [fd]),
          () => events.since(0),
        );
  let births: Births | null = null;
  const dirty = new Set<string>();
  /** Number of the last event that was written down. */
  let told = 0;
  let planned = false;
  const failures = new Set<number>();
  /** Runs that have deposits besides their output pipes. */
  const telling = new Set<string>();
  const withdraw = (invocationId: string): void => {
    const kinds = telling.delete(invocationId) ? RUN_DEPOSITS : (["run"] as const);
    for (const kind of kinds) keeper?.withdraw(depositOf(kind, invocationId));
  };

  const serviceOf = (name: string, run: KeptRun | null): KeptService => ({
    name,
    machine: engine.machine(name),
    run,
    seq: events.last,
  });
  const beginning = (run: BeginningRun): KeptRun => ({
    run: run.run,
    invocationId: run.invocationId,
    birthPlace: run.birthPlace,
    session: 0,
    otherSessions: [],
    mainPid: 0,
    mainEnded: false,
    child: true,
    startedAtMs: realtimeMs(),
    pipes: [run.stdout.inode, run.stderr.inode],
    ...(run.spec.process.tty ? { tty: true } : {}),
  });
  const runOf = (run: LiveRun): KeptRun => ({
    run: run.run,
    invocationId: run.invocationId,
    birthPlace: run.birthPlace,
    session: run.session,
    otherSessions: [...run.otherSessions],
    mainPid: run.mainPid,
    mainEnded: run.mainEnded,
    child: run.child,
    startedAtMs: run.startedAtMs,
    pipes: run.pipes,
    ...(run.tty === true ? { tty: true } : {}),
  });
  const kept = (name: string): KeptService => {
    const run = live.get(name);
    return serviceOf(name, run === undefined ? null : runOf(run));
  };

  const flush = (): void => {
    planned = false;
    if (keeper === null || (dirty.size === 0 && told === events.last)) return;
    const untold = told === events.last ? [] : events.since(told);
    told = events.last;
    journal?.append([...dirty].map(kept), untold);
    dirty.clear();
  };

  return {
    get parentPid() {
      return keeper?.hello.initPid ?? process.pid;
    },
    nextBirthPlace: () => births?.nextPlace() ?? -1,
    requestFor: (place) => {
      if (keeper === null) return {};
      return births === null || place < 0
        ? { sibling: true }
        : { sibling: true, birth: { fd: births.fd, place } };
    },
    bornAt: (place) => (place < 0 ? 0 : (births?.at(place) ?? 0)),
    resume: (invocationId) => {
      const take = (kind: (typeof RUN_DEPOSITS)[number]): readonly number[] =>
        keeper?.take(depositOf(kind, invocationId)) ?? [];
      const output = take("run");
      const [notify = null] = take("notify");
      const [ready = null] = take("ready");
      if (notify !== null || ready !== null) telling.add(invocationId);
      return { output, notify, ready };
    },
    begin: (services) => {
      const used = services.map(({ run }) => run?.birthPlace ?? -1);
      const [inherited = -1] = keeper?.take("births") ?? [];
      const fd =
        keeper === null || inherited >= 0 ? inherited : kernel.memoryFile("supervise-births");
      if (fd >= 0) births = openBirths(fd, Math.max(-1, ...used));
      if (fd >= 0 && fd !== inherited) keeper?.deposit("births", [fd]);
      journal?.begin(services);
      told = events.last;
      // We listen first, so that what is told between two events of the engine is written down before any follower goes on.
      if (keeper !== null)
        events.listen(() => {
          if (!planned) queueMicrotask(flush);
          planned = true;
        });
    },
    starting: (runs) => {
      if (keeper === null) return;
      journal?.append(
        runs.map((run) => serviceOf(run.spec.name, beginning(run))),
        [],
      );
      for (const { spec, invocationId, stdout, stderr, extras } of runs) {
        dirty.delete(spec.name);
        keeper.deposit(depositOf("run", invocationId), [stdout.read, stderr.read]);
        const { notify = null, ready = null } = extras.kept;
        if (notify !== null) keeper.deposit(depositOf("notify", invocationId), [notify]);
        if (ready !== null) keeper.deposit(depositOf("ready", invocationId), [ready]);
        if (notify !== null || ready !== null) telling.add(invocationId);
      }
    },
    born: (runs) => {
      if (keeper === null) return;
      for (const { prepared, result } of runs) {
        if (!("stage" in result)) continue;
        if (result.failedPid !== undefined) failures.add(result.failedPid);
        withdraw(prepared.invocationId);
        dirty.add(prepared.spec.name);
      }
    },
    stopBegun: (run) => {
      if (keeper !== null && run.birthPlace >= 0) births?.noteStop(run.birthPlace, run.session);
    },
    hadStopBegun: (place) => place >= 0 && births?.stopNotedAt(place) === true,
    forgetFailed: (pid) => failures.delete(pid),
    ended: (run) => {
      dirty.add(run.name);
      withdraw(run.invocationId);
    },
    changed: (name) => {
      if (keeper !== null) dirty.add(name);
    },
    forget: (name) => {
      dirty.delete(name);
      journal?.append([{ name, run: null, seq: events.last }], []);
    },
    flush,
    lost: () => {
      keeper = null;
    },
    close: () => {
      journal?.close();
      if (births !== null) kernel.close(births.fd);
    },
  };
}
