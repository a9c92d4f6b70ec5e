import type { ExitStatus, ForkedAway } from "@supervise/model";
import { isLive, readStat } from "@supervise/process";
import type { DaemonCandidates } from "./daemon-candidates.js";
import type { LiveRun } from "./live-run.js";
import type { Room } from "./room.js";
import type { Trees } from "./trees.js";

/** A main process that ends well later than this has done its work; what it leaves then is no daemon that it has become, in milliseconds. */
const FORKS_WITHIN_MS = 60_000;

/**
 * What the main process of a long-lived service has left in the background, where it looks as if it had put itself there: it ended well, soon after its
 * start, and processes of its tree live on. A program that hides whose it is, is named where nothing of the tree is left. Undefined: it did not.
 */
export function forkedAway(
  room: Room,
  trees: Trees,
  candidates: DaemonCandidates,
  run: LiveRun,
  status: ExitStatus,
): ForkedAway | undefined {
  if (run.spec.type !== "service" || status.kind !== "code" || status.code !== 0) return undefined;
  if (room.realtimeMs() - run.startedAtMs > FORKS_WITHIN_MS) return undefined;
  // The reaper has just looked for orphans; when many end at once, none of them looks again for nothing.
  if (run.child && run.orphans.size === 0 && trees.unattributed().length === 0) return undefined;
  const lives = (pid: number): boolean => {
    const stat = pid === run.mainPid ? null : readStat(room.proc, pid);
    return stat !== null && isLive(stat);
  };
  const pids = trees.members(run).filter(lives);
  if (pids.length > 0) return { pids, proved: true };
  const hidden = candidates.likely(run).filter(lives);
  return hidden.length > 0 ? { pids: hidden, proved: false } : undefined;
}
