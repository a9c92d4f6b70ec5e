import type { Cause, SignalName } from "@supervise/model";
import type { Signal } from "@supervise/process";
import { createEndRequests } from "@supervise/supervisor";
import { signalName } from "@supervise/sys";

export interface KeeperSignalsPort {
  readonly shutDown: (cause: Cause) => void;
  readonly shutDownNow: (cause: Cause) => void;
  /** Settles when the configuration is applied or refused. */
  readonly reload: (cause: Cause) => Promise<unknown>;
  /** Settles when all log files are new ones. */
  readonly rotate: (cause: Cause) => Promise<unknown>;
  /** See `SignalPort.terminalGone`. */
  readonly terminalGone: () => boolean;
}

const DOWN: ReadonlySet<SignalName> = new Set<SignalName>(["SIGTERM", "SIGINT", "SIGQUIT"]);

/**
 * What signals to the keeper mean, as `handleSignals` has it for our own. A request to end is not dealt with before all is down, when nobody asks any
 * more: should we die on the way, the next supervisor hears it again and goes on. A reload is dealt with when the configuration is applied.
 */
export function keeperSignals(
  port: KeeperSignalsPort,
): (signal: Signal) => boolean | Promise<unknown> {
  const requested = createEndRequests();
  return (told) => {
    const signal = signalName(told.signal);
    const cause: Cause = {
      kind: "signal",
      signal,
      ...(told.senderPid > 0 ? { by: `pid ${told.senderPid} (uid ${told.senderUid})` } : {}),
    };
    const hangUp = signal === "SIGHUP";
    if (DOWN.has(signal) || (hangUp && port.terminalGone())) {
      const request = requested(signal, told.atMs);
      if (request === "at once") port.shutDownNow(cause);
      else if (request === "in order") port.shutDown(cause);
      return false;
    }
    if (signal === "SIGUSR1") return port.rotate(cause);
    return hangUp ? port.reload(cause) : true;
  };
}
