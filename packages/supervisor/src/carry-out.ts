import type { Action } from "@supervise/model";
import type { Deadlines } from "./deadlines.js";
import { settingOf } from "./command-setting.js";
import { watchHealth } from "./health.js";
import type { LiveRun } from "./live-run.js";
import type { Readiness } from "./readiness/watch.js";
import type { Room } from "./room.js";
import { startRuns, type StartPort, type WantedRun } from "./start-run.js";
import type { Stopping } from "./stopping.js";

export interface CarryOutPort {
  readonly room: Room;
  readonly start: StartPort;
  readonly stopping: Stopping;
  readonly readiness: Readiness;
  readonly deadlines: Deadlines;
  readonly changed: (name: string) => void;
  /** Writes down what has changed so far. */
  readonly record: () => void;
  readonly dropped: (name: string) => void;
  readonly allDown: () => void;
  /** Monotonic; now where it is not up. A run that was taken over has been up for longer than we live. */
  readonly upSinceMs: (name: string) => number;
}

export interface CarryOut {
  /**
   * Does what the engine decided, in its order; what comes of it is posted as events. Spawns that follow one another are made together. `books` are those of
   * runs that have ended: they are called before all but spawns that come first, so that the next run of a service does not wait for the paperwork of the last.
   */
  carryOut(actions: readonly Action[], books?: (() => void) | null): void;
  restartHealth(name: string): void;
  /** What was wrong with the last healthcheck of the current run; null: nothing, or there was none. */
  healthFailure(name: string): string | null;
}

export function createCarryOut(port: CarryOutPort): CarryOut {
  const { room, stopping, readiness } = port;
  const health = new Map<LiveRun, () => void>();
  const failures = new Map<string, string>();

  const current = (action: { readonly name: string; readonly run: number }): LiveRun | null => {
    const live = room.live.get(action.name);
    return live?.run === action.run ? live : null;
  };

  const beginHealth = (live: LiveRun, startedMs: number): void => {
    const spec = room.spec(live.name)?.health;
    if (spec === null || spec === undefined || health.has(live)) return;
    const { name, run } = live;
    health.set(
      live,
      watchHealth({
        spec,
        startedMs,
        monotonicMs: room.monotonicMs,
        test: (signal) =>
          room.commands.run(
            spec.test,
            settingOf(room, live.spec, [`MAINPID=${live.mainPid}`]),
            spec.timeoutMs,
            signal,
          ),
        onTest: (failure) => {
          if (failure === null) failures.delete(name);
          else failures.set(name, failure);
        },
        onChange: (state, detail) =>
          room.post({ type: "healthChanged", name, run, health: state, detail }),
      }),
    );
    live.undo.push(() => endHealth(live));
  };

  const endHealth = (live: LiveRun): void => {
    health.get(live)?.();
    if (health.delete(live)) failures.delete(live.name);
  };

  const wantedRuns = (actions: readonly Action[]): readonly WantedRun[] =>
    actions.flatMap((action) => {
      const spec = action.type === "spawn" ? room.spec(action.name) : undefined;
      return spec === undefined || action.type !== "spawn" ? [] : [{ spec, run: action.run }];
    });

  /**
   * A stop is told and written down, with one write for all that changed, before anybody hears of it: should we die right after the signal, the next supervisor
   * knows that the end was wanted. What is written here is not written again. Returns the rest.
   */
  const recordStops = (actions: readonly Action[]): readonly Action[] => {
    if (!actions.some(({ type }) => type === "beginStop")) return actions;
    // Of a run that is yet to be spawned in this turn there is nothing to write.
    const spawned = new Set<string>();
    const rest: Action[] = [];
    for (const action of actions) {
      if (action.type === "spawn") spawned.add(action.name);
      if (action.type === "changed" && !spawned.has(action.name)) port.changed(action.name);
      else rest.push(action);
    }
    port.record();
    return rest;
  };

  const carryOut = (all: readonly Action[], books: (() => void) | null = null): void => {
    const spawnsFirst = all[0]?.type === "spawn" && !all.some(({ type }) => type === "beginStop");
    if (!spawnsFirst) books?.();
    const actions = recordStops(all);
    for (let index = 0; index < actions.length;) {
      let end = index;
      while (actions[end]?.type === "spawn") end += 1;
      if (end > index) {
        const late = index === 0 && spawnsFirst ? books : null;
        startRuns(room, port.start, wantedRuns(actions.slice(index, end)), late);
      } else {
        const action = actions[index];
        if (action !== undefined) carryOutOne(action);
        end += 1;
      }
      index = end;
    }
  };

  const carryOutOne = (action: Action): void => {
    switch (action.type) {
      case "setDeadline":
        return port.deadlines.set(action.name, action.atMs);
      case "changed":
        return port.changed(action.name);
      case "drop":
        return port.dropped(action.name);
      case "allDown":
        return port.allDown();
      default:
    }
    if (!("run" in action)) return;
    const live = current(action);
    if (live === null) return;
    switch (action.type) {
      case "spawn":
        // Made together with its neighbours, by startRuns.
        return;
      case "beginStop":
        return stopping.begin(live, action.useSignal === true);
      case "signalTree":
        return stopping.signalTree(live, action.signal);
      case "killTree":
        return stopping.killTree(live);
      case "nameSurvivors":
        return room.post({
          type: "survivorsNamed",
          name: live.name,
          run: live.run,
          pids: stopping.survivors(live),
        });
      case "watchReadiness":
        return readiness.watch(live);
      case "endReadiness":
        return readiness.end(live);
      case "watchHealth":
        return beginHealth(live, port.upSinceMs(live.name));
      case "endHealth":
        return endHealth(live);
    }
  };

  return {
    carryOut,
    healthFailure: (name) => failures.get(name) ?? null,
    restartHealth: (name) => {
      const live = room.live.get(name);
      if (live === undefined || !health.has(live)) return;
      endHealth(live);
      beginHealth(live, room.monotonicMs());
    },
  };
}
