import {
  describeEnd,
  logModeOf,
  reasonLine,
  type Engine,
  type ExplainContext,
  type ServiceSnapshot,
  type ServiceSpec,
  type ServiceStatus,
} from "@supervise/model";
import { namesHolder } from "./readiness/checks.js";
import { sinkTexts } from "./sink-notes.js";
import type { LiveRun } from "./live-run.js";

/** Two clocks read together, to show a monotonic time as a date. */
export interface ClockPair {
  readonly monotonicMs: number;
  readonly realtimeMs: number;
}

/** ISO 8601, UTC, milliseconds. */
export function dateOf(monotonicMs: number, clocks: ClockPair): string {
  return new Date(clocks.realtimeMs - (clocks.monotonicMs - monotonicMs)).toISOString();
}

export function explainContext(engine: Engine, nowMs: number): ExplainContext {
  return { snapshot: (name) => engine.snapshot(name), spec: (name) => engine.spec(name), nowMs };
}

/** What the readiness check said last, while that is why the service is where it is. */
export function readinessReason(
  snapshot: ServiceSnapshot | undefined,
  detail: string | null,
): string | null {
  if (snapshot === undefined || detail === null || snapshot.ready) return null;
  const { state, last } = snapshot;
  switch (state.kind) {
    case "starting":
      return detail;
    case "stopping":
      return state.reason.kind === "notReady" ? detail : null;
    case "backoff":
    case "failed":
      if (last?.kind !== "exited") return null;
      return last.reason.kind === "notReady" ||
        (last.reason.kind === "exited" && namesHolder(detail))
        ? detail
        : null;
    default:
      return null;
  }
}

/** What the outside sees of one service. */
export function statusOf(
  snapshot: ServiceSnapshot,
  spec: ServiceSpec,
  live: LiveRun | undefined,
  context: ExplainContext,
  clocks: ClockPair,
  lastStartedAtMs: number | undefined,
  readinessDetail: string | null,
): ServiceStatus {
  const state = snapshot.state;
  const startedAtMs = live?.startedAtMs ?? lastStartedAtMs;
  return {
    name: snapshot.name,
    service: spec.service,
    replica: spec.replica,
    type: spec.type,
    state: state.kind,
    stage: state.kind === "stopping" ? state.stage : null,
    wanted: snapshot.wanted,
    ready: snapshot.ready,
    health: snapshot.health,
    reason:
      readinessDetail === null || snapshot.ready
        ? reasonLine(snapshot, context)
        : `${reasonLine(snapshot, context)}: ${readinessDetail}`,
    // Of a forking service whose daemon is looked for, the engine still has the command, which has ended.
    pid: "pid" in state && live?.mainPid !== 0 ? state.pid : null,
    run: snapshot.run,
    restarts: snapshot.restarts,
    since: dateOf(state.sinceMs, clocks),
    startedAt: startedAtMs === undefined ? null : new Date(startedAtMs).toISOString(),
    lastExit:
      snapshot.last === null
        ? null
        : {
            run: snapshot.last.run,
            status: snapshot.last.kind === "exited" ? snapshot.last.status : null,
            text: describeEnd(snapshot.last),
            at: dateOf(snapshot.last.atMs, clocks),
          },
    statusText: live?.statusText ?? null,
    dependsOn: spec.dependencies.map(({ name, condition }) => ({ name, condition })),
    logMode: logModeOf(spec.logging),
    logSinks: sinkTexts(spec),
    port: portOf(spec.process.environment["PORT"]),
  };
}

/** Whoever gives PORT another meaning has no port. */
function portOf(text: string | undefined): number | null {
  const port = text !== undefined && /^[0-9]{1,5}$/.test(text) ? Number(text) : 0;
  return port > 0 && port <= 65_535 ? port : null;
}
