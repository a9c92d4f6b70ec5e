import { createEndRequests } from "./end-requests.js";

/** What the supervisor itself is told by signals. */
export interface SignalPort {
  readonly shutDown: (signal: NodeJS.Signals) => void;
  readonly shutDownNow: (signal: NodeJS.Signals) => void;
  readonly reload: () => void;
  /** All log files are to be changed for new ones. */
  readonly rotate: () => void;
  readonly childEnded: () => void;
  /** A keeper tells us what it was told: the same signal to ourselves, as a terminal sends it to all, is not for us then. */
  readonly deaf: () => boolean;
  /** True once the terminal that we were started from is gone: then SIGHUP means that, and not "reload". */
  readonly terminalGone: () => boolean;
  readonly monotonicMs: () => number;
}

/**
 * SIGTERM, SIGINT and SIGQUIT: everything down in order, the second one at once. SIGHUP: reload. SIGUSR1: new log files. SIGCHLD: reap. Handlers only hand on.
 * Returns the undo.
 */
export function handleSignals(port: SignalPort): () => void {
  const requested = createEndRequests();
  const down = (signal: NodeJS.Signals): void => {
    if (port.deaf()) return;
    const request = requested(signal, port.monotonicMs());
    if (request === "at once") port.shutDownNow(signal);
    else if (request === "in order") port.shutDown(signal);
  };
  const hangUp = (): void => {
    if (port.terminalGone()) down("SIGHUP");
    else if (!port.deaf()) port.reload();
  };
  const rotate = (): void => {
    if (!port.deaf()) port.rotate();
  };
  // Once for all ends of a turn, and not in the handler itself: libuv hands on signals until there are none, and of services that end and start again
  // without a pause there would always be another, so that nobody else was heard any more.
  let planned: NodeJS.Immediate | null = null;
  const child = (): void => {
    planned ??= setImmediate(() => {
      planned = null;
      port.childEnded();
    });
  };
  const table: readonly (readonly [NodeJS.Signals, (signal: NodeJS.Signals) => void])[] = [
    ["SIGCHLD", child],
    ["SIGTERM", down],
    ["SIGINT", down],
    ["SIGQUIT", down],
    ["SIGHUP", hangUp],
    // Its default in Node is to open a debugger.
    ["SIGUSR1", rotate],
  ];
  for (const [signal, handler] of table) process.on(signal, handler);
  // A stray one must not end a supervisor.
  const ignore = (): void => undefined;
  process.on("SIGUSR2", ignore);
  return () => {
    for (const [signal, handler] of table) process.off(signal, handler);
    if (planned !== null) clearImmediate(planned);
    process.off("SIGUSR2", ignore);
  };
}
