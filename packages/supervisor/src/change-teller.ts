import {
  describeEnd,
  formatDuration,
  isStuck,
  reasonLine,
  type Engine,
  type RunEnd,
  type ServiceSnapshot,
  type ServiceState,
} from "@supervise/model";
import type { Room } from "./room.js";
import { explainContext } from "./status.js";

type Level = "info" | "warning" | "error";

/** Tells each change of a service once: to the event log, and in one line to the terminal where a person would want to know. */
export interface ChangeTeller {
  /** It has changed, or has left the configuration. */
  changed(name: string): void;
  /** An earlier supervisor has told all this. */
  know(snapshots: readonly ServiceSnapshot[]): void;
}

/** `healthFailure` is what was wrong with the last healthcheck of a service. */
export function createChangeTeller(
  room: Room,
  engine: Engine,
  healthFailure: (name: string) => string | null,
): ChangeTeller {
  const told = new Map<string, ServiceSnapshot>();

  const tellEnd = (name: string, end: RunEnd): void => {
    const message = `${name} ${describeEnd(end)}`;
    room.events.add({ service: name, kind: "exit", message, run: end.run });
    if (end.kind === "spawnFailed" || end.reason.kind !== "requested")
      room.hub.say(message, endLevel(end));
  };

  const changed = (name: string): void => {
    const now = engine.snapshot(name);
    if (now === undefined) {
      if (told.delete(name))
        room.events.add({
          service: name,
          kind: "state",
          message: `${name} is down and has left the configuration`,
          state: "down",
        });
      return;
    }
    const before = told.get(name);
    told.set(name, now);
    if (now.last !== null && now.last !== before?.last) tellEnd(name, now.last);
    if (before?.state.kind !== now.state.kind || stageOf(before) !== stageOf(now))
      tellState(room, engine, before, now);
    if (now.ready && before?.ready !== true && engine.spec(name)?.ready !== null) {
      room.events.add({ service: name, kind: "ready", message: `${name} is ready`, run: now.run });
    }
    if (
      before !== undefined &&
      now.health !== before.health &&
      now.health !== "starting" &&
      now.health !== "none"
    ) {
      const failure = now.health === "unhealthy" ? healthFailure(name) : null;
      const message = `${name} is ${now.health}${failure === null ? "" : `: ${failure}`}`;
      room.events.add({ service: name, kind: "health", message, run: now.run });
      room.hub.say(message, now.health === "healthy" ? "info" : "warning");
    }
  };

  return {
    changed,
    know: (snapshots) => {
      for (const snapshot of snapshots) told.set(snapshot.name, snapshot);
    },
  };
}

function tellState(
  room: Room,
  engine: Engine,
  before: ServiceSnapshot | undefined,
  now: ServiceSnapshot,
): void {
  const { name, state } = now;
  const line = (): string =>
    `${name}: ${reasonLine(now, explainContext(engine, room.monotonicMs()))}`;
  const add = (message: string): void =>
    room.events.add({
      service: name,
      kind: "state",
      message,
      state: state.kind,
      run: now.run,
      pid: "pid" in state ? state.pid : null,
    });
  const both = (message: string, level: Level): void => {
    add(message);
    room.hub.say(message, level);
  };
  switch (state.kind) {
    case "starting":
      if (state.pid !== null) add(`${name} started, pid ${state.pid}`);
      return;
    case "up":
      return both(`${name} is up, pid ${state.pid}`, "info");
    case "done":
      return both(`${name} is done`, "info");
    case "down":
      return before?.state.kind === "stopping"
        ? both(`${name} is down`, "info")
        : add(`${name} is down`);
    case "backoff":
      return both(
        `${name} starts again in ${formatDuration(state.untilMs - state.sinceMs)}`,
        "info",
      );
    case "failed":
      return both(line(), "error");
    case "stopping":
      // A run that ended while no supervisor lived: it is over, and that is told next.
      if (before?.state.kind === "down" && state.pid === null && state.stage === "draining") return;
      return state.stage === "killed" || state.stage === "stuck"
        ? both(line(), "warning")
        : add(line());
    case "waiting":
      return add(line());
  }
}

function stageOf(snapshot: ServiceSnapshot | undefined): string {
  const state = snapshot?.state;
  return state?.kind === "stopping"
    ? stopStage(state)
    : state?.kind === "starting"
      ? String(state.pid)
      : "";
}

/** Who is stuck is told once it is known who that is. */
function stopStage(state: Extract<ServiceState, { kind: "stopping" }>): string {
  if (state.stage !== "stuck") return state.stage;
  return isStuck(state) ? `stuck ${state.survivors.join(" ")}` : "killed";
}

function endLevel(end: RunEnd): Level {
  return end.kind === "exited" && end.status.kind === "code" && end.status.code === 0
    ? "info"
    : "warning";
}
