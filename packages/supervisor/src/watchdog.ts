import type { LiveRun } from "./live-run.js";
import type { NotifyMessage } from "./readiness/notify-message.js";
import type { Room } from "./room.js";

export interface Watchdogs {
  /** Begins to wait for the first WATCHDOG=1 of a run whose spec asks for it. */
  begin(live: LiveRun): void;
  received(live: LiveRun, message: NotifyMessage): void;
}

/** `WATCHDOG=1` of sd_notify(3): a service that does not say it in time counts as hung. */
export function createWatchdogs(room: Room): Watchdogs {
  const watched = new Map<LiveRun, { timeoutMs: number; timer: NodeJS.Timeout }>();

  const arm = (live: LiveRun, timeoutMs: number): void => {
    clearTimeout(watched.get(live)?.timer);
    const timer = setTimeout(() => {
      watched.delete(live);
      room.post({ type: "watchdogExpired", name: live.name, run: live.run, timeoutMs });
    }, timeoutMs);
    watched.set(live, { timeoutMs, timer });
  };

  return {
    begin: (live) => {
      if (live.spec.watchdogMs === null) return;
      arm(live, live.spec.watchdogMs);
      live.undo.push(() => {
        clearTimeout(watched.get(live)?.timer);
        watched.delete(live);
      });
    },
    received: (live, message) => {
      const current = watched.get(live);
      if (current === undefined) return;
      if (message.watchdog === "trigger") {
        clearTimeout(current.timer);
        watched.delete(live);
        room.post({
          type: "watchdogExpired",
          name: live.name,
          run: live.run,
          timeoutMs: current.timeoutMs,
        });
      } else if (message.watchdogMs !== null) arm(live, message.watchdogMs);
      else if (message.watchdog === "alive") arm(live, current.timeoutMs);
    },
  };
}
