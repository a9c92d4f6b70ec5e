import { constants } from "node:fs";
import type { Engine, ExitStatus } from "@supervise/model";
import {
  classify,
  inodeOfDescriptor,
  killTrees,
  listPids,
  processTable,
  readIdentity,
  readInvocationId,
  readStat,
  sameProcess,
  signalProved,
  type ClassifyOptions,
  type RecordStore,
  type RunTree,
  type ServiceRecord,
} from "@supervise/process";
import type { LiveRun } from "./live-run.js";
import { watchMain } from "./main-watch.js";
import type { Room } from "./room.js";

/** Of signal(7). */
const SIGTERM = 15;

export interface AdoptionPort {
  readonly room: Room;
  readonly engine: Engine;
  readonly records: RecordStore | null;
  /** An adopted main process has ended. */
  readonly ended: (run: LiveRun, status: ExitStatus) => void;
  /** Told of each run that was taken over, before the engine is. */
  readonly adopted: (run: LiveRun) => void;
}

export interface Adopted {
  /** Services that are not to be started: they live already, or an operator stopped them and their policy remembers it. */
  readonly except: readonly string[];
}

/**
 * Takes over what an earlier supervisor of this project left running: each process whose record names it by number, start time, boot and PID
 * namespace. Nothing is started twice, nothing restarted; output is read on where it stopped. A record that names a process that is gone is worth nothing.
 */
export function adoptSurvivors(port: AdoptionPort): Adopted {
  const { room, engine, records } = port;
  const except: string[] = [];
  if (records === null) return { except };
  const { loaded } = records;
  if (loaded.skipped.length > 0)
    room.warn(
      null,
      `"${records.path}" holds ${loaded.skipped.length} lines that are no records; they are skipped`,
    );
  const leftovers: ServiceRecord[] = [];
  const unfinished = findUnfinished(port, loaded.records.values());
  for (const written of loaded.records.values()) {
    const record = unfinished.get(written.service) ?? written;
    const spec = engine.spec(record.service);
    const lives = record.main !== null && sameProcess(room.proc, record.main);
    if (spec === undefined) {
      if (lives) endRemoved(room, { ...record, mainPid: record.main?.pid ?? 0 });
      records.append({ service: record.service, forgotten: true });
    } else if (lives) {
      if (adopt(port, record)) except.push(record.service);
    } else {
      leftovers.push(record);
      if (record.wanted === "down" && spec.restart.kind === "unless-stopped")
        except.push(record.service);
    }
  }
  endLeftovers(room, leftovers);
  return { except };
}

/** From SIGTERM to SIGKILL for a service whose spec, and with it its grace period, is gone, in milliseconds. */
const REMOVED_GRACE_MS = 10_000;

type RemovedRun = Pick<ServiceRecord, "service" | "session" | "invocationId"> & {
  readonly mainPid: number;
};

/** A service that left the configuration while no supervisor lived: nobody would ever stop it. */
export function endRemoved(room: Room, run: RemovedRun): void {
  const { mainPid, session } = run;
  const tree = { ...treeOf(run), mainPid, session };
  const port = { kernel: room.kernel, proc: room.proc, options: lookup() };
  room.warn(
    null,
    `Service "${run.service}" left the configuration while no supervisor lived; its process ${mainPid} is stopped`,
  );
  const { members } = classify(room.proc, processTable(room.proc), [tree], lookup());
  for (const stat of members.get(tree.key) ?? []) signalProved(port, stat, SIGTERM);
  const timer = setTimeout(
    () => killTrees(port, [{ ...tree, mainPid: 0, session: 0 }]),
    REMOVED_GRACE_MS,
  );
  timer.unref();
}

/**
 * A main process that ended while no supervisor lived may have left others of its tree: the next run must not meet them. There is no grace period, since
 * the run is long over.
 */
function endLeftovers(room: Room, records: readonly ServiceRecord[]): void {
  const trees = records.filter(({ invocationId }) => invocationId !== "").map(treeOf);
  if (trees.length === 0) return;
  const { members } = classify(room.proc, processTable(room.proc), trees, lookup());
  const left = trees.filter(({ key }) => (members.get(key) ?? []).length > 0);
  if (left.length === 0) return;
  for (const { key } of left) {
    const pids = (members.get(key) ?? []).map(({ pid }) => pid).join(", ");
    room.warn(
      key,
      `Service "${key}" ended while no supervisor lived and left processes (pid ${pids}); they are killed before it starts again`,
    );
  }
  killTrees({ kernel: room.kernel, proc: room.proc, options: lookup() }, left);
}

