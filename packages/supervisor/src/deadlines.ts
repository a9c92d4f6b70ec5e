/**
 * Many deadlines on one timer: at most one per key, none armed while there is none to wait for.
 */
export interface Deadlines {
  /** Replaces the key's deadline; null removes it. `atMs` is on the clock handed to `createDeadlines`. */
  set(key: string, atMs: number | null): void;
  /** Drops all; nothing is called any more. */
  close(): void;
}

/** The longest that a Node timer can wait, in milliseconds. */
const LONGEST_TIMER_MS = 2_147_483_647;

/** `due` is called once for each key whose time has come; it may set new ones. */
export function createDeadlines(monotonicMs: () => number, due: (key: string) => void): Deadlines {
  const entries = new Map<string, number>();
  let timer: NodeJS.Timeout | null = null;
  let armedForMs = Number.POSITIVE_INFINITY;

  const disarm = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    armedForMs = Number.POSITIVE_INFINITY;
  };

  const arm = (atMs: number): void => {
    if (timer !== null && armedForMs <= atMs) return;
    disarm();
    armedForMs = atMs;
    const waitMs = Math.min(LONGEST_TIMER_MS, Math.max(0, Math.ceil(atMs - monotonicMs())));
    timer = setTimeout(fire, waitMs);
  };

  const fire = (): void => {
    timer = null;
    armedForMs = Number.POSITIVE_INFINITY;
    const nowMs = monotonicMs();
    const late: string[] = [];
    let next = Number.POSITIVE_INFINITY;
    for (const [key, atMs] of entries) {
      if (atMs <= nowMs) late.push(key);
      else if (atMs < next) next = atMs;
    }
    if (next !== Number.POSITIVE_INFINITY) arm(next);
    for (const key of late) {
      const atMs = entries.get(key);
      if (atMs === undefined || atMs > nowMs) continue;
      entries.delete(key);
      due(key);
    }
  };

  return {
    set: (key, atMs) => {
      if (atMs === null) {
        if (entries.delete(key) && entries.size === 0) disarm();
        return;
      }
      entries.set(key, atMs);
      arm(atMs);
    },
    close: () => {
      entries.clear();
      disarm();
    },
  };
}
