/** A clock that moves only when told. Times are milliseconds. */
export interface FakeClock {
  nowMs(): number;
  /** Has `callback` run once when the time comes; the result disarms it. */
  at(timeMs: number, callback: () => void): () => void;
  /** Like `at`, so much later than now. */
  after(delayMs: number, callback: () => void): () => void;
  /** Moves on, running what falls due in its order, with the clock at its time; equal times in the order they were set. */
  advance(byMs: number): void;
  /** Moves to the next armed time and runs what is due then; false: nothing is armed. */
  advanceToNext(): boolean;
  /** The times still armed, ascending. */
  readonly armed: readonly number[];
}

export function createFakeClock(startMs = 0): FakeClock {
  let nowMs = startMs;
  let timers: { readonly atMs: number; readonly callback: () => void }[] = [];

  const at = (timeMs: number, callback: () => void): (() => void) => {
    const timer = { atMs: Math.max(timeMs, nowMs), callback };
    const later = timers.findIndex((other) => other.atMs > timer.atMs);
    timers.splice(later === -1 ? timers.length : later, 0, timer);
    return () => {
      timers = timers.filter((other) => other !== timer);
    };
  };
  const runUpTo = (endMs: number): void => {
    for (let first = timers[0]; first && first.atMs <= endMs; first = timers[0]) {
      timers = timers.slice(1);
      nowMs = first.atMs;
      first.callback();
    }
    nowMs = endMs;
  };

  return {
    nowMs: () => nowMs,
    at,
    after: (delayMs, callback) => at(nowMs + delayMs, callback),
    advance: (byMs) => runUpTo(nowMs + byMs),
    advanceToNext() {
      const first = timers[0];
      if (!first) return false;
      runUpTo(first.atMs);
      return true;
    },
    get armed() {
      return timers.map((timer) => timer.atMs);
    },
  };
}
