import type { ServiceMachine } from "@supervise/model";
import type { LiveRun } from "../live-run.js";
import type { Keeping } from "./keeping.js";

/**
 * A stop is written down before anything is done about it, so what the supervisor before had written it may not have begun: then it is begun now, once the
 * others know that all is being stopped. A stop command that ran has ended with the one who ran it. What was told by the stop signal is told no more.
 */
export function resumeStop(
  keeping: Keeping,
  run: LiveRun,
  { state }: ServiceMachine,
  begin: (run: LiveRun) => void,
): void {
  if (state.kind !== "stopping" || state.stage !== "signalled") return;
  if (!keeping.wasSignalled(run)) setImmediate(() => begin(run));
}
