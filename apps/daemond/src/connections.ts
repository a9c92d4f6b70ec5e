import type { Socket } from "node:net";
import type { Clock } from "./clock.js";
import { serveConnection } from "./connection.js";
import type { Connection } from "./connection.js";
import type { Request } from "./http/request.js";
import type { Response } from "./http/response.js";

/** How often the table is looked through for connections that have been idle for too long. */
export const SCAN_MS = 30_000;

export interface ConnectionsWorld {
  readonly clock: Clock;
  readonly row: (text: string) => void;
  readonly answer: (request: Request) => Response;
  readonly idleTimeoutMs: () => number;
}

/** All connections, by their descriptors. */
export interface Connections {
  readonly size: number;
  readonly accepted: number;
  readonly requests: number;
  accept(socket: Socket): void;
  startScans(): void;
  /** Undoes `startScans`. */
  stopScans(): void;
  /**
   * From now on each connection ends with its answer, and those without a request at once. Settles when none is left, or when `deadlineMs` has passed, with the number of those that are left;
   * where there is none, there is nothing to wait for.
   */
  drain(deadlineMs: number): number | Promise<number>;
  /** Closes what is there and settles with their descriptors once the kernel has them back. */
  closeAll(why: string): readonly number[] | Promise<readonly number[]>;
}

export function createConnections(world: ConnectionsWorld): Connections {
  const { clock, row, answer, idleTimeoutMs } = world;
  const table = new Map<number, Connection>();
  let accepted = 0;
  let closedRequests = 0;
  let ending = false;
  let disarm = (): void => undefined;
  let onEmpty = (): void => undefined;

  function remove(connection: Connection): void {
    closedRequests += connection.requests;
    // The number may be another's already.
    if (table.get(connection.fd) === connection) table.delete(connection.fd);
    if (table.size === 0) onEmpty();
  }

  function scan(): void {
    const nowMs = clock.nowMs();
    const limitMs = idleTimeoutMs();
    for (const connection of table.values()) {
      const { activeMs, requestSinceMs } = connection;
      const idleMs = nowMs - activeMs;
      if (idleMs > limitMs) connection.close(`for it was idle for ${seconds(idleMs)} s`);
      // A request that comes byte by byte is never idle.
      else if (requestSinceMs !== null && nowMs - requestSinceMs > limitMs)
        connection.refuse(
          { status: 408, why: `a request must be whole within ${seconds(limitMs)} s` },
          `for its request was not whole within ${seconds(limitMs)} s`,
        );
    }
    armScan();
  }

  function armScan(): void {
    disarm = clock.after(SCAN_MS, scan);
  }

  /** Settles when the table is empty. */
  function emptied(): Promise<void> {
    if (table.size === 0) return Promise.resolve();
    return new Promise((resolve) => (onEmpty = resolve));
  }

  async function finish(deadlineMs: number): Promise<number> {
    // What the kernel has received already counts as sent in time.
    await new Promise((resolve) => setImmediate(resolve));
    for (const connection of table.values())
      if (!connection.busy) connection.close("for the daemon ends");
    if (table.size === 0) return 0;
    let undo = (): void => undefined;
    const tooLate = new Promise<void>((resolve) => (undo = clock.after(deadlineMs, resolve)));
    await Promise.race([emptied(), tooLate]);
    undo();
    return table.size;
  }

  async function close(why: string): Promise<readonly number[]> {
    const descriptors = [...table.keys()];
    for (const connection of table.values()) connection.close(why);
    await emptied();
    return descriptors;
  }

  return {
    get size() {
      return table.size;
    },
    get accepted() {
      return accepted;
    },
    get requests() {
      return [...table.values()].reduce((sum, { requests }) => sum + requests, closedRequests);
    },
    accept(socket) {
      accepted += 1;
      const connection = serveConnection(
        socket,
        { clock, row, answer, isEnding: () => ending },
        remove,
      );
      table.set(connection.fd, connection);
    },
    startScans: armScan,
    stopScans: () => disarm(),
    drain(deadlineMs) {
      ending = true;
      return table.size === 0 ? 0 : finish(deadlineMs);
    },
    closeAll: (why) => (table.size === 0 ? [] : close(why)),
  };
}

function seconds(ms: number): number {
  return Math.round(ms) / 1000;
}
