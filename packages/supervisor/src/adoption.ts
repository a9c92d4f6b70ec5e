import {
  restorableMachine,
  type Engine,
  type ExitStatus,
  type ServiceMachine,
} from "@supervise/model";
import {
  bootId,
  readStat,
  sameProcess,
  type RecordStore,
  type ServiceRecord,
} from "@supervise/process";
import { fateOf, type Fate, type Found } from "./fates.js";
import { endLeftovers, endRemoved } from "./leftovers.js";
import type { LiveRun } from "./live-run.js";
import { watchMain } from "./main-watch.js";
import { reopenOutput, reopenReady } from "./reopen.js";
import type { Room } from "./room.js";
import { specMark } from "./spec-mark.js";
import { findUnfinished } from "./unfinished.js";
import { openUnseenEnds, tellUnseenEnds, uncollectedStatus } from "./unseen-ends.js";

export interface AdoptionPort {
  readonly room: Room;
  readonly engine: Engine;
  readonly records: RecordStore | null;
  /** What does not live is to be started, whatever its record says. */
  readonly fresh: boolean;
  /** An adopted main process has ended. */
  readonly ended: (run: LiveRun, status: ExitStatus) => void;
  /** Told of each run that was taken over, before the engine is. `ready`: the read end of what it tells its readiness by. `stopping`: its stop had begun. */
  readonly adopted: (run: LiveRun, how: AdoptedRun) => void;
}

export interface AdoptedRun {
  readonly ready: number | null;
  readonly stopping: boolean;
  /** A forking service's daemon was found before. */
  readonly moved: boolean;
}

export interface Adopted {
  /** Services that are not to be started: they live already, have come to their end, or an operator stopped them and their policy remembers it. */
  readonly except: readonly string[];
  /** Those of them that live, and not by `except` alone. */
  readonly living: readonly string[];
  /** Those that live and were started as something else than the configuration says now: they are to be restarted, as a reload would. */
  readonly changed: readonly string[];
  /** How those that live came to be ours, for `why`. */
  readonly sentences: ReadonlyMap<string, { readonly run: number; readonly sentence: string }>;
}

type Known = Found & { readonly fate: Fate };

/**
 * Takes over what an earlier supervisor of this project left running: each process whose record names it by number, start time, boot and PID
 * namespace. Nothing is started twice, nothing restarted; output is read on where it stopped. What ended meanwhile has its fate (fates.ts).
 */
export function adoptSurvivors(port: AdoptionPort): Adopted {
  const { room, records } = port;
  if (records === null) return { except: [], living: [], changed: [], sentences: new Map() };
  const { loaded } = records;
  if (loaded.skipped.length > 0)
    room.warn(
      null,
      `"${records.path}" holds ${loaded.skipped.length} lines that are no records; they are skipped`,
    );
  const known = judge(port, findAll(port));
  const adopted = known.flatMap((one) => {
    const lives = one.fate.kind === "adopt" || one.fate.kind === "stopOn";
    const found = lives ? adopt(port, one) : null;
    return found === null ? [] : [{ one, ...found }];
  });
  room.post({
    type: "restored",
    machines: known.flatMap(({ fate }) => ("machine" in fate ? [fate.machine] : [])),
  });
  for (const { one, run, ready } of adopted) tellAdopted(room, one, run, ready);
  const dead = known.filter(({ lives }) => !lives);
  const unseen = openUnseenEnds(room, dead);
  endLeftovers(
    room,
    dead.map(({ record }) => record),
  );
  tellUnseenEnds(room, unseen);
  for (const { fate, record } of dead)
    if (!("machine" in fate)) room.hub.numberRunsAnew(record.service);
  for (const { fate, record } of known)
    if (fate.kind === "ended")
      room.post({ type: "treeGone", name: record.service, run: record.run });
  const isLive = new Set(adopted.map(({ run }) => run.name));
  return {
    except: known
      .filter(({ fate, spec }) =>
        fate.kind === "adopt" || fate.kind === "stopOn"
          ? isLive.has(spec.name)
          : fate.kind !== "start",
      )
      .map(({ spec }) => spec.name),
    living: [...isLive],
    changed: adopted
      .filter(({ one }) => one.changed && one.fate.kind === "adopt")
      .map(({ run }) => run.name),
    sentences: new Map(
      adopted.map(({ run }) => [
        run.name,
        {
          run: run.run,
          sentence: `run ${run.run} (pid ${run.mainPid}) was adopted at ${new Date(room.realtimeMs()).toISOString()}, after the supervisor before had died`,
        },
      ]),
    ),
  };
}

