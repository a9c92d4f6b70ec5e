import { pollEvents, type Kernel, type Poller, type Result } from "@supervise/sys";

/** Events of epoll(7), as `Poller` takes and reports them. */
export const pollIn: number = pollEvents.input;
export const pollOut: number = pollEvents.output;
const { hangUp } = pollEvents;

/** Gets told that its descriptor is ready. Must bear a call for nothing: a number may be closed and given out anew within one turn. */
export interface DescriptorHandler {
  onReady(events: number): void;
}

/** One poller shared by everything that waits for descriptors: pipes, pidfds, notify sockets, the terminal. Level-triggered. */
export interface DescriptorWatch {
  /** A negative errno: it is not watched (EPERM: a regular file, which is always ready). */
  add(fd: number, events: number, handler: DescriptorHandler): Result;
  modify(fd: number, events: number): Result;
  /** To be called before the descriptor is closed; does nothing for one that is not watched. */
  remove(fd: number): void;
  /** Ends all watches; the descriptors stay their owners'. */
  close(): void;
}

/**
 * Makes the shared poller. The descriptor's number is its token. `hungUp` is called first in a turn in which the other side of a descriptor is gone:
 * most often because its process is.
 */
export function createDescriptorWatch(
  kernel: Pick<Kernel, "createPoller">,
  hungUp: () => void = () => undefined,
): DescriptorWatch {
  const handlers: (DescriptorHandler | undefined)[] = [];
  const poller: Poller = kernel.createPoller((ready, count) => {
    for (let index = 0; index < count; index += 1) {
      if (((ready[2 * index + 1] ?? 0) & hangUp) === 0) continue;
      hungUp();
      break;
    }
    for (let index = 0; index < count; index += 1) {
      // A handler that ran earlier in this turn may have ended this watch.
      handlers[ready[2 * index] ?? -1]?.onReady(ready[2 * index + 1] ?? 0);
    }
  });
  return {
    add(fd, events, handler) {
      const result = poller.add(fd, fd, events);
      if (result >= 0) handlers[fd] = handler;
      return result;
    },
    modify: (fd, events) => poller.modify(fd, fd, events),
    remove(fd) {
      if (handlers[fd] === undefined) return;
      handlers[fd] = undefined;
      poller.remove(fd);
    },
    close() {
      handlers.length = 0;
      poller.close();
    },
  };
}
