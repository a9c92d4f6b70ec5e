import type { EventEntry, EventQuery, StateKind } from "@supervise/model";

/** Entries kept for readers that come later. */
const KEPT = 2_000;
/** A follower that is this many entries behind skips to the newest; the gap shows in `seq`. */
const FOLLOWER_LIMIT = 10_000;

export interface NewEvent {
  readonly service: string | null;
  readonly kind: string;
  readonly message: string;
  readonly state?: StateKind;
  readonly pid?: number | null;
  readonly run?: number;
}

/** What happened, in order, in memory; followers are told as it happens. */
export interface EventLog {
  add(event: NewEvent): void;
  /** Kept entries, then, if asked, each new one until `signal` is aborted or the log is closed. */
  read(query: EventQuery, signal: AbortSignal): AsyncIterable<EventEntry>;
  /** Number of the last entry; 0: there was none. */
  readonly last: number;
  /** Kept entries with a number above this one. */
  since(seq: number): readonly EventEntry[];
  /** What an earlier supervisor has told, oldest first. What we have told before comes behind it, and everything has a number above `after` from here on. */
  restore(entries: readonly EventEntry[], after: number): void;
  /** The next entry has a number above this one: what an earlier supervisor gave out is not given out again. */
  goOnAfter(seq: number): void;
  /** Called with each new entry; returns its undo. */
  listen(listener: (entry: EventEntry) => void): () => void;
  close(): void;
}

/** `realtimeMs` is milliseconds since the epoch. `hide` takes secrets out of a message; not given: there are none. */
export function createEventLog(
  realtimeMs: () => number,
  hide: (text: string) => string = (text) => text,
): EventLog {
  const kept: EventEntry[] = [];
  const listeners = new Set<(entry: EventEntry) => void>();
  const closers = new Set<() => void>();
  let seq = 0;
  let closed = false;

  const add = (event: NewEvent): void => {
    seq += 1;
    const entry: EventEntry = {
      seq,
      time: new Date(realtimeMs()).toISOString(),
      service: event.service,
      kind: event.kind,
      message: hide(event.message),
      state: event.state ?? null,
      pid: event.pid ?? null,
      run: event.run ?? null,
    };
    kept.push(entry);
    // Trimmed in blocks: shift() on each entry would move the whole array.
    if (kept.length >= KEPT * 2) kept.splice(0, kept.length - KEPT);
    for (const listener of listeners) listener(entry);
  };

  const listen = (listener: (entry: EventEntry) => void): (() => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };

  async function* read(query: EventQuery, signal: AbortSignal): AsyncGenerator<EventEntry> {
    const pending = kept.filter((entry) => entry.seq > query.after).slice(-KEPT);
    if (!query.follow) {
      yield* pending;
      return;
    }
    let wake: (() => void) | null = null;
    const poke = (): void => wake?.();
    const unlisten = listen((entry) => {
      pending.push(entry);
      if (pending.length > FOLLOWER_LIMIT) pending.splice(0, pending.length - KEPT);
      poke();
    });
    closers.add(poke);
    signal.addEventListener("abort", poke);
    try {
      while (!signal.aborted) {
        const entry = pending.shift();
        if (entry !== undefined) yield entry;
        else if (closed) return;
        else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          wake = null;
        }
      }
    } finally {
      unlisten();
      closers.delete(poke);
      signal.removeEventListener("abort", poke);
    }
  }

  return {
    add,
    get last() {
      return seq;
    },
    since: (after) => {
      // Numbers have gaps where a supervisor has died.
      let from = kept.length;
      while (from > 0 && (kept[from - 1]?.seq ?? 0) > after) from -= 1;
      return kept.slice(from);
    },
    restore: (entries, after) => {
      const early = kept.splice(0);
      kept.push(...entries.slice(-KEPT));
      seq = after;
      for (const entry of early) kept.push({ ...entry, seq: (seq += 1) });
    },
    goOnAfter: (after) => {
      seq = Math.max(seq, after);
    },
    read,
    listen,
    close: () => {
      closed = true;
      for (const poke of closers) poke();
    },
  };
}
