import {
  restorableMachine,
  type Cause,
  type Engine,
  type ServiceMachine,
  type ServiceSpec,
} from "@supervise/model";
import { isLive, listPids, readInvocationId, readStat, type Keeper } from "@supervise/process";
import type { LiveRun } from "../live-run.js";
import type { Room } from "../room.js";
import { readJournal, type KeptRun, type KeptService } from "./journal.js";
import { depositOf } from "./keeping.js";

export interface RestorationPort {
  readonly room: Room;
  readonly engine: Engine;
  readonly keeper: Keeper;
  /** What is restored is no news. */
  readonly known: (machines: readonly ServiceMachine[]) => void;
  /** Told of each run that goes on, before the engine is. */
  readonly resumed: (run: LiveRun, machine: ServiceMachine) => void;
  /** Runs whose main process is known to have ended. */
  readonly drainOn: (runs: readonly LiveRun[]) => void;
}

export interface Restored {
  /** Services that are known from before. */
  readonly names: readonly string[];
  /** Runs whose processes are gone, and whose end the keeper has yet to tell. */
  readonly awaited: readonly LiveRun[];
}

/**
 * Events that the supervisor before may have given out after it had last written down their number, at most: a successor begins so far above, that no
 * number means two events.
 */
const UNWRITTEN_EVENTS = 100;

/** One service as it is taken over. */
interface Heir {
  readonly spec: ServiceSpec;
  readonly machine: ServiceMachine;
  readonly run: LiveRun | null;
  /** The process of a run of which the engine before had not heard. */
  readonly unheard: number | null;
}

/**
 * Goes on where the supervisor before, under the same keeper, has ended: every service in its state, every run with its process and the deposited ends
 * of its pipes. Of a process that ended meanwhile the keeper tells the end afterwards, as of any. Null: there is no journal to go by.
 */
export function restore(port: RestorationPort): Restored | null {
  const { room, engine, keeper } = port;
  const [fd] = keeper.take("records") ?? [];
  if (fd === undefined) return null;
  const kept = [...readJournal(fd).values()];
  room.kernel.close(fd);
  room.keeping.begin(kept);
  room.events.goOnAfter(Math.max(0, ...kept.map(({ seq }) => seq)) + UNWRITTEN_EVENTS);
  const found = findUntold(room, kept);
  const heirs = kept.flatMap((service) => heirOf(port, service, found) ?? []);
  for (const { run, machine } of heirs) if (run !== null) port.resumed(run, machine);
  port.known(heirs.map(({ machine }) => machine));
  room.post({ type: "restored", machines: heirs.map(({ machine }) => machine) });
  for (const { run, unheard } of heirs)
    if (run !== null && unheard !== null)
      room.post({ type: "spawned", name: run.name, run: run.run, pid: unheard });
  for (const heir of heirs) if (heir.run === null) tellUnborn(room, heir);
  const runs = heirs.flatMap(({ run }) => run ?? []);
  port.drainOn(runs.filter(({ mainEnded }) => mainEnded));
  for (const name of keeper.left().filter((one) => one.startsWith(depositOf(""))))
    dismiss(port, name);
  const down = heirs.map(({ machine }) => shutdownOf(machine)).find((cause) => cause !== null);
  if (down !== undefined && !engine.shuttingDown) room.post({ type: "shutDown", cause: down });
  const names = heirs.map(({ spec }) => spec.name);
  return {
    names,
    awaited: runs.filter((run) => !run.mainEnded && run.mainPid > 0 && !lives(room, run)),
  };
}

/** A stop that only a shutdown asks for. */
function shutdownOf({ wanted, wantedBy }: ServiceMachine): Cause | null {
  const shutdown = wantedBy.kind === "shutdown" || wantedBy.kind === "signal";
  return wanted === "down" && shutdown ? wantedBy : null;
}

/** What was about to be spawned and written down by its identifier only: if it lives, the leader of its session has it in its environment. */
function findUntold(room: Room, kept: readonly KeptService[]): ReadonlyMap<string, number> {
  const sought = new Set(
    kept.flatMap(({ run }) => (run !== null && run.session === 0 ? [run.invocationId] : [])),
  );
  const found = new Map<string, number>();
  if (sought.size === 0) return found;
  for (const pid of listPids(room.proc)) {
    const id = readInvocationId(room.proc, pid);
    if (id !== null && sought.has(id) && readStat(room.proc, pid)?.session === pid)
      found.set(id, pid);
  }
  return found;
}

function heirOf(
  port: RestorationPort,
  service: KeptService,
  found: ReadonlyMap<string, number>,
): Heir | null {
  const { room, engine } = port;
  const spec = engine.spec(service.name);
  const kept = service.run === null ? null : withProcess(service.run, found);
  const machine = restorableMachine(service.machine, service.name, kept !== null);
  if (spec === undefined || machine === null) {
    room.warn(
      service.name,
      `What is kept of service "${service.name}" is not of this configuration or version; it is left alone`,
    );
    return null;
  }
  if (kept === null) return { spec, machine, run: null, unheard: null };
  const { state } = machine;
  const unborn = (state.kind === "starting" || state.kind === "stopping") && state.pid === null;
  return { spec, machine, run: takeOver(port, spec, kept), unheard: unborn ? kept.session : null };
}

/** Null: it was never spawned, as far as can be known. */
function withProcess(run: KeptRun, found: ReadonlyMap<string, number>): KeptRun | null {
  if (run.session > 0) return run;
  const pid = found.get(run.invocationId);
  return pid === undefined ? null : { ...run, session: pid, mainPid: pid };
}

function takeOver({ room, keeper }: RestorationPort, spec: ServiceSpec, kept: KeptRun): LiveRun {
  const run: LiveRun = {
    name: spec.name,
    run: kept.run,
    spec,
    invocationId: kept.invocationId,
    session: kept.session,
    mainPid: kept.mainPid,
    mainEnded: kept.mainEnded,
    startedAtMs: kept.startedAtMs === 0 ? room.realtimeMs() : kept.startedAtMs,
    child: true,
    pipes: kept.pipes,
    otherSessions: new Set(),
    orphans: new Set(),
    lastOrphanStatus: null,
    statusText: null,
    undo: [],
  };
  const [stdout = null, stderr = null] = keeper.take(depositOf(run.invocationId)) ?? [];
  room.hub.openRun(run.name, run.run, { stdout, stderr });
  room.live.add(run);
  for (const session of kept.otherSessions) room.live.learnSession(run, session);
  return run;
}

/** A stop had begun of what was never spawned: nobody is going to tell its end. */
function tellUnborn(room: Room, { machine }: Heir): void {
  const { state, name, run } = machine;
  if (state.kind !== "stopping") return;
  const failure = {
    stage: "spawning it before the supervisor ended",
    errno: "EINTR",
    transient: true,
  };
  room.post({ type: "spawnFailed", name, run, failure });
}

/** A run that was over, or never began. */
function dismiss({ room, keeper }: RestorationPort, name: string): void {
  for (const fd of keeper.take(name) ?? []) room.kernel.close(fd);
  keeper.withdraw(name);
}

function lives(room: Room, run: LiveRun): boolean {
  const stat = readStat(room.proc, run.mainPid);
  return stat !== null && isLive(stat);
}