/** To whom orphans of an earlier supervisor may have fallen: to init, to whoever reaps above us, or to us. */
function lookup(): ClassifyOptions {
  return { adopters: [1, process.pid, process.ppid] };
}

/** By its identifier alone: the numbers of an ended run may be another's by now. */
function treeOf(record: Pick<ServiceRecord, "service" | "invocationId">): RunTree {
  return {
    key: record.service,
    mainPid: 0,
    session: 0,
    startTicks: 0,
    invocationId: record.invocationId,
    cgroupPath: null,
    knownPids: [],
    pipes: [],
  };
}

/**
 * Runs that were about to be spawned when the supervisor died: whether they came to be only the kernel knows, by the identifier in their
 * environment. The leader of its own session is the one that was spawned.
 */
function findUnfinished(
  { room }: AdoptionPort,
  records: Iterable<ServiceRecord>,
): ReadonlyMap<string, ServiceRecord> {
  const sought = new Map<string, ServiceRecord>();
  for (const record of records)
    if (record.main === null && record.state === "starting" && record.invocationId !== "")
      sought.set(record.invocationId, record);
  const found = new Map<string, ServiceRecord>();
  if (sought.size === 0) return found;
  for (const pid of listPids(room.proc)) {
    const record = sought.get(readInvocationId(room.proc, pid) ?? "");
    if (record === undefined || readStat(room.proc, pid)?.session !== pid) continue;
    const [stdoutPipe, stderrPipe] = [
      inodeOfDescriptor(room.proc, pid, 1),
      inodeOfDescriptor(room.proc, pid, 2),
    ];
    found.set(record.service, {
      ...record,
      main: readIdentity(room.proc, pid),
      session: pid,
      stdoutPipe,
      stderrPipe,
    });
  }
  return found;
}

function adopt({ room, engine, ended, adopted }: AdoptionPort, record: ServiceRecord): boolean {
  const spec = engine.spec(record.service);
  const pid = record.main?.pid ?? 0;
  if (spec === undefined) return false;
  const pidfd = room.kernel.pidfdOpen(pid);
  // Proved once more with the pidfd in hand: from here on the number can't be another's.
  if (pidfd < 0 || record.main === null || !sameProcess(room.proc, record.main)) {
    if (pidfd >= 0) room.kernel.close(pidfd);
    return false;
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
    pipes: [record.stdoutPipe, record.stderrPipe].flatMap((inode) => inode ?? []),
    otherSessions: new Set(),
    orphans: new Set(),
    lastOrphanStatus: null,
    statusText: null,
    undo: [],
  };
  watchMain(room, run, pid, pidfd, ended);
  const output = {
    stdout: reopen(room, pid, 1, record.stdoutPipe),
    stderr: reopen(room, pid, 2, record.stderrPipe),
  };
  room.hub.openRun(run.name, run.run, output, run.invocationId);
  room.live.add(run);
  // A daemon has made a session of its own since the run was spawned; only it can make the one that has its number.
  room.live.learnSession(run, readStat(room.proc, pid)?.session ?? pid);
  room.live.learnSession(run, pid);
  adopted(run);
  room.events.add({
    service: run.name,
    kind: "state",
    message: `${run.name} was found running and taken over, pid ${pid}`,
    pid,
    run: run.run,
  });
  room.hub.say(`${run.name} was found running and taken over, pid ${pid}`, "info");
  room.post({ type: "adopted", name: run.name, run: run.run, pid, ready: record.ready });
  return true;
}

/** The read end of a pipe that the process still writes into, through /proc; null where it is no longer the pipe that the run was given. */
export function reopen(room: Room, pid: number, fd: number, inode: number | null): number | null {
  if (inode === null || inodeOfDescriptor(room.proc, pid, fd) !== inode) return null;
  const opened = room.kernel.open(
    `/proc/${pid}/fd/${fd}`,
    constants.O_RDONLY | constants.O_NONBLOCK,
    0,
  );
  return opened < 0 ? null : opened;
}
