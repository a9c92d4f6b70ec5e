import type { ServiceSpec } from "@supervise/model";
import type { CommandSetting } from "./commands.js";
import type { Room } from "./room.js";

/** A command that belongs to a service runs with all that its process has, and with `extra` "KEY=value" entries in its environment. */
export function settingOf(room: Room, spec: ServiceSpec, extra: readonly string[]): CommandSetting {
  const plan = room.plans.of(spec);
  const environment: Record<string, string> = {};
  const entries = plan.kind === "failure" ? [] : plan.environment;
  for (const bytes of [...entries, ...extra]) {
    const entry = typeof bytes === "string" ? bytes : Buffer.from(bytes).toString("utf8");
    const equals = entry.indexOf("=");
    if (equals > 0) environment[entry.slice(0, equals)] = entry.slice(equals + 1);
  }
  return {
    workingDirectory: spec.process.workingDirectory,
    environment,
    request: plan.kind === "failure" ? null : plan.request,
    uid: plan.kind === "failure" ? null : (plan.request.uid ?? null),
    gid: plan.kind === "failure" ? null : (plan.request.gid ?? null),
    umask: plan.kind === "failure" ? null : (plan.request.umask ?? null),
    limits: plan.kind === "failure" ? [] : (plan.request.limits ?? []),
  };
}
