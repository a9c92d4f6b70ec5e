import type { TerminalTarget } from "@supervise/log";
import type { Configuration } from "@supervise/model";
import type { Keeper, PlanContext, Proc, RecordStore } from "@supervise/process";
import type { Kernel } from "@supervise/sys";

/** What the supervisor rests on. */
export interface SupervisorOptions {
  readonly configuration: Configuration;
  readonly kernel: Kernel;
  readonly proc: Proc;
  readonly planContext: PlanContext;
  readonly terminal: TerminalTarget | null;
  /** Null: nothing can be written; it runs without files. */
  readonly runtimeDirectory: string | null;
  readonly records: RecordStore | null;
  /** Null: nobody is above us who would reap for us and start us anew. */
  readonly keeper: Keeper | null;
  /** An open descriptor of /dev/null. */
  readonly nullFd: number;
  readonly monotonicMs: () => number;
  readonly realtimeMs: () => number;
  /** [0, 1) */
  readonly random: () => number;
}
