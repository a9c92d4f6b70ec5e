import type { ParsedSyslog } from "./message.js";

/**
 * "last message repeated N times": the first of equal messages in a row passes, the others are counted, and the count is told when another message comes or
 * the time is over, as syslogd of BSD does it. So a program that says the same thing a million times costs a line now and then, and a reader knows how often.
 *
 * - quiet: nothing came yet, or nothing that could be repeated is remembered.
 * - said: the message `key` was passed on (or its count told) and has not come again.
 * - counting: it came `times` times more, which will be told at `deadlineMs` at the latest.
 */
export type RepeatState =
  | { readonly kind: "quiet" }
  | { readonly kind: "said"; readonly key: string; readonly told: number }
  | {
      readonly kind: "counting";
      readonly key: string;
      /** How often a count of this message was told: the waits grow with it. */
      readonly told: number;
      readonly times: number;
      readonly deadlineMs: number;
    };

export type RepeatEvent =
  /** A message, with all of it that makes it equal to another (see {@link repeatKey}). */
  | { readonly kind: "message"; readonly key: string; readonly nowMs: number }
  /** The clock, at the deadline or at any other moment. */
  | { readonly kind: "time"; readonly nowMs: number }
  /** The source has ended or the reader wants to know now. */
  | { readonly kind: "end" };

export type RepeatAction =
  /** Pass on the message of the event. */
  | { readonly kind: "pass" }
  /** Before it, say that the one before came so many times more. */
  | { readonly kind: "repeated"; readonly times: number };

/** Waits from the first repetition that was not told: those of BSD's syslogd (TIMERINTVL and repeatinterval), in milliseconds. */
const waitsMs = [30_000, 120_000, 600_000] as const;

export const noRepeats: RepeatState = { kind: "quiet" };

/** The next state and, in their order, what is to be said. Pure; the state is as large as one key. */
export function foldRepeats(
  state: RepeatState,
  event: RepeatEvent,
): readonly [RepeatState, readonly RepeatAction[]] {
  switch (event.kind) {
    case "message":
      if (state.kind !== "quiet" && state.key === event.key) return again(state, event.nowMs);
      return [{ kind: "said", key: event.key, told: 0 }, [...count(state), { kind: "pass" }]];
    case "time":
      if (state.kind !== "counting" || event.nowMs < state.deadlineMs) return [state, []];
      return [{ kind: "said", key: state.key, told: state.told + 1 }, count(state)];
    case "end":
      return [noRepeats, count(state)];
  }
}

function again(
  state: Exclude<RepeatState, { kind: "quiet" }>,
  nowMs: number,
): readonly [RepeatState, readonly RepeatAction[]] {
  if (state.kind === "counting") {
    const more = { ...state, times: state.times + 1 };
    return foldRepeats(more, { kind: "time", nowMs });
  }
  const waitMs = waitsMs[Math.min(state.told, waitsMs.length - 1)] as number;
  return [{ ...state, kind: "counting", times: 1, deadlineMs: nowMs + waitMs }, []];
}

function count(state: RepeatState): readonly RepeatAction[] {
  return state.kind === "counting" ? [{ kind: "repeated", times: state.times }] : [];
}

/** What makes two messages equal: everything but their times. */
export function repeatKey(message: ParsedSyslog): string {
  const { facility, level, host, app, processId, messageId, structuredData, text } = message;
  return JSON.stringify([facility, level, host, app, processId, messageId, structuredData, text]);
}

/** The line that stands for the repetitions. */
export function repeatedText(times: number): string {
  return `last message repeated ${times} ${times === 1 ? "time" : "times"}`;
}
