import type { ExitStatus } from "@supervise/model";
import { readExitStatus } from "@supervise/process";
import { signalName } from "@supervise/sys";
import type { LiveRun } from "./live-run.js";
import type { Room } from "./room.js";

/**
 * Watches a main process that is not our child, by `pidfd`, which it owns from here on: SIGCHLD does not tell its end. Says nothing once
 * the run has another main process.
 */
export function watchMain(
  room: Room,
  run: LiveRun,
  pid: number,
  pidfd: number,
  ended: (run: LiveRun, status: ExitStatus) => void,
): void {
  const unwatch = room.watcher.readable(pidfd, () => {
    unwatch();
    if (run.mainEnded || run.mainPid !== pid) return;
    // The pidfd tells once it has been collected (Linux 6.15), /proc until then.
    ended(
      run,
      statusOfWait(readExitStatus(room.proc, pid) ?? room.kernel.pidfdExit(pidfd).waitStatus),
    );
  });
  run.undo.push(() => {
    unwatch();
    room.kernel.close(pidfd);
  });
}

/** From a raw wait status (wait(2)); null: it is not known. */
export function statusOfWait(waitStatus: number | null): ExitStatus {
  if (waitStatus === null) return { kind: "unknown" };
  const signal = waitStatus & 0x7f;
  return signal === 0
    ? { kind: "code", code: (waitStatus >> 8) & 0xff }
    : { kind: "signal", signal: signalName(signal), coreDumped: (waitStatus & 0x80) !== 0 };
}
