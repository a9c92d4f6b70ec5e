import type { Binding } from "./binding.js";
import { SystemCallError } from "./errno.js";
import type { Poller, ReadyCallback } from "./kernel.js";

/** EPOLL... of epoll(7), the same on every Linux. `error` and `hangUp` are always reported, asked for or not. */
export const pollEvents = {
  input: 0x001,
  priority: 0x002,
  output: 0x004,
  error: 0x008,
  hangUp: 0x010,
} as const;

/** Pairs delivered in one turn; what is more comes in the next, as readiness is level-triggered. */
const pairsPerTurn = 256;

const badDescriptor = -9;

/** Throws a {@link SystemCallError} where no epoll descriptor is to be had. */
export function createPoller(native: Binding, callback: ReadyCallback): Poller {
  const handle = native.pollerCreate(callback, new Uint32Array(pairsPerTurn * 2));
  if (typeof handle === "number") throw new SystemCallError("cannot create a poller", handle);
  const watched = new Set<number>();
  let closed = false;
  return {
    add(fd, token, events) {
      if (closed) return badDescriptor;
      const result = native.pollerAdd(handle, fd, token, events);
      if (result === 0) {
        if (watched.size === 0) native.pollerHold(handle, true);
        watched.add(fd);
      }
      return result;
    },
    modify: (fd, token, events) =>
      closed ? badDescriptor : native.pollerModify(handle, fd, token, events),
    // A descriptor that was closed too early is no longer the kernel's to remove, but must not hold the event loop open.
    remove(fd) {
      if (closed) return badDescriptor;
      const result = native.pollerRemove(handle, fd);
      if (watched.delete(fd) && watched.size === 0) native.pollerHold(handle, false);
      return result;
    },
    close() {
      if (closed) return;
      closed = true;
      watched.clear();
      native.pollerClose(handle);
    },
  };
}
