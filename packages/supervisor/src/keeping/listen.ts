import type { Exit, Keeper, Signal } from "@supervise/process";
import type { EndedChild } from "@supervise/sys";
import type { Reaper } from "../reaper.js";
import type { Room } from "../room.js";

export interface ListenPort {
  readonly room: Room;
  readonly keeper: Keeper;
  readonly reaper: Reaper;
  readonly signal: (signal: Signal) => boolean | Promise<unknown>;
}

/**
 * Hands what the keeper tells to the reaper and to `signal`. An end is acknowledged when all that it brings about has been dispatched and written down,
 * which is when `told` returns. Should the keeper go, we become our own subreaper and go on.
 */
export function listenToKeeper({ room, keeper, reaper, signal }: ListenPort): void {
  keeper.listen({
    signal,
    exits: (exits) => reaper.told(exits.map(endedChild)),
    problem: (message) => room.warn(null, `${message[0]?.toUpperCase() ?? ""}${message.slice(1)}`),
    gone: () => {
      room.keeping.lost();
      room.kernel.setSubreaper(true);
      reaper.onOurOwn();
      room.warn(
        null,
        "The keeper is gone: the supervisor goes on as its own reaper, and nobody would start it anew",
      );
    },
  });
}

const CLD_EXITED = 1;
const CLD_DUMPED = 3;

function endedChild(exit: Exit): EndedChild {
  const exited = exit.code === CLD_EXITED;
  return {
    pid: exit.pid,
    code: exited ? exit.status : null,
    signal: exited ? null : exit.status,
    coreDumped: exit.code === CLD_DUMPED,
    userCpuMicros: exit.userCpuMicros,
    systemCpuMicros: exit.systemCpuMicros,
    maxRssBytes: exit.maxRssBytes,
  };
}
