import type { Configuration, HealthSpec, ProcessSpec, ServiceSpec } from "./spec.js";
import type { SpecChange } from "./status.js";
import { sameValue } from "./same-value.js";

/**
 * What a change of each field asks for, and its name in the configuration. `restart`: the process is what it was started as. `reload`: it is
 * applied in place, to the run there is. `null`: identity, or compared field by field below. A field that is added to the spec does not
 * compile until it stands here.
 */
const fields: Readonly<
  Record<keyof ServiceSpec, readonly [kind: "restart" | "reload", word: string] | null>
> = {
  name: null,
  service: null,
  replica: null,
  process: null,
  type: ["restart", "type"],
  ready: ["restart", "ready"],
  watchdogMs: ["restart", "watchdog"],
  pidfile: ["restart", "pidfile"],
  sockets: ["restart", "sockets"],
  dependencies: ["reload", "depends_on"],
  restart: ["reload", "restart"],
  restartDelay: ["reload", "restart_delay"],
  restartLimit: ["reload", "restart_limit"],
  health: null,
  stop: null,
  reload: null,
  logging: ["reload", "logging"],
  readsLogs: ["restart", "standard input"],
  watch: ["reload", "develop"],
};

const processWords: Readonly<Record<keyof ProcessSpec, string>> = {
  command: "command",
  workingDirectory: "working_dir",
  environment: "environment",
  inheritEnvironment: "inherit_environment",
  user: "user",
  groupAdd: "group_add",
  umask: "umask",
  nice: "nice",
  oomScoreAdj: "oom_score_adj",
  limits: "ulimits",
  capAdd: "cap_add",
  capDrop: "cap_drop",
  noNewPrivileges: "no_new_privileges",
  rootDirectory: "root",
  tty: "tty",
  stdinOpen: "stdin_open",
};

const healthWords: Readonly<Record<keyof HealthSpec, string>> = {
  test: "test",
  intervalMs: "interval",
  timeoutMs: "timeout",
  retries: "retries",
  startPeriodMs: "start_period",
  startIntervalMs: "start_interval",
  onUnhealthy: "on_unhealthy",
};

/**
 * What a reload from one configuration to another would change, per service: those of the new configuration in its order, then the gone ones.
 * `reload` means that the change is applied in place, without a restart.
 */
export function diffSpecs(before: Configuration, after: Configuration): readonly SpecChange[] {
  const former = new Map(before.services.map((spec) => [spec.name, spec]));
  const changes = after.services.map((spec): SpecChange => {
    const old = former.get(spec.name);
    former.delete(spec.name);
    return old === undefined ? { name: spec.name, kind: "new", fields: [] } : diffSpec(old, spec);
  });
  for (const name of former.keys()) changes.push({ name, kind: "gone", fields: [] });
  return changes;
}

function diffSpec(before: ServiceSpec, after: ServiceSpec): SpecChange {
  const restart = diffProcess(before.process, after.process);
  const reload: string[] = [];
  for (const [key, meaning] of Object.entries(fields)) {
    if (meaning === null) continue;
    const field = key as keyof ServiceSpec;
    if (!sameValue(before[field], after[field]))
      (meaning[0] === "restart" ? restart : reload).push(meaning[1]);
  }
  reload.push(
    ...diffHealth(before.health, after.health),
    ...diffStop(before, after),
    ...diffReload(before, after),
  );
  const kind = restart.length > 0 ? "restart" : reload.length > 0 ? "reload" : "same";
  return { name: after.name, kind, fields: [...restart, ...reload] };
}

function diffProcess(before: ProcessSpec, after: ProcessSpec): string[] {
  const changed: string[] = [];
  for (const [key, word] of Object.entries(processWords)) {
    const field = key as keyof ProcessSpec;
    if (sameValue(before[field], after[field])) continue;
    if (field === "environment")
      changed.push(...diffKeys(before.environment, after.environment, word));
    else if (field === "limits")
      changed.push(...diffKeys(limitsByName(before), limitsByName(after), word));
    else changed.push(word);
  }
  return changed;
}

function limitsByName(spec: ProcessSpec): Readonly<Record<string, unknown>> {
  return Object.fromEntries(spec.limits.map((limit) => [limit.resource, limit]));
}

function diffKeys(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
  prefix: string,
): readonly string[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changed = [...keys].filter(
    (key) =>
      Object.hasOwn(before, key) !== Object.hasOwn(after, key) ||
      !sameValue(before[key], after[key]),
  );
  return changed.map((key) => `${prefix}.${key}`);
}

function diffHealth(before: HealthSpec | null, after: HealthSpec | null): readonly string[] {
  if (before === null || after === null) return before === after ? [] : ["healthcheck"];
  const words = Object.entries(healthWords).filter(([key]) => {
    const field = key as keyof HealthSpec;
    return !sameValue(before[field], after[field]);
  });
  return words.map(([, word]) => `healthcheck.${word}`);
}

function diffStop({ stop: before }: ServiceSpec, { stop: after }: ServiceSpec): readonly string[] {
  const changed: string[] = [];
  if (before.signal !== after.signal) changed.push("stop_signal");
  if (before.gracePeriodMs !== after.gracePeriodMs) changed.push("stop_grace_period");
  if (!sameValue(before.command, after.command)) changed.push("stop_command");
  return changed;
}

/** A reload is by signal or by command: the word is that of the side that has it, both where it moved from one to the other. */
function diffReload(
  { reload: before }: ServiceSpec,
  { reload: after }: ServiceSpec,
): readonly string[] {
  if (sameValue(before, after)) return [];
  const kinds = new Set([before?.kind, after?.kind]);
  return (["signal", "command"] as const)
    .filter((kind) => kinds.has(kind))
    .map((kind) => `reload_${kind}`);
}
