import type { ServiceStatus } from "@supervise/model";

/** "yes" or "no" for a service that runs; null: there is nothing to be ready, as it doesn't run, or is a oneshot, which does its work or has done it. */
export function readyWord({ pid, type, ready }: ServiceStatus): "yes" | "no" | null {
  if (pid === null || type === "oneshot") return null;
  return ready ? "yes" : "no";
}
