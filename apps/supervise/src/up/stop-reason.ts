import { describeCause, isStuck } from "@supervise/model";
import type { Core } from "@supervise/supervisor";
import type { Verdict } from "./exit-policy.js";

/** What is not gone although all was done that can be. Null: everything is. Asked once a stop is over. */
export function leftBehind(core: Core): Verdict | null {
  const stuck = Array.from(core.engine.snapshots()).filter(({ state }) => isStuck(state));
  if (stuck.length === 0) return null;
  const names = stuck.map(({ name }) => `"${name}"`).join(", ");
  return { exitCode: 1, reason: `processes of ${names} are still running after SIGKILL` };
}

/** Who asked for the end, in one line. Asked once everything is down. */
export function stopReason(core: Core): string {
  const causes = Array.from(core.engine.snapshots(), ({ wantedBy }) => wantedBy);
  const asked = causes.find(({ kind }) => kind === "signal" || kind === "shutdown");
  return asked === undefined ? "stopped" : `stopped ${describeCause(asked)}`;
}
