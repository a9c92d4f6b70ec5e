import type { ProcessBasics } from "./basics.js";
import type { CgroupFacts } from "./cgroup-facts.js";
import type { CpuFacts, IoFacts } from "./cpu.js";
import type { CapabilityFacts, CredentialFacts, SignalFacts } from "./credentials.js";
import type { Descriptor } from "./descriptor/facts.js";
import type { Fact } from "./fact.js";
import type { LimitFacts, OpenFileFacts } from "./limits.js";
import type { MemoryFacts, SharedMemoryFacts } from "./memory.js";
import type { NamespaceFacts } from "./namespaces.js";
import type { CommandFacts, ProgramFacts } from "./program.js";
import type { ThreadFacts } from "./threads.js";

/** Groups of facts; only those that are asked for are read. Each is known, or says why it is not. */
export interface ProcessFacts {
  readonly command: Fact<CommandFacts>;
  readonly program: Fact<ProgramFacts>;
  readonly credentials: Fact<CredentialFacts>;
  readonly capabilities: Fact<CapabilityFacts>;
  readonly signals: Fact<SignalFacts>;
  /** All limits of getrlimit(2), with what is used of each. */
  readonly limits: Fact<readonly LimitFacts[]>;
  /** Count and limit of descriptors, without reading any of them. */
  readonly openFiles: Fact<OpenFileFacts>;
  readonly descriptors: Fact<readonly Descriptor[]>;
  readonly threads: Fact<readonly ThreadFacts[]>;
  readonly memory: Fact<MemoryFacts>;
  /** PSS and USS; dear, see {@link SharedMemoryFacts}. */
  readonly sharedMemory: Fact<SharedMemoryFacts>;
  readonly cpu: Fact<CpuFacts>;
  readonly io: Fact<IoFacts>;
  readonly cgroup: Fact<CgroupFacts>;
  readonly namespaces: Fact<readonly NamespaceFacts[]>;
  /** "KEY=value" as bytes; not masked. */
  readonly environment: Fact<readonly Uint8Array[]>;
  /** See `readWaitChannel`. */
  readonly waitChannel: Fact<string | null>;
}

export type FactGroup = keyof ProcessFacts;

/** One process as it was at one moment. */
export type ProcessSnapshot<Group extends FactGroup = FactGroup> = ProcessBasics &
  Pick<ProcessFacts, Group>;

/** "gone": there is no such process, or it ended while it was read (and somebody else may have its number). */
export type Inspected<Group extends FactGroup = FactGroup> =
  | { readonly outcome: "read"; readonly process: ProcessSnapshot<Group> }
  | { readonly outcome: "gone"; readonly pid: number };
