import type { EngineEvent, ServiceSpec } from "@supervise/model";
import type { LogHub } from "@supervise/log";
import type { Proc } from "@supervise/process";
import type { Kernel } from "@supervise/sys";
import type { Commands } from "./commands.js";
import type { EventLog } from "./event-log.js";
import type { Keeping } from "./keeping/keeping.js";
import type { LiveRuns } from "./live-run.js";
import type { Plans } from "./plans.js";
import type { Watcher } from "./watcher.js";

/** What the parts of the supervisor share. One per supervisor; everything in it lives as long as that. */
export interface Room {
  readonly kernel: Kernel;
  readonly proc: Proc;
  readonly hub: LogHub;
  readonly events: EventLog;
  readonly watcher: Watcher;
  readonly commands: Commands;
  readonly live: LiveRuns;
  readonly keeping: Keeping;
  readonly plans: Plans;
  /** Null: no writable place. */
  readonly runtimeDirectory: string | null;
  readonly monotonicMs: () => number;
  readonly realtimeMs: () => number;
  /**
   * Puts an event into the engine's queue. Safe to call from anywhere, an action included. `books` is called once, before anybody hears of what the event has changed; spawns that it
   * leads to may come first.
   */
  readonly post: (event: EngineEvent, books?: () => void) => void;
  readonly spec: (name: string) => ServiceSpec | undefined;
  /** To the terminal and into the event log. */
  readonly warn: (service: string | null, message: string) => void;
}
