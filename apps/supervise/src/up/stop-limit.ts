import { formatDuration, type Cause } from "@supervise/model";
import type { Core } from "@supervise/supervisor";

/** Kills what is left once an orderly stop of everything has taken so long, in milliseconds. Returns the undo. */
export function limitStop(core: Core, limitMs: number): () => void {
  let timer: NodeJS.Timeout | null = null;
  const unlisten = core.onChange(() => {
    if (timer !== null || !core.engine.shuttingDown) return;
    timer = setTimeout(() => {
      core.room.warn(
        null,
        `The stop has taken ${formatDuration(limitMs)}, its limit: what is left is killed`,
      );
      core.room.post({ type: "shutDownNow", cause: causeOf(core) });
    }, limitMs);
  });
  return () => {
    unlisten();
    if (timer !== null) clearTimeout(timer);
  };
}

/** It is still the stop that somebody has asked for. */
function causeOf(core: Core): Cause {
  const causes = Array.from(core.engine.snapshots(), ({ wantedBy }) => wantedBy);
  return causes.find(({ kind }) => kind === "signal" || kind === "shutdown") ?? { kind: "policy" };
}
