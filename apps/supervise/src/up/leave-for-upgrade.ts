import type { Keeper } from "@supervise/process";
import type { Core } from "@supervise/supervisor";
import { endDespiteHangs } from "./end-despite-hangs.js";

/** So long an answer and the last events have to get to the clients, in milliseconds. */
const LAST_WORDS_MS = 50;

/** A reader of the terminal that has stopped must not hold up the upgrade, in milliseconds. */
const TERMINAL_MS = 1_000;

/**
 * Ends this process, for the keeper to start the next one. What that one goes by is written down after each event, and everything that is open is with the
 * keeper, so the end needs nothing but the keeper's word. The control socket stays: whoever connects meanwhile is answered by the next one.
 */
export function leaveForUpgrade(core: Core, keeper: Keeper | null): void {
  const leave = (): void => {
    keeper?.upgrade();
    endDespiteHangs(core);
    process.exit(0);
  };
  setTimeout(() => {
    setTimeout(leave, TERMINAL_MS);
    void core.room.hub.flush().then(leave);
  }, LAST_WORDS_MS);
}
