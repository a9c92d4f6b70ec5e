import { readdirSync } from "node:fs";
import { errnoName, errnoText } from "@supervise/sys";
import { restorableMachine, type Engine, type ServiceSpec } from "@supervise/model";
import {
  bootId,
  describePidfile,
  examinePidfile,
  readIdentity,
  removePidfile,
  writePidfile,
  type ProcessIdentity,
  type RecordStore,
  type ServiceRecord,
} from "@supervise/process";
import { isOperatorsStop } from "./fates.js";
import type { LiveRun } from "./live-run.js";
import type { Room } from "./room.js";
import { specMark } from "./spec-mark.js";
import type { PreparedRun } from "./start-run.js";

/** What stands on disk about each run: a pidfile for people and scripts, a record for the next supervisor. */
export interface Persistence {
  /** Tells and removes the pidfiles that an earlier supervisor left of services that run no more. After the adoption, before the first start. */
  cleanLeft(): void;
  /** Runs are about to be spawned: their identifiers are written down first, with one write. */
  starting(runs: readonly PreparedRun[]): void;
  /** A run has been spawned. Its record and its pidfile are written when all that were wanted together have been: until then its identifier leads to it. */
  spawned(run: LiveRun): void;
  allStarted(): void;
  /** Writes down what has changed so far, with one write. */
  record(): void;
  /** Nothing more is to be carried out for now: what could wait for that is done. */
  settle(): void;
  /** A run's main process is another one now. */
  moved(run: LiveRun): void;
  /** A run's main process has ended and the next is not known: its pidfile names nobody, and is removed. */
  vacated(run: LiveRun): void;
  ended(run: LiveRun): void;
  /** State, wish or readiness have changed. */
  changed(name: string): void;
  /** The service has left the configuration. */
  forget(name: string): void;
  close(): void;
}

