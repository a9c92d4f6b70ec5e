import type { ServiceMachine } from "./service-machine.js";
import type { Configuration, SignalName } from "./spec.js";
import type { Cause, ExitStatus, ForkedAway, SpawnFailure } from "./state.js";

/**
 * Everything that can happen, in one queue. Requests are imperative, facts are in the past tense. A fact about a run
 * that is no longer the service's current one is ignored, and so is a deadline that no longer stands.
 */
export type EngineEvent =
  | { readonly type: "startService"; readonly name: string; readonly cause: Cause }
  | { readonly type: "stopService"; readonly name: string; readonly cause: Cause }
  /** Stop if it runs, then start; clears `failed` and back-off. */
  | { readonly type: "restartService"; readonly name: string; readonly cause: Cause }
  /** Start every service of the configuration but those in `except`, in one dispatch. */
  | { readonly type: "startAll"; readonly cause: Cause; readonly except?: readonly string[] }
  /** Stop everything in reverse order of dependency. Nothing starts any more. */
  | { readonly type: "shutDown"; readonly cause: Cause }
  /** The second request: SIGKILL to everything, no order. */
  | { readonly type: "shutDownNow"; readonly cause: Cause }
  /**
   * A new configuration that was found good. `restart` names the specs (in the new configuration) that must be restarted;
   * new ones start, gone ones stop and are then dropped; others go on with the new spec.
   */
  | {
      readonly type: "applyConfiguration";
      readonly configuration: Configuration;
      readonly restart: readonly string[];
      readonly generation: number;
    }
  | { readonly type: "spawned"; readonly name: string; readonly run: number; readonly pid: number }
  | {
      readonly type: "spawnFailed";
      readonly name: string;
      readonly run: number;
      readonly failure: SpawnFailure;
    }
  /** A forking service's command ended well and its daemon was proved; or MAINPID= moved the main process. */
  | {
      readonly type: "mainMoved";
      readonly name: string;
      readonly run: number;
      readonly pid: number;
    }
  | { readonly type: "becameReady"; readonly name: string; readonly run: number }
  /** The check cannot succeed any more (a descriptor closed without a newline, say). */
  | {
      readonly type: "readinessFailed";
      readonly name: string;
      readonly run: number;
      readonly detail: string;
    }
  | {
      readonly type: "healthChanged";
      readonly name: string;
      readonly run: number;
      readonly health: "healthy" | "unhealthy";
      readonly detail: string;
    }
  | {
      readonly type: "watchdogExpired";
      readonly name: string;
      readonly run: number;
      readonly timeoutMs: number;
    }
  /** The service itself said STOPPING=1. It is no longer ready. */
  | { readonly type: "stoppingAnnounced"; readonly name: string; readonly run: number }
  /** `treeGone`: nothing else of the tree is left either, and no `treeGone` follows. */
  | {
      readonly type: "mainExited";
      readonly name: string;
      readonly run: number;
      readonly status: ExitStatus;
      readonly treeGone?: true;
      readonly forkedAway?: ForkedAway;
    }
  /** No process of the run's tree is left. Comes after `mainExited`, never before. */
  | { readonly type: "treeGone"; readonly name: string; readonly run: number }
  | {
      readonly type: "stopCommandFailed";
      readonly name: string;
      readonly run: number;
      readonly detail: string;
    }
  /** SIGKILL was sent and these still live (answer to an action `nameSurvivors`). */
  | {
      readonly type: "survivorsNamed";
      readonly name: string;
      readonly run: number;
      readonly pids: readonly number[];
    }
  /** At start: the process of an earlier supervisor's run was proved to be alive and is ours again. */
  | {
      readonly type: "adopted";
      readonly name: string;
      readonly run: number;
      readonly pid: number;
      readonly ready: boolean;
      /** Since when it has run; unless told, since now. */
      readonly sinceMs?: number;
    }
  /**
   * At start, before anything else: services are again what they were for an earlier supervisor of the same boot (`restorableMachine`). A run that
   * is not over goes on; what has become of its process is told as ever.
   */
  | { readonly type: "restored"; readonly machines: readonly ServiceMachine[] }
  /** The service's one deadline, set by `setDeadline`, has come. */
  | { readonly type: "deadlineReached"; readonly name: string };

/** What the supervisor has to do, in this order. */
export type Action =
  /** Start a process; answer with `spawned` or `spawnFailed`. */
  | { readonly type: "spawn"; readonly name: string; readonly run: number }
  /** Begin the stop: the spec's stop command, or its stop signal to the main process. `useSignal`: the stop command failed, send the signal. */
  | {
      readonly type: "beginStop";
      readonly name: string;
      readonly run: number;
      readonly useSignal?: true;
    }
  /** Send a signal to every process of the tree. */
  | {
      readonly type: "signalTree";
      readonly name: string;
      readonly run: number;
      readonly signal: SignalName;
    }
  /** SIGKILL to every process of the tree, until none is left or none more can be killed. */
  | { readonly type: "killTree"; readonly name: string; readonly run: number }
  /** SIGKILL was long ago: say who is left, with `survivorsNamed`. */
  | { readonly type: "nameSurvivors"; readonly name: string; readonly run: number }
  | { readonly type: "watchReadiness"; readonly name: string; readonly run: number }
  | { readonly type: "endReadiness"; readonly name: string; readonly run: number }
  | { readonly type: "watchHealth"; readonly name: string; readonly run: number }
  | { readonly type: "endHealth"; readonly name: string; readonly run: number }
  /** Replaces the service's one deadline; null: none. */
  | { readonly type: "setDeadline"; readonly name: string; readonly atMs: number | null }
  /** The state, readiness, health or wish has changed: tell, and write the record. */
  | { readonly type: "changed"; readonly name: string }
  /** A service that left the configuration is down: forget it. */
  | { readonly type: "drop"; readonly name: string }
  /** After `shutDown`: everything is down. */
  | { readonly type: "allDown" };
