import type { ExitStatus } from "@supervise/model";
import { readStat } from "@supervise/process";
import type { LiveRun } from "./live-run.js";
import { watchMain } from "./main-watch.js";
import type { Room } from "./room.js";
import type { Trees } from "./trees.js";

/** How a run comes to another main process than the one that was spawned. */
export interface MainMoves {
  /** The run itself has named it (MAINPID= of sd_notify(3)); refused, with a warning, where it is not of its tree. */
  named(run: LiveRun, pid: number): void;
  /** It was proved to be of the run. */
  become(run: LiveRun, pid: number): void;
}

export interface MainMovesPort {
  /** Written down before the engine hears of it. */
  readonly moved: (run: LiveRun) => void;
  /** It has ended, and is not our child. */
  readonly ended: (run: LiveRun, status: ExitStatus) => void;
}

export function createMainMoves(room: Room, trees: Trees, port: MainMovesPort): MainMoves {
  const become = (run: LiveRun, pid: number): void => {
    trees.promote(run, pid);
    room.live.moveMain(run, pid);
    // Its parent, another process of the run, lives yet: SIGCHLD does not tell us its end.
    const isOurs = readStat(room.proc, pid)?.ppid === room.keeping.parentPid;
    const pidfd = isOurs ? -1 : room.kernel.pidfdOpen(pid);
    if (pidfd >= 0) watchMain(room, run, pid, pidfd, port.ended);
    port.moved(run);
    room.keeping.changed(run.name);
    room.post({ type: "mainMoved", name: run.name, run: run.run, pid });
  };

  return {
    become,
    named: (run, pid) => {
      if (!trees.members(run).includes(pid)) {
        room.warn(
          run.name,
          `Service "${run.name}" names pid ${pid} as its main process, which is not of its tree; ignored`,
        );
        return;
      }
      const old = run.mainPid;
      become(run, pid);
      if (old > 0) trees.demote(run, old);
    },
  };
}
