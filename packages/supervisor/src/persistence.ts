import type { Engine } from "@supervise/model";
import { describePidfile, examinePidfile, readIdentity, removePidfile, writePidfile, type RecordStore } from "@supervise/process";
import type { LiveRun } from "./live-run.js";
import type { Room } from "./room.js";

/** What stands on disk about each run: a pidfile for people and scripts, a record for the next supervisor. */
export interface Persistence {
  /** Reports and removes what an earlier supervisor left of a service that it no longer runs. Before the first start. */
  clean(name: string): void;
  /** A run has begun, or its main process is another one now. */
  started(run: LiveRun): void;
  ended(run: LiveRun): void;
  /** State, wish or readiness have changed. */
  changed(name: string): void;
  /** The service has left the configuration. */
  forget(name: string): void;
  close(): void;
}

export function createPersistence(room: Room, engine: Engine, records: RecordStore | null): Persistence {
  const { runtimeDirectory, proc } = room;
  let complained = false;
  const pidfileOf = (name: string): string => `${runtimeDirectory}/${name}.pid`;

  const record = (name: string, run: LiveRun | undefined): void => {
    const snapshot = engine.snapshot(name);
    if (records === null || snapshot === undefined) return;
    const running = run !== undefined && !run.mainEnded && run.mainPid > 0;
    records.append({
      service: name,
      run: run?.run ?? snapshot.run,
      main: running ? readIdentity(proc, run.mainPid) : null,
      session: run?.session ?? 0,
      invocationId: run?.invocationId ?? "",
      state: snapshot.state.kind,
      wanted: snapshot.wanted,
      ready: snapshot.ready,
      startedAtMs: run?.startedAtMs ?? null,
      restarts: snapshot.restarts,
      stdoutPipe: null,
      stderrPipe: null,
    });
  };

  return {
    clean: (name) => {
      if (runtimeDirectory === null) return;
      const path = pidfileOf(name);
      const verdict = examinePidfile(proc, path, { expectTree: () => false });
      if (verdict.kind === "absent") return;
      const message = `${describePidfile(verdict, path)}; it is replaced`;
      room.events.add({ service: name, kind: "pidfile", message });
      room.hub.say(message, "warning");
      room.kernel.unlink(path);
    },
    started: (run) => {
      if (runtimeDirectory === null) return;
      const written = writePidfile(room.kernel, pidfileOf(run.name), run.mainPid);
      if (written < 0 && !complained) {
        complained = true;
        room.warn(run.name, `Cannot write pidfile "${pidfileOf(run.name)}": errno ${-written}; services go on without`);
      }
      record(run.name, run);
    },
    ended: (run) => {
      if (runtimeDirectory !== null) removePidfile(room.kernel, pidfileOf(run.name), run.mainPid);
    },
    changed: (name) => {
      // While it runs the record of its start holds; what changes beside it is written when it rests, so that a start costs one write.
      if (room.live.get(name) === undefined && !engine.shuttingDown) record(name, undefined);
    },
    forget: (name) => void records?.append({ service: name, forgotten: true }),
    close: () => records?.close(),
  };
}
