import type { EngineEvent } from "@supervise/model";
import type { Room } from "./room.js";

/** The engine hears one event at a time: what comes while one is carried out waits. */
export interface EventQueue {
  readonly post: Room["post"];
  /** Puts in several events before the first is carried out. */
  postAll(events: readonly EngineEvent[]): void;
}

export interface EventQueuePort {
  /** Dispatches one event and carries out what follows. `books` as in `Room.post`; null: there are none. */
  readonly handle: (event: EngineEvent, books: (() => void) | null) => void;
  /** Nothing waits any more. */
  readonly settled: () => void;
}

export function createEventQueue({ handle, settled }: EventQueuePort): EventQueue {
  const queue: EngineEvent[] = [];
  let draining = false;
  const drain = (first: (() => void) | null = null): void => {
    if (draining) return;
    draining = true;
    let books = first;
    try {
      for (let event = queue.shift(); event !== undefined; event = queue.shift()) {
        const late = books;
        books = null;
        handle(event, late);
      }
      settled();
    } finally {
      draining = false;
    }
  };
  return {
    post: (event, books) => {
      // Behind other events it is not known what these lead to.
      const next = !draining && queue.length === 0;
      if (!next) books?.();
      queue.push(event);
      drain(next ? (books ?? null) : null);
    },
    postAll: (events) => {
      queue.push(...events);
      drain();
    },
  };
}
