import { foldRepeats, noRepeats, type RepeatEvent, type RepeatState } from "@supervise/model";
import { createDeadlines } from "../deadlines.js";

/** Folds equal messages in a row, for each service by itself. */
export interface Repeats<T> {
  /** True: pass the message on. `key` is all that makes it equal to another one. */
  offer(name: string, key: string, message: T): boolean;
  /** Nothing more will come of this service for now: what was counted is told. */
  end(name: string): void;
  /** Tells all that was counted. */
  close(): void;
}

/** A longer message is not worth being remembered, in characters. */
const longestKey = 4_096;

/** `told` is called with the message that came so many times more. Whatever is told before another message is told before `offer` returns. */
export function createRepeats<T>(
  monotonicMs: () => number,
  told: (name: string, message: T, times: number) => void,
): Repeats<T> {
  const states = new Map<string, { readonly state: RepeatState; readonly message: T }>();
  const deadlines = createDeadlines(monotonicMs, (name) => {
    step(name, { kind: "time", nowMs: monotonicMs() }, null);
  });

  const step = (name: string, event: RepeatEvent, message: T | null): boolean => {
    const before = states.get(name);
    const [state, actions] = foldRepeats(before?.state ?? noRepeats, event);
    let passes = false;
    for (const action of actions) {
      if (action.kind === "pass") passes = true;
      else if (before !== undefined) told(name, before.message, action.times);
    }
    const last = passes ? message : (before?.message ?? null);
    if (state.kind === "quiet" || last === null) states.delete(name);
    else states.set(name, { state, message: last });
    deadlines.set(name, state.kind === "counting" ? state.deadlineMs : null);
    return passes;
  };

  const end = (name: string): void => {
    if (states.has(name)) step(name, { kind: "end" }, null);
  };
  return {
    offer: (name, key, message) => {
      if (key.length <= longestKey)
        return step(name, { kind: "message", key, nowMs: monotonicMs() }, message);
      end(name);
      return true;
    },
    end,
    close: () => {
      for (const name of [...states.keys()]) end(name);
      deadlines.close();
    },
  };
}
