import { STATE_KINDS, type StateKind, type Wanted } from "@supervise/model";
import type { ProcessIdentity } from "../identity.js";

/** What is kept of a service so that another supervisor can take its process over. */
export interface ServiceRecord {
  readonly service: string;
  readonly run: number;
  /** The main process; null: none runs. */
  readonly main: ProcessIdentity | null;
  /** Session of the run; 0: none. */
  readonly session: number;
  readonly invocationId: string;
  readonly state: StateKind;
  readonly wanted: Wanted;
  readonly ready: boolean;
  /** Milliseconds since the epoch; null before the first run. */
  readonly startedAtMs: number | null;
  readonly restarts: number;
  /** Inodes of the pipes that stdout and stderr go into; null: none. */
  readonly stdoutPipe: number | null;
  readonly stderrPipe: number | null;
  /** Inode of the pipe that it tells its readiness by; null: there is none. */
  readonly readyPipe: number | null;
  /** Of which boot this is. */
  readonly bootId: string;
  /** Names what the run was started as (`specMark`); null: not known. */
  readonly mark: string | null;
  /** All that the engine knew of the service; not checked here. Null: nothing that would matter, or an older version has written this. */
  readonly machine: unknown;
}

/** A record of a service that left the configuration: the service is forgotten. */
export interface ForgottenService {
  readonly service: string;
  readonly forgotten: true;
}

const STATES: ReadonlySet<string> = new Set(STATE_KINDS);

/** One line of the journal; null where it is none, in whatever way. */
export function parseRecord(line: string): ServiceRecord | ForgottenService | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    // The caller reports the line.
    return null;
  }
  if (!isObject(value) || typeof value["service"] !== "string" || value["service"] === "")
    return null;
  if (value["forgotten"] === true) return { service: value["service"], forgotten: true };
  const main = parseIdentity(value["main"]);
  const {
    service,
    run,
    session,
    invocationId,
    state,
    wanted,
    ready,
    startedAtMs,
    restarts,
    stdoutPipe,
    stderrPipe,
    readyPipe = null,
    bootId = "",
    mark = null,
    machine = null,
  } = value;
  if (main === undefined || !isCount(run) || !isCount(session) || !isCount(restarts)) return null;
  if (
    typeof invocationId !== "string" ||
    typeof ready !== "boolean" ||
    typeof state !== "string" ||
    !STATES.has(state)
  )
    return null;
  if (wanted !== "up" && wanted !== "down") return null;
  if (!isCountOrNull(startedAtMs) || !isCountOrNull(stdoutPipe) || !isCountOrNull(stderrPipe))
    return null;
  if (!isCountOrNull(readyPipe) || typeof bootId !== "string") return null;
  if (mark !== null && typeof mark !== "string") return null;
  return {
    service,
    run,
    main,
    session,
    invocationId,
    state: state as StateKind,
    wanted,
    ready,
    startedAtMs,
    restarts,
    stdoutPipe,
    stderrPipe,
    readyPipe,
    bootId,
    mark,
    machine,
  };
}

/** Undefined: neither an identity nor null. */
function parseIdentity(value: unknown): ProcessIdentity | null | undefined {
  if (value === null) return null;
  if (!isObject(value)) return undefined;
  const { pid, startTicks, bootId, pidNamespace } = value;
  if (
    !isCount(pid) ||
    pid === 0 ||
    !isCount(startTicks) ||
    typeof bootId !== "string" ||
    typeof pidNamespace !== "string"
  )
    return undefined;
  return { pid, startTicks, bootId, pidNamespace };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isCountOrNull(value: unknown): value is number | null {
  return value === null || isCount(value);
}
