import { readStat, signalProved } from "@supervise/process";
import type { Result } from "@supervise/sys";
import type { LiveRun } from "./live-run.js";
import type { Room } from "./room.js";

const ESRCH = -3;

/**
 * Sends a signal to the main process of a run. A child of ours has its number until we collect it; under a keeper, and where its parent still
 * lives (a daemon that was upgraded), the number may be another's before we have heard of its end, so the process is proved to be the run's, by its session, and bound by a pidfd while it is signalled.
 */
export function signalMain(room: Room, run: LiveRun, signal: number): Result {
  const { mainPid, session, otherSessions } = run;
  if (isOurChild(room, run)) return room.kernel.kill(mainPid, signal);
  const stat = readStat(room.proc, mainPid);
  if (stat?.ppid === process.pid) return room.kernel.kill(mainPid, signal);
  if (stat === null || (stat.session !== session && !otherSessions.has(stat.session))) return ESRCH;
  return signalProved(room, stat, signal) ? 0 : ESRCH;
}

/** Known without a look: it is the process that we have spawned, and nobody stands between. (One that was adopted may be anybody's child.) */
function isOurChild({ keeping }: Room, { child, mainPid, mainEnded, session }: LiveRun): boolean {
  return child && !mainEnded && mainPid === session && keeping.parentPid === process.pid;
}
