import type { Inputs } from "./inputs.js";
import type { LiveRun } from "./live-run.js";
import type { Room } from "./room.js";

/** So long may a service take to end by itself at the end of its input, in milliseconds, before it is told to; again and again while it reads. */
const PATIENCE_MS = 1_000;

/**
 * The end of a service that reads the lines of others, when everything ends: they have ended before it, so it gets the end of its input behind their last lines, and its stop signal once it has read
 * all or has stopped reading. `go` sends that. Its deadline holds all the while.
 */
export function endInput(room: Room, inputs: Inputs, run: LiveRun, go: () => void): void {
  const { name } = run;
  room.hub.endInput(name, () => inputs.end(name));
  let left = Number.POSITIVE_INFINITY;
  let timer: NodeJS.Timeout | null = null;
  const wait = (): void => {
    timer = setTimeout(look, PATIENCE_MS);
  };
  const look = (): void => {
    const now = inputs.unread(name);
    const reads = now > 0 && now < left;
    left = now;
    if (run.mainEnded) return;
    if (reads) wait();
    else go();
  };
  wait();
  run.undo.push(() => {
    if (timer !== null) clearTimeout(timer);
  });
}
