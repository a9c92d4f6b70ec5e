import { readBasics } from "./basics.js";
import { readCgroup } from "./cgroup-facts.js";
import { readCpu, readIo } from "./cpu.js";
import { readCapabilities, readCredentials, readSignals } from "./credentials.js";
import { fillEnds } from "./descriptor/ends.js";
import type { OwnedDescriptors } from "./descriptor/ends.js";
import { readDescriptors } from "./descriptor/read.js";
import type { FactGroup, Inspected, ProcessFacts, ProcessSnapshot } from "./facts.js";
import { readLimits, readOpenFiles } from "./limits.js";
import { takeLook } from "./look.js";
import type { Look } from "./look.js";
import { readMemory, readSharedMemory } from "./memory.js";
import { readNamespaces } from "./namespaces.js";
import { readCommand, readEnvironmentFacts, readProgram } from "./program.js";
import { pidsOf } from "./source.js";
import type { InspectSource } from "./source.js";
import { readThreads, readWaitChannel } from "./threads.js";
import { sameStart, viewProcess } from "./view.js";
import type { ProcessView } from "./view.js";

export interface InspectOptions<Group extends FactGroup> {
  /** What to read; nothing else is. */
  readonly groups: readonly Group[];
  /**
   * Who is at the other end of pipes and sockets, where `descriptors` are asked for: "among" these processes, which costs nothing more, or
   * "everywhere", for which the descriptors of every process are looked through. Absent: not asked.
   */
  readonly ends?: "among" | "everywhere";
  /** Count what RLIMIT_NPROC counts, where `limits` are asked for: a look at every process. */
  readonly countUserProcesses?: boolean;
}

/** Every group. */
export const FACT_GROUPS: readonly FactGroup[] = [
  "command",
  "program",
  "credentials",
  "capabilities",
  "signals",
  "limits",
  "openFiles",
  "descriptors",
  "threads",
  "memory",
  "sharedMemory",
  "cpu",
  "io",
  "cgroup",
  "namespaces",
  "environment",
  "waitChannel",
];

const READERS: { readonly [Group in FactGroup]: (view: ProcessView) => ProcessFacts[Group] } = {
  command: readCommand,
  program: readProgram,
  credentials: readCredentials,
  capabilities: readCapabilities,
  signals: readSignals,
  limits: readLimits,
  openFiles: readOpenFiles,
  descriptors: readDescriptors,
  threads: readThreads,
  memory: readMemory,
  sharedMemory: readSharedMemory,
  cpu: readCpu,
  io: readIo,
  cgroup: readCgroup,
  namespaces: readNamespaces,
  environment: readEnvironmentFacts,
  waitChannel: readWaitChannel,
};

/**
 * One snapshot for each process, in the order of `pids`. Synchronous: some 0.1 ms for a process without descriptors. Nothing of it throws; what
 * could not be read says so in its place.
 */
export function inspectProcesses<Group extends FactGroup>(
  source: InspectSource,
  pids: readonly number[],
  options: InspectOptions<Group>,
): readonly Inspected<Group>[] {
  const look = takeLook(source, options.countUserProcesses ?? false);
  const drafts = pids.map((pid) => draft(look, pid, options.groups));
  if (options.ends !== undefined)
    fillEnds(
      source,
      ownedDescriptors(drafts),
      options.ends === "everywhere" ? pidsOf(source) : null,
    );
  return drafts.map((one) =>
    "gone" in one
      ? { outcome: "gone", pid: one.gone }
      : {
          outcome: "read",
          process: { ...readBasics(one.view), ...one.facts } as ProcessSnapshot<Group>,
        },
  );
}

export function inspectProcess<Group extends FactGroup>(
  source: InspectSource,
  pid: number,
  options: InspectOptions<Group>,
): Inspected<Group> {
  return inspectProcesses(source, [pid], options)[0] ?? { outcome: "gone", pid };
}

type Draft =
  | { readonly gone: number }
  | {
      readonly view: ProcessView;
      readonly facts: Partial<ProcessFacts>;
    };

function draft(look: Look, pid: number, groups: readonly FactGroup[]): Draft {
  const view = viewProcess(look, pid);
  if (view === null) return { gone: pid };
  const facts = Object.fromEntries(groups.map((group) => [group, READERS[group](view)]));
  // Several files were read: was it the same process all the time?
  return groups.length > 0 && !sameStart(look.source, view.stat) ? { gone: pid } : { view, facts };
}

/** Those processes of which the descriptors are known. */
function ownedDescriptors(drafts: readonly Draft[]): readonly OwnedDescriptors[] {
  return drafts.flatMap((one) => {
    const descriptors = "gone" in one ? undefined : one.facts.descriptors;
    if ("gone" in one || descriptors?.known !== true) return [];
    const { view } = one;
    const othersOf = (inode: number): readonly number[] => view.sockets().othersOf(inode);
    return [{ pid: view.pid, descriptors: descriptors.value, othersOf }];
  });
}
