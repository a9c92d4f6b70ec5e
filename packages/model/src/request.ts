/**
 * What the outside may ask: the bodies and queries of the control socket.
 */
import type { ProcessSpec } from "./spec.js";
import type { Diagnostic, SpecChange } from "./status.js";

/** What a caller of the socket is allowed to know of itself. */
export interface Caller {
  readonly pid: number;
  readonly uid: number;
}

export type ServiceAction = "start" | "stop" | "restart" | "reload" | "signal" | "rotate";

export interface ActionRequest {
  readonly action: ServiceAction;
  /** Names or patterns (`*` and `?`), as they were asked; empty: all services. A configured name stands for all its replicas. */
  readonly names: readonly string[];
  /** For "signal". */
  readonly signal?: string;
  /** False: return as soon as the request is accepted. */
  readonly wait: boolean;
}

export interface LogQuery {
  readonly names: readonly string[];
  /** Last so many lines of each service; null: all that the ring holds. */
  readonly lines: number | null;
  readonly follow: boolean;
}

export interface EventQuery {
  /** Entries after this number; 0: all that are kept. */
  readonly after: number;
  readonly follow: boolean;
}

export interface ReloadResult {
  readonly applied: boolean;
  readonly generation: number;
  readonly changes: readonly SpecChange[];
  readonly diagnostics: readonly Diagnostic[];
}

/** What became of a change of the numbers of replicas. */
export interface ScaleResult extends ReloadResult {
  /** Why nothing was even tried; null: it was. */
  readonly refused: string | null;
}

/** Thrown by a target: no service matches. Carries a suggestion for a misspelt name. */
export interface UnknownService {
  readonly code: "unknown-service";
  readonly message: string;
  readonly hint: string | null;
}

/** What `supervise exec NAME -- CMD` needs to run a command as the service runs: all of its process but the command. */
export type ExecContext = Omit<ProcessSpec, "command">;
