import { STATE_KINDS, type ServiceStatus } from "@supervise/model";
import type { ServiceUsage } from "./service-usage.js";

export interface MetricsInput {
  readonly services: readonly ServiceStatus[];
  /** Null: not asked for. */
  readonly usages: readonly ServiceUsage[] | null;
  readonly orphansReaped: number;
  /** Messages at the syslog socket. */
  readonly syslog: { readonly received: number; readonly strange: number };
  readonly generation: number;
  readonly startedAtMs: number;
}

/** Prometheus text exposition format 0.0.4. */
export function metricsText(input: MetricsInput): string {
  const lines: string[] = [];
  const family = (
    name: string,
    kind: "gauge" | "counter",
    help: string,
    samples: readonly string[],
  ): void => {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`, ...samples);
  };
  const each = (name: string, value: (status: ServiceStatus) => number): readonly string[] =>
    input.services.map(
      (status) => `${name}{service="${escapeLabel(status.name)}"} ${value(status)}`,
    );

  family(
    "supervise_service_state",
    "gauge",
    "1 for the state that the service is in.",
    input.services.flatMap((status) =>
      STATE_KINDS.map(
        (state) =>
          `supervise_service_state{service="${escapeLabel(status.name)}",state="${state}"} ${status.state === state ? 1 : 0}`,
      ),
    ),
  );
  family(
    "supervise_service_ready",
    "gauge",
    "1 while the service is ready.",
    each("supervise_service_ready", ({ ready }) => (ready ? 1 : 0)),
  );
  family(
    "supervise_service_runs_total",
    "counter",
    "Runs of the service so far.",
    each("supervise_service_runs_total", ({ run }) => run),
  );
  family(
    "supervise_service_restarts",
    "gauge",
    "Restarts by policy since the operator last started it.",
    each("supervise_service_restarts", ({ restarts }) => restarts),
  );
  const { usages } = input;
  const used = (name: string, help: string, value: (usage: ServiceUsage) => number): void => {
    if (usages === null) return;
    const samples = usages.map(
      (usage) => `${name}{service="${escapeLabel(usage.name)}"} ${value(usage)}`,
    );
    family(name, "gauge", help, samples);
  };
  used("supervise_service_processes", "Processes of the service.", ({ processes }) => processes);
  used(
    "supervise_service_cpu_seconds",
    "Processor time of the processes that live.",
    ({ cpuMs }) => cpuMs / 1_000,
  );
  used("supervise_service_resident_bytes", "Memory, RSS.", ({ residentBytes }) => residentBytes);
  used("supervise_service_open_files", "Open descriptors.", ({ openFiles }) => openFiles);
  family("supervise_orphans_reaped_total", "counter", "Orphans that were adopted and reaped.", [
    `supervise_orphans_reaped_total ${input.orphansReaped}`,
  ]);
  family("supervise_syslog_messages_total", "counter", "Messages received at the syslog socket.", [
    `supervise_syslog_messages_total ${input.syslog.received}`,
  ]);
  family("supervise_syslog_strange_total", "counter", "Those of them of no known service.", [
    `supervise_syslog_strange_total ${input.syslog.strange}`,
  ]);
  family("supervise_generation", "gauge", "Number of the applied configuration.", [
    `supervise_generation ${input.generation}`,
  ]);
  family(
    "supervise_start_time_seconds",
    "gauge",
    "When the supervisor started, in seconds since the epoch.",
    [`supervise_start_time_seconds ${input.startedAtMs / 1_000}`],
  );
  return `${lines.join("\n")}\n`;
}

function escapeLabel(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
