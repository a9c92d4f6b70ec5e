import { basename } from "node:path";
import { createSyslog } from "./logger.js";
import type { SyslogCounts, SyslogDetails, SyslogLogger, SyslogOptions } from "./options.js";

/** The mask is the process's and outlives openlog() and closelog(), as in syslog(3). */
let mask = 0;
let logger: SyslogLogger | null = null;
let settings: SyslogOptions = { ident: basename(process.argv[1] ?? process.argv0, ".js") };

/**
 * openlog(3) for this process: who speaks, LOG_... options, and the facility of messages that name none. `more` names another target, form or limit. A second
 * call replaces the first. Throws a {@link DaemonError} (EINVAL) where the facility is none.
 */
export function openlog(
  ident: string,
  options = 0,
  facility?: number | string,
  more: Omit<SyslogOptions, "ident" | "options" | "facility"> = {},
): void {
  const wanted = { ...more, ident, options, ...(facility === undefined ? {} : { facility }) };
  const opened = createSyslog(wanted);
  opened.setMask(mask);
  logger?.close();
  logger = opened;
  settings = wanted;
}

/**
 * syslog(3): one message of the priority `LOG_WARNING` or `LOG_AUTH | LOG_ERR`. With a `cause` in the details, `%m` stands for its error. It never waits and never
 * throws; see {@link SyslogLogger.log}. Without openlog() the ident is the name of the script.
 */
export function syslog(priority: number, text: string, details?: SyslogDetails): void {
  current().log(priority, text, details);
}

/** setlogmask(3): the levels that pass (LOG_MASK, LOG_UPTO); 0 only asks. Returns the mask before. */
export function setlogmask(wanted: number): number {
  const before = current().setMask(wanted);
  if (wanted !== 0) mask = wanted;
  return before;
}

/** closelog(3): closes the descriptor once nothing waits; a later message opens it again. To be called before a daemon closes all its descriptors. */
export function closelog(): void {
  logger?.close();
}

/**
 * Resolves with true when no message waits any more, and with false after `withinMs`, as where nobody listens. For the end of a daemon: `await flushlog()` as its last step. Never rejects.
 */
export function flushlog(withinMs = 1000): Promise<boolean> {
  return logger?.flush(withinMs) ?? Promise.resolve(true);
}

/** How many messages of this process were sent, wait, were lost, were cut. */
export function syslogCounts(): SyslogCounts {
  return current().counts();
}

function current(): SyslogLogger {
  if (logger === null) {
    logger = createSyslog(settings);
    logger.setMask(mask);
  }
  return logger;
}
