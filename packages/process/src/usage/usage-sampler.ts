/** Processor time and memory of one process, at the moment of a sample. */
export interface Usage {
  /** Percent of one processor since the sample before, so that two busy threads make 200. Null: this is the first one of this process. */
  readonly cpuPercent: number | null;
  /** The same since its start. */
  readonly averageCpuPercent: number;
  /** RSS. */
  readonly residentBytes: number;
  /** User and system time so far. */
  readonly cpuMs: number;
  /** Since its start. */
  readonly elapsedMs: number;
}

/** What pidusage tells of a process. */
export interface Measured {
  readonly cpu: number;
  readonly memory: number;
  readonly ctime: number;
  readonly elapsed: number;
  readonly timestamp: number;
}

/** pidusage(3npm), or a test's own. Rejects where it knows none of the processes; of several, those that it does not know are null or missing. */
export type Measure = (
  pids: number[],
  options: { readonly maxage: number; readonly usePs: false },
) => Promise<Readonly<Record<string, Measured | null | undefined>>>;

/** Processor time and memory of processes, sampled when somebody looks, and never else. */
export interface UsageSampler {
  /** By number; what is gone is missing. */
  sample(pids: readonly number[]): Promise<ReadonlyMap<number, Usage>>;
}

/**
 * pidusage keeps a descriptor open for each process that it was asked about, until it was not asked for so long (in ms). One of an ended process would answer for ever
 * that it ended, even once another process has the number: such a one is not asked about until its descriptor is closed.
 */
const KEPT_MS = 10_000;
/** It looks for what to close twice in that time. */
const FORGOTTEN_MS = KEPT_MS * 2;

/**
 * Not for a process that collects every child itself (the supervisor): pidusage runs getconf(1) once, by Node's own means. `measure`: absent, pidusage, loaded
 * at the first sample.
 */
export function createUsageSampler(measure: Measure = pidusage): UsageSampler {
  const lastAt = new Map<number, number>();
  const endedAt = new Map<number, number>();
  return {
    async sample(pids) {
      const now = performance.now();
      for (const [pid, at] of endedAt) if (now - at > FORGOTTEN_MS) endedAt.delete(pid);
      for (const [pid, at] of lastAt) if (now - at > KEPT_MS) lastAt.delete(pid);
      const asked = pids.filter((pid) => !endedAt.has(pid));
      const measured = asked.length === 0 ? {} : await answered(measure, asked);
      const found = new Map<number, Usage>();
      for (const pid of asked) {
        const one = measured[pid];
        if (one === undefined || one === null) {
          endedAt.set(pid, now);
          lastAt.delete(pid);
          continue;
        }
        found.set(pid, usageOf(one, lastAt.has(pid)));
        lastAt.set(pid, now);
      }
      return found;
    },
  };
}

async function answered(
  measure: Measure,
  pids: readonly number[],
): Promise<Readonly<Record<string, Measured | null | undefined>>> {
  try {
    return await measure([...pids], { maxage: KEPT_MS, usePs: false });
  } catch {
    // The only process that was asked about is gone.
    return {};
  }
}

function usageOf({ cpu, memory, ctime, elapsed }: Measured, again: boolean): Usage {
  return {
    cpuPercent: again ? Math.max(0, cpu) : null,
    averageCpuPercent: elapsed > 0 ? (ctime / elapsed) * 100 : 0,
    residentBytes: memory,
    cpuMs: ctime,
    elapsedMs: Math.max(0, elapsed),
  };
}

const pidusage: Measure = async (pids, options) => {
  // It would write to the terminal where there is no getconf(1); its defaults are right then.
  process.env["PIDUSAGE_SILENT"] ??= "1";
  const { default: library } = await import("pidusage");
  return library(pids, options);
};
