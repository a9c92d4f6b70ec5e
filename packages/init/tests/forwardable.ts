import type { Subject } from "./conformance.js";

export const CONT = 18;
/** To the kernel a CONT undoes a stop that is still pending, and the other way round. */
export const STOPS = [20, 21, 22];

/** Those that any process may get from another: not KILL and STOP, which nobody can forward, nor CHLD, which tells of children. */
const STANDARD = [1, 2, 3, 10, 12, 13, 14, 15, 16, 18, 20, 23, 24, 25, 26, 27, 28, 29, 30];
/** Faults, when a process makes them itself: tini and catatonit leave these to the kernel. */
const FAULTS = [4, 5, 6, 7, 8, 11, 31];
/** What a terminal sends to its background. A peer that gets one before its first instruction is stopped by it. */
const BACKGROUND = [21, 22];
export const REAL_TIME = Array.from({ length: 31 }, (_, index) => 34 + index);

/** The signals that this init says it forwards. */
export function forwarded({ init }: Subject): number[] {
  switch (init.name) {
    case "supervise-init":
      return [...STANDARD, ...BACKGROUND, ...FAULTS, ...REAL_TIME];
    case "tini":
      return [...STANDARD, ...REAL_TIME];
    case "catatonit":
      // It ignores what stops.
      return [...STANDARD, ...REAL_TIME].filter((signal) => !STOPS.includes(signal));
    case "dumb-init":
      // It stops itself at TSTP, and knows no real-time signals.
      return [...STANDARD, ...FAULTS].filter((signal) => signal !== 20);
  }
}
