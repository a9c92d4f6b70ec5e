import type { Poller, ReadyCallback } from "../kernel.js";
import { pollEvents } from "../poller.js";
import { readinessOf } from "./descriptors.js";
import type { DescriptorTable } from "./descriptors.js";

const exists = -17;
const notFound = -2;
const badDescriptor = -9;
const pairsPerTurn = 256;

/** All pollers of one fake kernel; nothing is delivered but by `turn`. */
export interface FakePollers {
  create(callback: ReadyCallback): Poller;
  /** One turn of the event loop: each poller with something ready gets one callback. False when nothing was ready. */
  turn(): boolean;
  /** How many descriptors are watched; while there are any, the real one holds the event loop open. */
  watched(): number;
}

interface FakePoller {
  readonly poller: Poller;
  turn(): boolean;
  watched(): number;
}

export function createFakePollers(descriptors: DescriptorTable): FakePollers {
  const pollers = new Set<FakePoller>();
  return {
    create(callback) {
      const made = createFakePoller(descriptors, callback, () => pollers.delete(made));
      pollers.add(made);
      return made.poller;
    },
    turn() {
      let delivered = false;
      for (const each of pollers) delivered = each.turn() || delivered;
      return delivered;
    },
    watched() {
      let count = 0;
      for (const each of pollers) count += each.watched();
      return count;
    },
  };
}

function createFakePoller(
  descriptors: DescriptorTable,
  callback: ReadyCallback,
  onClose: () => void,
): FakePoller {
  const interests = new Map<number, { readonly token: number; readonly events: number }>();
  const ready = new Uint32Array(pairsPerTurn * 2);
  let delivering: number[] = [];
  let closed = false;
  const change = (fd: number, token: number, events: number, wantsExisting: boolean): number => {
    if (closed || descriptors.get(fd) === null) return badDescriptor;
    if (interests.has(fd) !== wantsExisting) return wantsExisting ? notFound : exists;
    interests.set(fd, { token, events });
    return 0;
  };
  const poller: Poller = {
    add: (fd, token, events) => change(fd, token, events, false),
    modify: (fd, token, events) => change(fd, token, events, true),
    remove(fd) {
      if (closed) return badDescriptor;
      const known = interests.delete(fd);
      const index = delivering.indexOf(fd);
      if (index >= 0) ready[2 * index + 1] = 0;
      if (descriptors.get(fd) === null) return badDescriptor;
      return known ? 0 : notFound;
    },
    close() {
      closed = true;
      interests.clear();
      onClose();
    },
  };
  const turn = (): boolean => {
    delivering = [];
    for (const [fd, interest] of interests) {
      const open = descriptors.get(fd);
      const events =
        open === null
          ? 0
          : readinessOf(open) & (interest.events | pollEvents.error | pollEvents.hangUp);
      if (events === 0 || delivering.length === pairsPerTurn) continue;
      ready[2 * delivering.length] = interest.token;
      ready[2 * delivering.length + 1] = events;
      delivering.push(fd);
    }
    if (delivering.length > 0) callback(ready, delivering.length);
    return delivering.length > 0;
  };
  return { poller, turn, watched: () => interests.size };
}
