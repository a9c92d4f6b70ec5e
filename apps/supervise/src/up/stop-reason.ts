import { describeCause } from "@supervise/model";
import type { Core } from "@supervise/supervisor";

/** Who asked for the end, in one line. Asked once everything is down. */
export function stopReason(core: Core): string {
  const causes = Array.from(core.engine.snapshots(), ({ wantedBy }) => wantedBy);
  const asked = causes.find(({ kind }) => kind === "signal" || kind === "shutdown");
  return asked === undefined ? "stopped" : `stopped ${describeCause(asked)}`;
}
