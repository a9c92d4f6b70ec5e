import {
  restorableMachine,
  type Cause,
  type Engine,
  type ServiceMachine,
  type ServiceSpec,
} from "@supervise/model";
import { isLive, readStat, type Keeper } from "@supervise/process";
import { endRemoved } from "../leftovers.js";
import { reopen } from "../reopen.js";
import { isInput } from "../inputs.js";
import type { LiveRun } from "../live-run.js";
import type { Room } from "../room.js";
import { readJournal, type KeptRun, type KeptService } from "./journal.js";
import type { KeptReadiness } from "../start-run.js";
import { depositOf, RUN_DEPOSITS } from "./keeping.js";
import { withUnsentStop } from "./resume-stop.js";

export interface RestorationPort {
  readonly room: Room;
  readonly engine: Engine;
  readonly keeper: Keeper;
  /** What is restored is no news. */
  readonly known: (machines: readonly ServiceMachine[]) => void;
  /** Told of each run that goes on, before the engine is. */
  readonly resumed: (run: LiveRun, machine: ServiceMachine, kept: KeptReadiness) => void;
  /** Runs of whose processes nobody tells the end. */
  readonly watch: (runs: readonly LiveRun[]) => void;
  /** Runs whose main process is known to have ended. */
  readonly drainOn: (runs: readonly LiveRun[]) => void;
}

export interface Restored {
  /** Services that are known from before. */
  readonly names: readonly string[];
  /** Runs whose processes are gone, and whose end the keeper has yet to tell. */
  readonly awaited: () => readonly LiveRun[];
}

/**
 * Events that the supervisor before may have given out after it had last written down their number, at most, where it could not write the events
 * themselves: a successor begins so far above, that no number means two events. What was not written nobody has read.
 */
const UNWRITTEN_EVENTS = 100;

/** A run as it is taken over. */
interface OldRun {
  readonly run: LiveRun;
  readonly kept: KeptReadiness;
}

/** One service as it is taken over. */
interface Heir {
  readonly spec: ServiceSpec;
  readonly machine: ServiceMachine;
  readonly old: OldRun | null;
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
  const { services, events } = readJournal(fd);
  const kept = [...services.values()];
  room.kernel.close(fd);
  const unwritten = Math.max(0, ...kept.map(({ seq }) => seq)) + UNWRITTEN_EVENTS;
  room.events.restore(events, events.at(-1)?.seq ?? unwritten);
  room.keeping.begin(kept);
  const heirs = kept.flatMap((service) => heirOf(port, service) ?? []);
  for (const { old, machine } of heirs) if (old !== null) port.resumed(old.run, machine, old.kept);
  port.known(heirs.map(({ machine }) => machine));
  room.post({ type: "restored", machines: heirs.map(({ machine }) => machine) });
  for (const { old, unheard } of heirs)
    if (old !== null && unheard !== null)
      room.post({ type: "spawned", name: old.run.name, run: old.run.run, pid: unheard });
  for (const heir of heirs) if (heir.old === null) tellUnborn(room, heir);
  const runs = heirs.flatMap(({ old }) => old?.run ?? []);
  port.watch(runs.filter(({ child }) => !child));
  port.drainOn(runs.filter(({ mainEnded }) => mainEnded));
  for (const name of keeper.left())
    if (RUN_DEPOSITS.some((kind) => name.startsWith(depositOf(kind, ""))) || isInput(name))
      dismiss(port, name);
  const down = heirs.map(({ machine }) => shutdownOf(machine)).find((cause) => cause !== null);
  if (down !== undefined && !engine.shuttingDown) room.post({ type: "shutDown", cause: down });
  const names = heirs.map(({ spec }) => spec.name);
  return {
    names,
    awaited: () =>
      runs.filter((run) => run.child && !run.mainEnded && run.mainPid > 0 && !lives(room, run)),
  };
}

/** A stop that only a shutdown asks for. */
function shutdownOf({ wanted, wantedBy }: ServiceMachine): Cause | null {
  const shutdown = wantedBy.kind === "shutdown" || wantedBy.kind === "signal";
  return wanted === "down" && shutdown ? wantedBy : null;
}

function heirOf(port: RestorationPort, service: KeptService): Heir | null {
  const { room, engine } = port;
  const spec = engine.spec(service.name);
  const kept = service.run === null ? null : withProcess(room, service.run);
  const machine = restorableMachine(service.machine, service.name, kept !== null);
  if (spec === undefined || machine === null) {
    // A reload had dropped it, or another version has written of it what we don't understand.
    if (kept !== null) endRemoved(room, { ...kept, service: service.name });
    room.keeping.forget(service.name);
    return null;
  }
  if (kept === null) return { spec, machine, old: null, unheard: null };
  const { state } = machine;
  const resumed = withUnsentStop(room, machine, spec, kept);
  const unborn = (state.kind === "starting" || state.kind === "stopping") && state.pid === null;
  return {
    spec,
    machine: resumed,
    old: takeOver(port, spec, kept),
    unheard: unborn ? kept.session : null,
  };
}

/** Null: it was never spawned. */
function withProcess(room: Room, run: KeptRun): KeptRun | null {
  if (run.session > 0) return run;
  const pid = room.keeping.bornAt(run.birthPlace);
  return pid === 0 ? null : { ...run, session: pid, mainPid: pid };
}

function takeOver({ room }: RestorationPort, spec: ServiceSpec, was: KeptRun): OldRun {
  const run: LiveRun = {
    name: spec.name,
    run: was.run,
    spec,
    invocationId: was.invocationId,
    birthPlace: was.birthPlace,
    session: was.session,
    mainPid: was.mainPid,
    mainEnded: was.mainEnded,
    startedAtMs: was.startedAtMs,
    child: was.child,
    pipes: was.pipes,
    ...(was.tty === true ? { tty: true } : {}),
    otherSessions: new Set(),
    orphans: new Set(),
    lastOrphanStatus: null,
    statusText: null,
    undo: [],
  };
  const { output, ...kept } = room.keeping.resume(run.invocationId);
  const [stdout = reopened(room, was, 1), stderr = reopened(room, was, 2)] = output;
  // The terminal itself, which is held as `openRunTerminal` says.
  const held = was.tty === true ? stderr : null;
  if (held !== null) run.undo.push(() => room.kernel.close(held));
  const read = { stdout, stderr: was.tty === true ? null : stderr };
  room.hub.openRun(run.name, run.run, read, run.invocationId);
  // Unless it was before the death.
  room.hub.markRun(run.name, { kind: "begin", run: run.run, pid: run.session });
  room.live.add(run);
  for (const session of was.otherSessions) room.live.learnSession(run, session);
  return { run, kept };
}

/** Adopted by the supervisor before from one without a keeper: its pipes were not deposited. */
function reopened(room: Room, was: KeptRun, fd: 1 | 2): number | null {
  return was.mainPid === 0 ? null : reopen(room, was.mainPid, fd, was.pipes[fd - 1] ?? null);
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
