import type { ProcessBasics, ProcessFacts, Usage } from "@supervise/process";
import type { Subject } from "./inspect-subjects.js";

/** A process with the groups of facts that were asked for. */
export type Shown = ProcessBasics & Partial<ProcessFacts>;

export interface ShownMember {
  readonly depth: number;
  readonly process: Shown;
  /** Null: it was not sampled, or was gone by then. */
  readonly usage: Usage | null;
}

/** A subject whose processes were read. */
export interface ShownSubject extends Omit<Subject, "members"> {
  readonly members: readonly ShownMember[];
  /** Those that ended meanwhile. */
  readonly gone: readonly number[];
}