function findAll({ room, engine, records }: AdoptionPort): readonly Found[] {
  const all = records?.loaded.records ?? new Map<string, ServiceRecord>();
  const unfinished = findUnfinished(room, all.values());
  return [...all.values()].flatMap((written) => {
    const record = unfinished.get(written.service) ?? written;
    const spec = engine.spec(record.service);
    const lives = record.main !== null && sameProcess(room.proc, record.main);
    if (spec === undefined) {
      if (lives) endRemoved(room, { ...record, mainPid: record.main?.pid ?? 0 });
      records?.append({ service: record.service, forgotten: true });
      return [];
    }
    const changed = record.mark !== null && record.mark !== specMark(spec);
    const status = uncollectedStatus(room.proc, record);
    return [{ record, spec, machine: machineOf(room, record), lives, status, changed }];
  });
}

/** Its times are of one boot, and it speaks of one run. */
function machineOf(room: Room, record: ServiceRecord): ServiceMachine | null {
  if (record.bootId === "" || record.bootId !== bootId(room.proc)) return null;
  const machine = restorableMachine(record.machine, record.service, true);
  return machine?.run === record.run ? machine : null;
}

function judge({ fresh }: AdoptionPort, found: readonly Found[]): readonly Known[] {
  const takeover = !fresh && found.some(({ lives }) => lives);
  return found.map((one) => {
    const fate = fateOf(one, takeover);
    return { ...one, fate: fresh && fate.kind === "leave" ? { kind: "start" } : fate };
  });
}

/** Null: it has ended in this moment. */
function adopt(
  port: AdoptionPort,
  { record, spec, fate, machine }: Known,
): { readonly run: LiveRun; readonly ready: boolean } | null {
  const { room, ended, adopted } = port;
  const pid = record.main?.pid ?? 0;
  const pidfd = room.kernel.pidfdOpen(pid);
  // Proved once more with the pidfd in hand: from here on the number can't be another's.
  if (pidfd < 0 || record.main === null || !sameProcess(room.proc, record.main)) {
    if (pidfd >= 0) room.kernel.close(pidfd);
    return null;
  }
  const run: LiveRun = {
    name: record.service,
    run: record.run,
    spec,
    invocationId: record.invocationId,
    birthPlace: -1,
    session: record.session,
    mainPid: pid,
    mainEnded: false,
    startedAtMs: record.startedAtMs ?? room.realtimeMs(),
    child: false,
    pipes: [record.stdoutPipe, record.stderrPipe, record.readyPipe].flatMap((inode) => inode ?? []),
    otherSessions: new Set(),
    orphans: new Set(),
    lastOrphanStatus: null,
    statusText: null,
    undo: [],
  };
  watchMain(room, run, pid, pidfd, ended);
  room.hub.openRun(run.name, run.run, reopenOutput(room, record, pid), run.invocationId);
  room.live.add(run);
  // A daemon has made a session of its own since the run was spawned; only it can make the one that has its number.
  room.live.learnSession(run, readStat(room.proc, pid)?.session ?? pid);
  room.live.learnSession(run, pid);
  const check = spec.ready?.check;
  const ready = check?.kind === "fd" ? reopenReady(room, record, pid, check.fd) : null;
  adopted(run, {
    ready: ready === "closed" ? null : ready,
    stopping: fate.kind === "stopOn",
    moved: machine?.moved ?? spec.type === "forking",
  });
  return { run, ready: record.ready || ready === "closed" };
}

function tellAdopted(room: Room, { fate, changed }: Known, run: LiveRun, ready: boolean): void {
  const { name, mainPid: pid } = run;
  const what =
    fate.kind === "stopOn"
      ? "its stop goes on"
      : "it was started as the configuration said before, and is restarted";
  const rest = fate.kind === "stopOn" || changed ? `; ${what}` : "";
  const message = `${name} was found running and taken over, pid ${pid}${rest}`;
  room.events.add({ service: name, kind: "adopted", message, pid, run: run.run });
  room.hub.say(message, "info");
  if (fate.kind !== "adopt") return;
  const sinceMs = room.monotonicMs() - Math.max(0, room.realtimeMs() - run.startedAtMs);
  room.post({ type: "adopted", name, run: run.run, pid, ready, sinceMs });
}
