import { onShutdown } from "@supervise/daemon";
import type { Pidfile } from "@supervise/daemon";
import type { Clock } from "./clock.js";
import type { Connections } from "./connections.js";
import type { Listener } from "./listener.js";
import { formatMs } from "./log.js";
import type { Log } from "./log.js";

/** What is left of the kit's eight seconds when the clients' time is over. */
const RESERVE_MS = 3_000;

export interface ShutDownRequest {
  readonly listener: Listener;
  readonly connections: Connections;
  readonly pidfile: Pidfile;
  readonly log: Log;
  readonly clock: Clock;
}

/**
 * On SIGTERM or SIGINT: no more clients, then the answers that are owed, then connections, timer, listener and pidfile, each told with its descriptors. The handler that is added last
 * runs first.
 */
export function shutDownInOrder(request: ShutDownRequest): void {
  const { listener, connections, pidfile, log, clock } = request;
  let beganMs = 0;
  let held = listener.fd;
  const step = (name: string, run: (leftMs: number) => void | Promise<void>): void => {
    onShutdown(({ leftMs }) => run(leftMs()), { name, tell: log.row });
  };
  step("last row", () => {
    log.row(`shut down in ${formatMs(clock.nowMs() - beganMs)}; log at descriptor ${log.fd} ends`);
  });
  step("pidfile", () => {
    const removed = pidfile.remove();
    log.row(
      removed
        ? `removed pidfile "${pidfile.path}"`
        : `left pidfile "${pidfile.path}": it is not ours any more`,
    );
  });
  step("listener", () => {
    listener.close();
    log.row(`closed listener ${listener.address}, descriptor ${held}`);
  });
  step("timer", () => {
    connections.stopScans();
    log.row("stopped the timer of the scans, which has no descriptor");
  });
  step("connections", () =>
    then(connections.closeAll("for the daemon ends"), (closed) =>
      log.row(`closed ${list(closed)}`),
    ),
  );
  step("requests in flight", (leftMs) => {
    const open = connections.size;
    return then(connections.drain(Math.max(0, leftMs - RESERVE_MS)), (left) =>
      log.row(`finished what was in flight: ${open} connections before, ${left} unfinished`),
    );
  });
  onShutdown(
    ({ signal }) => {
      beganMs = clock.nowMs();
      held = listener.stopAccepting();
      log.row(
        `${signal}: stopped accepting on ${listener.address}, descriptor ${listener.fd}; ${held} holds the socket`,
      );
    },
    { name: "accepting", tell: log.row },
  );
}

/** A turn of the loop is what a daemon without clients has no need to wait for. */
function then<Value>(
  value: Value | Promise<Value>,
  call: (value: Value) => void,
): void | Promise<void> {
  return value instanceof Promise ? value.then(call) : call(value);
}

function list(descriptors: readonly number[]): string {
  return descriptors.length === 0
    ? "no connection"
    : `connections at descriptors ${descriptors.join(", ")}`;
}
