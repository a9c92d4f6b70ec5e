import type { SignalName } from "./spec.js";

/** What the operator and the dependents want. */
export type Wanted = "up" | "down";

/** How a process ended. `unknown`: the kernel no longer tells (an adopted process that was not our child). */
export type ExitStatus =
  | { readonly kind: "code"; readonly code: number }
  | { readonly kind: "signal"; readonly signal: SignalName; readonly coreDumped: boolean }
  | { readonly kind: "unknown" };

/** A start that never became a process: which step between fork and exec failed, and how. */
export interface SpawnFailure {
  /** For people: "changing to directory "/srv/web"". */
  readonly stage: string;
  /** "ENOENT". */
  readonly errno: string;
  /** True for what passes by itself (EAGAIN, EMFILE, ENOMEM): try again by back-off whatever the policy. */
  readonly transient: boolean;
}

/** Who or what asked. */
export type Cause =
  | { readonly kind: "operator"; readonly by: string }
  | { readonly kind: "dependency"; readonly name: string }
  | { readonly kind: "configuration"; readonly generation: number }
  | { readonly kind: "shutdown"; readonly by: string }
  /** `by`: who sent it, where that is known ("pid 12 (uid 0)"). */
  | { readonly kind: "signal"; readonly signal: SignalName; readonly by?: string }
  | { readonly kind: "policy" }
  /** `path`: the first of what has changed. */
  | { readonly kind: "fileChanged"; readonly path: string };

/** Processes that live on behind a main process that ended well soon after its start: the program has put itself in the background. */
export interface ForkedAway {
  readonly pids: readonly number[];
  /** False: they appeared meanwhile, and nothing tells whose they are. */
  readonly proved: boolean;
}

/** Why a service left `up` or `starting` (the stop reason). */
export type StopReason =
  | { readonly kind: "exited"; readonly status: ExitStatus; readonly forkedAway?: ForkedAway }
  | { readonly kind: "requested"; readonly cause: Cause }
  | { readonly kind: "notReady"; readonly detail: string }
  | { readonly kind: "unhealthy"; readonly detail: string }
  | { readonly kind: "watchdog"; readonly timeoutMs: number };

/** Why nothing more is tried. */
export type FailureReason =
  | { readonly kind: "policy"; readonly last: RunEnd }
  | {
      readonly kind: "restartLimit";
      readonly runs: number;
      readonly windowMs: number;
      readonly limit: number;
      readonly last: RunEnd;
    }
  | { readonly kind: "onFailureLimit"; readonly limit: number; readonly last: RunEnd }
  | { readonly kind: "dependency"; readonly name: string; readonly detail: string };

/** How the last run ended. */
export type RunEnd =
  | {
      readonly kind: "exited";
      readonly run: number;
      readonly status: ExitStatus;
      readonly atMs: number;
      readonly reason: StopReason;
    }
  | {
      readonly kind: "spawnFailed";
      readonly run: number;
      readonly failure: SpawnFailure;
      readonly atMs: number;
    };

/** What a waiting service waits for: one entry for each dependency that is not there yet. */
export interface Blocker {
  readonly name: string;
  /** For people: `to complete`, `to be ready`. */
  readonly needs: "started" | "healthy" | "completed";
}

/** Where in a stop the service is. */
export type StopStage =
  /** The stop signal was sent or the stop command runs; until the deadline. */
  | "signalled"
  /** The main process has ended, others of its tree have not; they got the stop signal too. */
  | "draining"
  /** SIGKILL was sent to all that was left. */
  | "killed"
  /** SIGKILL did not help in time: the survivors are named. Still waiting. */
  | "stuck";

/** Where the service is now. All times are monotonic milliseconds. */
export type ServiceState =
  | {
      readonly kind: "down";
      readonly sinceMs: number;
      readonly cause: Cause | null;
      readonly last: RunEnd | null;
    }
  | { readonly kind: "waiting"; readonly sinceMs: number; readonly on: readonly Blocker[] }
  | {
      readonly kind: "starting";
      readonly sinceMs: number;
      readonly run: number;
      readonly pid: number | null;
      readonly deadlineMs: number | null;
    }
  | {
      readonly kind: "up";
      readonly sinceMs: number;
      readonly run: number;
      readonly pid: number;
      readonly deadlineMs: number | null;
    }
  | {
      readonly kind: "stopping";
      readonly sinceMs: number;
      readonly run: number;
      readonly pid: number | null;
      readonly stage: StopStage;
      readonly reason: StopReason;
      /** The main process's status, once it has ended. */
      readonly status: ExitStatus | null;
      readonly deadlineMs: number;
      /** Named when `stage` is "stuck". */
      readonly survivors: readonly number[];
    }
  | {
      readonly kind: "backoff";
      readonly sinceMs: number;
      readonly untilMs: number;
      readonly attempt: number;
      readonly last: RunEnd;
      readonly storm: boolean;
    }
  | { readonly kind: "failed"; readonly sinceMs: number; readonly reason: FailureReason }
  | { readonly kind: "done"; readonly sinceMs: number; readonly last: RunEnd };

export type StateKind = ServiceState["kind"];

/** All of them, in the order in which a service may pass through them. */
export const STATE_KINDS: readonly StateKind[] = [
  "down",
  "waiting",
  "starting",
  "up",
  "stopping",
  "backoff",
  "failed",
  "done",
];

/** Result of the healthcheck, beside the state. `none`: no healthcheck. */
export type Health = "none" | "starting" | "healthy" | "unhealthy";

/** All that the engine knows of one service. */
export interface ServiceSnapshot {
  readonly name: string;
  readonly wanted: Wanted;
  readonly wantedBy: Cause;
  readonly state: ServiceState;
  /** Has the current run been ready? Without a `ready` check: from the spawn on. */
  readonly ready: boolean;
  readonly health: Health;
  /** Number of the last run, 0 before the first. */
  readonly run: number;
  /** Restarts by policy since the operator last started it. */
  readonly restarts: number;
  readonly last: RunEnd | null;
  /** A stop was asked for while it runs, and waits until the dependents that stop too are gone. Absent or null: no such stop. */
  readonly stopRequested?: Cause | null;
}
