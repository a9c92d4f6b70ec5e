import type { Health } from "./state.js";
import type { ServiceStatus } from "./status.js";

/** What a service's healthcheck has found; null: it has none, or doesn't run, so that there is nothing to be healthy. */
export function healthWord({
  pid,
  health,
}: Pick<ServiceStatus, "pid" | "health">): Exclude<Health, "none"> | null {
  return pid === null || health === "none" ? null : health;
}
