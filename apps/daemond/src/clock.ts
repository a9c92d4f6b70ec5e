import { createKernel } from "@supervise/daemon";

/** Where the daemon has its time from; tests bring their own. */
export interface Clock {
  /** CLOCK_REALTIME, microseconds since 1970: for people. */
  realtimeMicros(): number;
  /** CLOCK_MONOTONIC, nanoseconds: for durations between rows of the log. */
  monotonicNanos(): bigint;
  /** CLOCK_MONOTONIC, milliseconds with their fraction. */
  nowMs(): number;
  /** Calls once, so much later; returns its undo. */
  after(delayMs: number, call: () => void): () => void;
}

/** The kernel's clocks. process.hrtime reads CLOCK_MONOTONIC on Linux (uv_hrtime). */
export function createClock(): Clock {
  const kernel = createKernel();
  return {
    realtimeMicros: () => kernel.realtimeMicros(),
    monotonicNanos: () => process.hrtime.bigint(),
    nowMs: () => Number(process.hrtime.bigint()) / 1e6,
    after(delayMs, call) {
      const timer = setTimeout(call, delayMs);
      return () => clearTimeout(timer);
    },
  };
}
