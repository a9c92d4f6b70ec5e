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
