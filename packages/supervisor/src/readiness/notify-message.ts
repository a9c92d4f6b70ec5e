/**
 * One datagram of the sd_notify(3) protocol: newline-separated assignments.
 */
export interface NotifyMessage {
  readonly ready: boolean;
  readonly reloading: boolean;
  readonly stopping: boolean;
  readonly watchdog: "alive" | "trigger" | null;
  /** STATUS=, without control characters. */
  readonly status: string | null;
  /** MAINPID=, where it is a number. */
  readonly mainPid: number | null;
  /** WATCHDOG_USEC=: a new watchdog time, in milliseconds. */
  readonly watchdogMs: number | null;
}

/** Longest status that is kept, in characters. */
const STATUS_LIMIT = 300;

/** Never throws: what is not understood is passed over, as the protocol asks (unknown assignments are ignored). */
export function parseNotifyMessage(data: Uint8Array): NotifyMessage {
  const values = new Map<string, string>();
  for (const line of Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    .toString("utf8")
    .split("\n")) {
    const equals = line.indexOf("=");
    if (equals > 0) values.set(line.slice(0, equals), line.slice(equals + 1));
  }
  const watchdog = values.get("WATCHDOG");
  const status = values.get("STATUS");
  const micros = positiveInteger(values.get("WATCHDOG_USEC"));
  return {
    ready: values.get("READY") === "1",
    reloading: values.get("RELOADING") === "1",
    stopping: values.get("STOPPING") === "1",
    watchdog: watchdog === "1" ? "alive" : watchdog === "trigger" ? "trigger" : null,
    status:
      status === undefined
        ? null
        : status.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, " ").slice(0, STATUS_LIMIT),
    mainPid: positiveInteger(values.get("MAINPID")),
    watchdogMs: micros === null ? null : micros / 1_000,
  };
}

function positiveInteger(text: string | undefined): number | null {
  if (text === undefined || !/^[1-9][0-9]{0,14}$/.test(text)) return null;
  return Number(text);
}
