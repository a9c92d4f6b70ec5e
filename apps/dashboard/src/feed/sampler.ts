import pidusage from "pidusage";
import type { Proc } from "@supervise/process";
import type { Sample } from "../model/model.js";

/** Measures processes. */
export interface Sampler {
  /** Those that can be looked at; a process that has gone is left out. */
  sample(pids: readonly number[]): Promise<ReadonlyMap<number, Sample>>;
  close(): void;
}

/** A process that was not visible for so long begins anew, in milliseconds. */
const REMEMBERED_MS = 10_000;
const LIMITS_BYTES = 4096;

/** By pidusage, which needs the look before for its percentage, and by /proc/PID. */
export function createSampler(proc: Proc): Sampler {
  return {
    async sample(pids) {
      if (pids.length === 0) return new Map();
      const usage = await pidusage(pids, { maxage: REMEMBERED_MS }).catch(() => ({}));
      return new Map(
        pids.flatMap((pid) => {
          const used = (usage as Awaited<ReturnType<typeof pidusage>>)[pid];
          if (used === undefined || used === null) return [];
          const sample: Sample = {
            cpuPercent: used.cpu,
            memoryBytes: used.memory,
            descriptors: proc.names(`${pid}/fd`)?.length ?? null,
            descriptorLimit: openFilesOf(proc, pid),
            ports: [],
          };
          return [[pid, sample] as const];
        }),
      );
    },
    close: () => pidusage.clear(),
  };
}

/** The soft limit of open files. */
function openFilesOf(proc: Proc, pid: number): number | null {
  const found = /^Max open files +(\d+)/m.exec(proc.text(`${pid}/limits`, LIMITS_BYTES) ?? "");
  return found?.[1] === undefined ? null : Number(found[1]);
}
