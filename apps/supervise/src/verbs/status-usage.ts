import type { ControlClient } from "@supervise/control";
import type { ServiceStatus } from "@supervise/model";
import { createUsageSampler } from "@supervise/process";
import { formatBytes, formatPercent } from "./inspect-amounts.js";

/** What all processes of a service use together. */
export interface SampledService {
  readonly processes: number;
  /** Percent of one processor, on average since each process started. */
  readonly averageCpuPercent: number;
  /** RSS; a page that several of them share counts for each. */
  readonly residentBytes: number;
}

/** One sample of every process of these services, taken by us and not by the supervisor. */
export async function sampleServices(
  client: ControlClient,
  services: readonly ServiceStatus[],
): Promise<ReadonlyMap<string, SampledService>> {
  const sampled = new Map<string, SampledService>();
  if (services.length === 0) return sampled;
  const rows = await client.processes(services.map(({ name }) => name));
  const usages = await createUsageSampler().sample(rows.map(({ pid }) => pid));
  for (const { service, pid } of rows) {
    const usage = usages.get(pid);
    if (usage === undefined) continue;
    const before = sampled.get(service);
    sampled.set(service, {
      processes: (before?.processes ?? 0) + 1,
      averageCpuPercent: (before?.averageCpuPercent ?? 0) + usage.averageCpuPercent,
      residentBytes: (before?.residentBytes ?? 0) + usage.residentBytes,
    });
  }
  return sampled;
}

/** Null: nothing runs. */
export function usageCells(usage: SampledService | null): readonly [cpu: string, memory: string] {
  return usage === null
    ? ["-", "-"]
    : [formatPercent(usage.averageCpuPercent), formatBytes(usage.residentBytes)];
}
