/** What runs of services that nobody is going to take over left behind: proved to be ours by the identifier in its environment, and ended. */
import {
  classify,
  killTrees,
  processTable,
  signalProved,
  type ClassifyOptions,
  type RunTree,
  type ServiceRecord,
} from "@supervise/process";
import type { Room } from "./room.js";

/** Of signal(7). */
const SIGTERM = 15;

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
export function endLeftovers(room: Room, records: readonly ServiceRecord[]): void {
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
export function lookup(): ClassifyOptions {
  return { adopters: [1, process.pid, process.ppid] };
}

/** By its identifier alone: the numbers of an ended run may be another's by now. */
export function treeOf(record: Pick<ServiceRecord, "service" | "invocationId">): RunTree {
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
