import type { ServiceMachine, ServiceSpec } from "@supervise/model";
import type { LiveRun } from "../live-run.js";
import type { Room } from "../room.js";
import type { KeptRun } from "./journal.js";

/** A stop that was written down and whose signal was not sent: the one before us died in between. It has all of its grace period from now on. */
export function withUnsentStop(
  { keeping, monotonicMs }: Room,
  machine: ServiceMachine,
  spec: ServiceSpec,
  { birthPlace }: KeptRun,
): ServiceMachine {
  const { state } = machine;
  if (state.kind !== "stopping" || state.stage !== "signalled") return machine;
  if (keeping.hadStopBegun(birthPlace)) return machine;
  return { ...machine, state: { ...state, deadlineMs: monotonicMs() + spec.stop.gracePeriodMs } };
}

/**
 * Begins it, once the others know that all is being stopped. A stop command that ran has ended with the one who ran it, and is run again in the time that is
 * left. What was told by the stop signal is told no more.
 */
export function resumeStop(
  { keeping }: Room,
  run: LiveRun,
  { state }: ServiceMachine,
  begin: (run: LiveRun) => void,
): void {
  if (state.kind !== "stopping" || state.stage !== "signalled") return;
  const command = run.spec.stop.command ?? null;
  if (command === null && keeping.hadStopBegun(run.birthPlace)) return;
  setImmediate(() => begin(run));
}
