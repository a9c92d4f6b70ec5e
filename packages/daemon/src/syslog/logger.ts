import { formatSyslog, utf8Prefix } from "@supervise/model";
import { createKernel, errnoName, errnoText } from "@supervise/sys";
import { hostname } from "node:os";
import {
  LOG_CONS,
  LOG_ERR,
  LOG_MASK,
  LOG_NDELAY,
  LOG_PERROR,
  LOG_PID,
  LOG_UPTO,
  LOG_DEBUG,
  LOG_WARNING,
} from "./constants.js";
import { writeConsole } from "./console.js";
import { expandError } from "./expand-error.js";
import { createLocalTransport } from "./local-transport.js";
import { createSender } from "./sender.js";
import { facilityBits, facilityOf, greatestFacility, levelBits, usualBytes } from "./options.js";
import type { SyslogDetails, SyslogKernel, SyslogLogger, SyslogOptions } from "./options.js";
import type { Entry, SenderClock } from "./sender.js";
import { createUdpTransport } from "./udp-transport.js";

const syslogPort = 514;

/** Throws a {@link DaemonError} (EINVAL) where the facility is none. */
export function createSyslog(options: SyslogOptions): SyslogLogger {
  const kernel = options.kernel ?? createKernel();
  const target = options.target ?? { path: "/dev/log" };
  const form = options.form ?? ("path" in target ? "local" : "rfc5424");
  const maxBytes = options.maxBytes ?? usualBytes(target, form);
  const flags = options.options ?? 0;
  const ownFacility = facilityOf(options);
  let mask = LOG_UPTO(LOG_DEBUG);
  let cut = 0;

  function entryOf(priority: number, text: string, details: SyslogDetails): Entry {
    const processId = (flags & LOG_PID) === 0 ? null : String(process.pid);
    const timeMicros = kernel.realtimeMicros();
    const message = formatSyslog(
      {
        facility: (priority & facilityBits) >> 3,
        level: priority & levelBits,
        timeMicros,
        offsetMinutes: 0 - new Date(timeMicros / 1000).getTimezoneOffset(),
        host: hostname(),
        app: options.ident,
        processId,
        messageId: details.messageId ?? null,
        structuredData: details.structuredData ?? [],
        text,
      },
      form,
    );
    const bytes = Buffer.from(message);
    const kept = utf8Prefix(bytes, maxBytes);
    if (kept < bytes.length) cut += 1;
    const who = processId === null ? options.ident : `${options.ident}[${processId}]`;
    return { bytes: bytes.subarray(0, kept), line: `${who}: ${text}` };
  }

  const sender = createSender({
    connect: (events) =>
      "path" in target
        ? createLocalTransport(target.path, kernel, events)
        : createUdpTransport({ host: target.host, port: target.port ?? syslogPort }, events),
    clock: options.clock ?? systemClock(kernel),
    holdMs: options.holdMs ?? 5000,
    holdBytes: options.holdBytes ?? 1_048_576,
    onLost(entry) {
      if (entry !== null && (flags & LOG_CONS) !== 0)
        writeConsole(kernel, options.consolePath ?? "/dev/console", entry.line);
    },
    report: (count, errno) =>
      entryOf(
        LOG_WARNING | ownFacility,
        `cannot deliver ${count} ${count === 1 ? "message" : "messages"}: ${errnoText(errno)} (${errnoName(errno)})`,
        {},
      ),
  });
  if ((flags & LOG_NDELAY) !== 0) sender.open();

  const log: SyslogLogger["log"] = (priority, text, details = {}) => {
    const known = priority & (levelBits | facilityBits);
    if (known !== priority || known >> 3 > greatestFacility) {
      log(LOG_ERR, `unknown facility or level ${priority}`);
      log(known & levelBits, text, details);
      return;
    }
    if ((mask & LOG_MASK(priority)) === 0) return;
    const full = (priority & facilityBits) === 0 ? priority | ownFacility : priority;
    const entry = entryOf(
      full,
      details.cause === undefined ? text : expandError(text, details.cause),
      details,
    );
    if ((flags & LOG_PERROR) !== 0) writeAll(kernel, `${entry.line.replace(/\n$/, "")}\n`);
    sender.send(entry);
  };

  return {
    log,
    setMask(wanted) {
      const before = mask;
      if (wanted !== 0) mask = wanted;
      return before;
    },
    counts: () => ({ ...sender.counts(), cut }),
    flush: (withinMs = 1000) => sender.flush(withinMs),
    close: () => sender.close(),
  };
}

/** To descriptor 2, as LOG_PERROR asks for; what it does not take is lost. */
function writeAll(kernel: SyslogKernel, line: string): void {
  const bytes = Buffer.from(line);
  kernel.write(2, bytes, 0, bytes.length);
}

function systemClock(kernel: SyslogKernel): SenderClock {
  return {
    nowMs: () => kernel.monotonicMs(),
    after(delayMs, call, holds) {
      const timer = setTimeout(call, delayMs);
      if (!holds) timer.unref();
      return () => clearTimeout(timer);
    },
  };
}
