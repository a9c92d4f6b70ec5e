import type { ServiceSpec } from "./spec.js";
import type { Action, EngineEvent } from "./event.js";
import type { Blocker, Cause, Health, ServiceSnapshot, ServiceState } from "./state.js";

/** All that is known of one service: what the outside sees, and the counters its restarts rest on. Never changed in place. */
export interface ServiceMachine extends ServiceSnapshot {
  /** A stop was asked for; it begins once no dependent that is being stopped still runs. Only in `starting` and `up`. */
  readonly stopRequested: Cause | null;
  /** A commanded start or restart follows the end of this run: no policy, no back-off. */
  readonly startAgain: boolean;
  /** The current run has been `up`. */
  readonly reached: boolean;
  /** Forking: the daemon has taken the place of the command. */
  readonly moved: boolean;
  /** Since when the current run is up and not unhealthy; null while it is not. */
  readonly goodSinceMs: number | null;
  /** Runs that ended since the last good one: the exponent of the back-off. */
  readonly attempt: number;
  /** Failed runs since the last good one; counted only for `on-failure:N`. */
  readonly failures: number;
  /** Times of the restarts within the window of the restart limit, oldest first. */
  readonly recent: readonly number[];
}

/** A required dependency that will not get there by itself. */
export interface BrokenDependency {
  readonly name: string;
  readonly detail: string;
}

type Fact = Extract<
  EngineEvent,
  {
    readonly type:
      | "spawned"
      | "spawnFailed"
      | "mainMoved"
      | "becameReady"
      | "readinessFailed"
      | "healthChanged"
      | "watchdogExpired"
      | "stoppingAnnounced"
      | "mainExited"
      | "treeGone"
      | "stopCommandFailed"
      | "survivorsNamed"
      | "adopted"
      | "deadlineReached";
  }
>;

/** What one service hears: facts of its own runs as they are, and what the graph layer makes of everything else. */
export type ServiceEvent =
  | Fact
  /** Wanted up from now on. */
  | { readonly type: "start"; readonly cause: Cause }
  /** Wanted down from now on. */
  | { readonly type: "stop"; readonly cause: Cause }
  /** Wanted up, by a new run. */
  | { readonly type: "restart"; readonly cause: Cause }
  /** Wanted down, at once and by SIGKILL. */
  | { readonly type: "kill"; readonly cause: Cause }
  /** No dependent holds the requested stop back any more. */
  | { readonly type: "stopAllowed" }
  /** The dependencies were looked at: what is not there yet, and what will not come. */
  | {
      readonly type: "dependenciesJudged";
      readonly on: readonly Blocker[];
      readonly broken: BrokenDependency | null;
    }
  /** The bucket shared by all services has a token for the next run. */
  | { readonly type: "restartGranted" }
  /** It has none before `untilMs`, when the token is this service's own. */
  | { readonly type: "restartDelayed"; readonly untilMs: number }
  /** The spec in force has another healthcheck now. */
  | { readonly type: "healthcheckReplaced" };

/** The next machine, and what to do about it, in this order. */
export type Step = readonly [machine: ServiceMachine, actions: readonly Action[]];

export const noActions: readonly Action[] = [];

/** Health before the first result. */
export function initialHealth(spec: ServiceSpec): Health {
  return spec.health === null ? "none" : "starting";
}

/** A service that nobody has asked for yet. */
export function createServiceMachine(spec: ServiceSpec, nowMs: number): ServiceMachine {
  return {
    name: spec.name,
    wanted: "down",
    wantedBy: { kind: "policy" },
    state: { kind: "down", sinceMs: nowMs, cause: null, last: null },
    ready: false,
    health: initialHealth(spec),
    run: 0,
    restarts: 0,
    last: null,
    stopRequested: null,
    startAgain: false,
    reached: false,
    moved: false,
    goodSinceMs: null,
    attempt: 0,
    failures: 0,
    recent: [],
  };
}

/** Is there a run, that is a process or one about to be? */
export function hasRun(
  state: ServiceState,
): state is Extract<ServiceState, { kind: "starting" | "up" | "stopping" }> {
  return state.kind === "starting" || state.kind === "up" || state.kind === "stopping";
}

/** The one absolute time by which something must happen to a service in this state; null: none. */
export function deadlineOf(state: ServiceState): number | null {
  switch (state.kind) {
    case "starting":
    case "up":
      return state.deadlineMs;
    case "stopping":
      return state.stage === "stuck" ? null : state.deadlineMs;
    case "backoff":
      return state.untilMs;
    case "down":
    case "waiting":
    case "failed":
    case "done":
      return null;
  }
}
