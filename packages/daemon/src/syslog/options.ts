import { syslogFacilityNumber } from "@supervise/model";
import type { StructuredElement, SyslogForm } from "@supervise/model";
import type { Kernel } from "@supervise/sys";
import { DaemonError } from "../daemon-error.js";
import { LOG_USER } from "./constants.js";
import type { ErrorCause } from "./expand-error.js";
import type { SenderClock, SenderCounts } from "./sender.js";

/** LOG_PRIMASK and LOG_FACMASK of <sys/syslog.h>. */
export const levelBits = 0x07;
export const facilityBits = 0x3f8;
export const greatestFacility = 23;
const messageBytes = { path: 8192, host: 2048, old: 1024 } as const;

/** Where messages go: the socket of the local syslog daemon, or a host. Port 514 unless told (RFC 5426). */
export type SyslogTarget =
  | { readonly path: string }
  | { readonly host: string; readonly port?: number };

export interface SyslogOptions {
  /** Who speaks: the tag, or APP-NAME. */
  readonly ident: string;
  /** LOG_PID, LOG_CONS, LOG_NDELAY, LOG_ODELAY, LOG_NOWAIT, LOG_PERROR, or-ed together; 0 unless told. */
  readonly options?: number;
  /** Of messages whose priority names none: LOG_DAEMON, or "daemon". LOG_USER unless told. */
  readonly facility?: number | string;
  /** /dev/log unless told. */
  readonly target?: SyslogTarget;
  /** "local" for a path and "rfc5424" for a host unless told. */
  readonly form?: SyslogForm;
  /** Longer messages are cut; 8192 for a path (what syslog daemons take), 2048 for a host (RFC 5426, section 3.2), 1024 for RFC 3164 there (section 4.1). */
  readonly maxBytes?: number;
  /** How long a message may wait for a syslog daemon that is slow or away, in milliseconds; 5000 unless told. */
  readonly holdMs?: number;
  /** How many bytes of messages may wait; 1 MiB unless told. */
  readonly holdBytes?: number;
  /** For LOG_CONS; /dev/console unless told. */
  readonly consolePath?: string;
  readonly kernel?: SyslogKernel;
  readonly clock?: SenderClock;
}

export type SyslogKernel = Pick<
  Kernel,
  | "connectSocket"
  | "send"
  | "close"
  | "open"
  | "write"
  | "createPoller"
  | "realtimeMicros"
  | "monotonicMs"
>;

/** What a message may have besides its text. */
export interface SyslogDetails {
  /** Makes `%m` (and `%%`) of the text a conversion. */
  readonly cause?: ErrorCause;
  /** RFC 5424 alone tells these two. */
  readonly messageId?: string;
  readonly structuredData?: readonly StructuredElement[];
}

export interface SyslogCounts extends SenderCounts {
  /** Of the messages, how many were longer than allowed and lost their ends. */
  readonly cut: number;
}

/** A connection to syslog with its own identity. */
export interface SyslogLogger {
  /**
   * Sends one message; it never waits and never throws. `priority` is a facility and a level, or-ed; without a facility it is the logger's. A message that finds no
   * room or no listener waits for at most `holdMs`; what had to be given up is counted, and told by a message of its own once one gets through.
   */
  log(priority: number, text: string, details?: SyslogDetails): void;
  /** Lets through the levels of `mask` (LOG_MASK, LOG_UPTO) alone; 0 changes nothing. Returns the mask before. */
  setMask(mask: number): number;
  counts(): SyslogCounts;
  /** Resolves with true when nothing waits, all being sent or given up, and with false after `withinMs` (1000 unless told). Never rejects. */
  flush(withinMs?: number): Promise<boolean>;
  /** Closes the descriptor once nothing waits. A later message opens it again, as after closelog(3). */
  close(): void;
}

/** The limit of a message where the options name none. */
export function usualBytes(target: SyslogTarget, form: SyslogForm): number {
  if ("path" in target) return messageBytes.path;
  return form === "rfc5424" ? messageBytes.host : messageBytes.old;
}

/** The facility in its place in a priority. Throws where it is none. */
export function facilityOf({ ident, facility = LOG_USER }: SyslogOptions): number {
  const number = typeof facility === "string" ? syslogFacilityNumber(facility) : facility >> 3;
  const isFacility =
    number !== null && (typeof facility === "string" || (facility & ~facilityBits) === 0);
  if (!isFacility || number < 0 || number > greatestFacility)
    throw new DaemonError(`cannot open log "${ident}": unknown facility "${facility}"`, "EINVAL");
  return number << 3;
}