export function createPersistence(
  room: Room,
  engine: Engine,
  records: RecordStore | null,
): Persistence {
  const { runtimeDirectory, proc } = room;
  let complained = false;
  /** What the last record of each service with a readiness check says: an adopted one must not have to prove it again. */
  const recordedReady = new Map<string, boolean>();
  const pidfileOf = (name: string): string => `${runtimeDirectory}/${name}.pid`;

  const recordOf = (name: string, run: LiveRun | undefined): ServiceRecord[] => {
    const snapshot = engine.snapshot(name);
    if (snapshot === undefined) return [];
    const running = run !== undefined && !run.mainEnded && run.mainPid > 0;
    return [
      {
        service: name,
        run: run?.run ?? snapshot.run,
        main: running ? identityOf(run) : null,
        session: run?.session ?? 0,
        invocationId: run?.invocationId ?? "",
        state: snapshot.state.kind,
        wanted: snapshot.wanted,
        ready: snapshot.ready,
        startedAtMs: run === undefined ? null : Math.round(run.startedAtMs),
        restarts: snapshot.restarts,
        stdoutPipe: run?.pipes[0] ?? null,
        stderrPipe: run?.pipes[1] ?? null,
        readyPipe: run?.pipes[2] ?? null,
        bootId: bootId(proc),
        mark: run === undefined ? markOf(name) : specMark(run.spec),
        machine: engine.machine(name) ?? null,
      },
    ];
  };
  /** As it was read once: each look is a file of /proc. */
  const identities = new WeakMap<LiveRun, ProcessIdentity | null>();
  const identityOf = (run: LiveRun): ProcessIdentity | null => {
    const known = identities.get(run);
    if (known?.pid === run.mainPid) return known;
    const identity = readIdentity(proc, run.mainPid);
    identities.set(run, identity);
    return identity;
  };
  /** What the last run of each service was started as: its spec, or the mark of it that an earlier supervisor has left. */
  const startedAs = new Map<string, ServiceSpec | string | null>();
  for (const { service, mark } of records?.loaded.records.values() ?? [])
    startedAs.set(service, mark);
  const markOf = (name: string): string | null => {
    const started = startedAs.get(name) ?? null;
    return started === null || typeof started === "string" ? started : specMark(started);
  };
  /** Of these something has changed that is to be written: once for all that changed together. */
  const dirty = new Set<string>();

  /** Replacing a file costs as much as half a spawn on a disk, so a burst of spawns does not wait for it. */
  const unwritten: LiveRun[] = [];
  /** Of runs that have ended, by service: a run that follows at once replaces the file, and should not wait until the old one is removed. */
  const left = new Map<string, number>();

  const pidfile = (run: LiveRun): void => {
    left.delete(run.name);
    const written = writePidfile(room.kernel, pidfileOf(run.name), run.mainPid);
    if (written >= 0 || complained) return;
    complained = true;
    room.warn(
      run.name,
      `Cannot write pidfile "${pidfileOf(run.name)}": ${errnoText(written)} (${errnoName(written)}); services go on without`,
    );
  };

  const writeDirty = (): void => {
    if (dirty.size > 0)
      records?.append(...[...dirty].flatMap((name) => recordOf(name, room.live.get(name))));
    dirty.clear();
  };

  return {
    cleanLeft: () => {
      for (const name of namesLeft(runtimeDirectory)) {
        if (engine.spec(name) === undefined || room.live.get(name) !== undefined) continue;
        const path = pidfileOf(name);
        const message = `${describePidfile(examinePidfile(proc, path, { expectTree: () => false }), path)}; it is removed`;
        room.events.add({ service: name, kind: "pidfile", message });
        room.hub.say(message, "warning");
        room.kernel.unlink(path);
      }
    },
    starting: (runs) => {
      for (const { spec } of runs) {
        dirty.delete(spec.name);
        startedAs.set(spec.name, spec);
      }
      records?.append(
        ...runs.map(({ spec, run, invocationId, stdout, stderr, extras }) => ({
          service: spec.name,
          run,
          main: null,
          session: 0,
          invocationId,
          state: "starting" as const,
          wanted: "up" as const,
          ready: false,
          startedAtMs: null,
          restarts: 0,
          stdoutPipe: stdout.inode,
          stderrPipe: stderr.inode,
          readyPipe: extras.descriptor?.inode ?? null,
          bootId: bootId(proc),
          mark: specMark(spec),
          // Each start waits for this line, and of a first run it says nothing that the next line does not.
          machine: run === 1 ? null : (engine.machine(spec.name) ?? null),
        })),
      );
    },
    spawned: (run) => {
      if (runtimeDirectory === null) return;
      unwritten.push(run);
    },
    allStarted: () => {
      const runs = unwritten.splice(0);
      if (runs.length === 0) return;
      for (const { name } of runs) dirty.delete(name);
      records?.append(...runs.flatMap((run) => recordOf(run.name, run)));
      for (const run of runs) pidfile(run);
    },
    record: writeDirty,
    settle: () => {
      writeDirty();
      for (const [name, pid] of left) removePidfile(room.kernel, pidfileOf(name), pid);
      left.clear();
    },
    moved: (run) => {
      if (runtimeDirectory === null) return;
      pidfile(run);
      dirty.add(run.name);
    },
    vacated: (run) => {
      if (runtimeDirectory !== null) removePidfile(room.kernel, pidfileOf(run.name), run.mainPid);
    },
    ended: (run) => {
      if (runtimeDirectory === null) return;
      left.set(run.name, run.mainPid);
      // Otherwise `changed` writes it. A shutdown is no wish of the operator for this service: what its last record says of it still holds.
      if (engine.shuttingDown && engine.snapshot(run.name)?.wantedBy.kind === "operator")
        dirty.add(run.name);
    },
    changed: (name) => {
      // While it runs the record of its start holds, but for the readiness and the beginning of its stop; the rest is written when it rests, so that a
      // start costs one write.
      const live = room.live.get(name);
      const snapshot = engine.snapshot(name);
      const ready = snapshot?.ready === true;
      if (live === undefined) {
        recordedReady.delete(name);
        if (!engine.shuttingDown) dirty.add(name);
      } else if (snapshot?.state.kind === "stopping") dirty.add(name);
      else if (live.spec.ready !== null && ready !== (recordedReady.get(name) ?? false)) {
        recordedReady.set(name, ready);
        dirty.add(name);
      }
    },
    forget: (name) => {
      dirty.delete(name);
      startedAs.delete(name);
      records?.append({ service: name, forgotten: true });
    },
    close: () => {
      // After an orderly end nothing runs that the next supervisor could take over or would have to look for; what an operator has stopped it is to know.
      records?.compact((record) =>
        isOperatorsStop(record, restorableMachine(record.machine, record.service, true)),
      );
      records?.close();
    },
  };
}

/** The services that have a pidfile in the directory: one look for all of them, as there is mostly none. */
function namesLeft(directory: string | null): readonly string[] {
  if (directory === null) return [];
  return readdirSync(directory)
    .filter((file) => file.endsWith(".pid"))
    .map((file) => file.slice(0, -".pid".length));
}
