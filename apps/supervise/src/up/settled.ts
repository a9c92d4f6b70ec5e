import { describeCause } from "@supervise/model";
import type { Core } from "@supervise/supervisor";

/** How a foreground `up` ends by itself. */
export type Outcome = "completed" | "failed";

/** Is nothing left to do? Every service that was asked for is done or has failed for good. */
export function outcomeOf(core: Core): Outcome | null {
  let outcome: Outcome = "completed";
  for (const { state } of core.engine.snapshots()) {
    switch (state.kind) {
      case "done":
        break;
      case "failed":
        outcome = "failed";
        break;
      case "down":
        // Never started: it was not asked for. Stopped: somebody may start it again.
        if (state.cause !== null) return null;
        break;
      default:
        return null;
    }
  }
  return outcome;
}

/** Why it all ended, in one line. Asked once everything is down. */
export function reasonOf(core: Core, outcome: Outcome | "stopped"): string {
  if (outcome === "completed") return "every service is done";
  const causes = Array.from(core.engine.snapshots(), ({ wantedBy }) => wantedBy);
  const asked = causes.find(({ kind }) => kind === "signal" || kind === "shutdown");
  if (outcome === "stopped")
    return asked === undefined ? "stopped" : `stopped ${describeCause(asked)}`;
  return "every service is done or has failed";
}

/** Of the command. */
export function exitCodeOf(outcome: Outcome | "stopped"): number {
  return outcome === "failed" ? 1 : 0;
}
