import type { Clock } from "./clock.js";
import type { Listener } from "./listener.js";
import { formatMs } from "./log.js";
import type { Log } from "./log.js";
import { ConfError, readConf } from "./read-conf.js";
import type { ConfFile } from "./read-conf.js";
import type { Settings } from "./settings.js";

export interface ReloadRequest {
  readonly conf: ConfFile;
  readonly settings: Settings;
  readonly listener: Pick<Listener, "address" | "port" | "inherited">;
  readonly log: Log;
  readonly clock: Clock;
}

/**
 * Reads the configuration again and opens the log anew. Returns what holds from now on: where the new configuration has a mistake, or names a log that can't be opened, all stays as
 * it was, which is told; the old log is opened anew even then, for whoever has renamed it waits for that.
 */
export function reload({ conf, settings, listener, log, clock }: ReloadRequest): Settings {
  const beganMs = clock.nowMs();
  let next = settings;
  try {
    const read = readConf(conf);
    log.reopen(read.log);
    next = { ...read, bind: settings.bind, port: settings.port, pidFile: settings.pidFile };
    for (const text of keptApart(read, settings, listener)) log.row(text);
  } catch (error) {
    const messages = error instanceof ConfError ? error.messages : [messageOf(error)];
    for (const text of messages) log.row(text);
    reopenOld(log);
    log.row(`kept the old configuration, in ${formatMs(clock.nowMs() - beganMs)}`);
    return settings;
  }
  log.row(
    `reloaded "${conf.path}" and reopened the log, descriptor ${log.fd}, in ${formatMs(clock.nowMs() - beganMs)}`,
  );
  return next;
}

function reopenOld(log: Log): void {
  try {
    log.reopen(log.path);
  } catch (error) {
    log.row(messageOf(error));
  }
}

/** What a running daemon does not change, in the words of the log. */
function* keptApart(
  read: Settings,
  settings: Settings,
  listener: ReloadRequest["listener"],
): Generator<string> {
  const ours = listener.inherited
    ? read.port !== settings.port || read.bind !== settings.bind
    : read.bind !== settings.bind || (read.port !== settings.port && read.port !== listener.port);
  if (ours)
    yield `the configuration says port ${read.port} at ${read.bind}, but the socket stays bound to ${listener.address} until the next start`;
  if (read.pidFile !== settings.pidFile)
    yield `the configuration says pidfile "${read.pidFile}", but it stays "${settings.pidFile}" until the next start`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
