import { childrenOf, inspectProcesses, openInspectSource, valueOr } from "@supervise/process";
import type { Core } from "./supervisor.js";

/** What the processes of a service use now. */
export interface ServiceUsage {
  readonly name: string;
  readonly processes: number;
  readonly openFiles: number;
  readonly residentBytes: number;
  /** User and system time of the processes that live, in ms: it falls when one of them ends. */
  readonly cpuMs: number;
}

/**
 * Of the main process of each service and its descendants, read from /proc when somebody asks. Not by pidusage: that runs a command which our
 * reaper would take for an orphan. A process that is not below the main process is left out, for to find it would cost a look at all.
 */
export function serviceUsages(core: Core, names: readonly string[]): readonly ServiceUsage[] {
  const { proc, kernel, live } = core.room;
  const source = openInspectSource(kernel, proc.root);
  return names.flatMap((name) => {
    const run = live.get(name);
    if (run === undefined || run.mainEnded || run.mainPid <= 0) return [];
    const pids = [run.mainPid];
    for (const pid of pids) pids.push(...childrenOf(proc, pid));
    const usage = { name, processes: 0, openFiles: 0, residentBytes: 0, cpuMs: 0 };
    for (const one of inspectProcesses(source, pids, { groups: ["cpu", "memory", "openFiles"] })) {
      if (one.outcome === "gone") continue;
      const cpu = valueOr(one.process.cpu);
      usage.processes += 1;
      usage.openFiles += valueOr(one.process.openFiles)?.count ?? 0;
      usage.residentBytes += valueOr(one.process.memory)?.resident ?? 0;
      usage.cpuMs += (cpu?.userMs ?? 0) + (cpu?.systemMs ?? 0);
    }
    return [usage];
  });
}
