import { errnoText } from "@supervise/daemon";
import type { Logfile } from "@supervise/daemon";
import type { Clock } from "./clock.js";

/** The rows of the daemon's log. */
export interface Log {
  readonly path: string;
  readonly fd: number;
  /** `2026-11-21T18:40:00.123456Z daemond[PID]: Text` */
  row(text: string): void;
  /** The same with CLOCK_MONOTONIC to the nanosecond behind it; returns that time. */
  step(text: string): bigint;
  /** See Logfile. */
  reopen(path: string): void;
}

/** Rows that find no room on the disk are counted, and told by the first one that does. */
export function createLog(
  file: Logfile,
  clock: Pick<Clock, "realtimeMicros" | "monotonicNanos">,
  pid: number,
): Log {
  let lost = 0;
  let cause = 0;

  function row(text: string): void {
    const stamp = `${formatRealtime(clock.realtimeMicros())} daemond[${pid}]: `;
    const gap =
      lost === 0 ? "" : `${stamp}${lost} rows before this were lost: ${errnoText(cause)}\n`;
    const errno = file.write(`${gap}${stamp}${printable(text)}\n`);
    lost = errno === null ? 0 : lost + 1;
    cause = errno ?? cause;
  }

  return {
    get path() {
      return file.path;
    },
    fd: file.fd,
    row,
    step(text) {
      const nanos = clock.monotonicNanos();
      row(`${text} (monotonic ${formatNanos(nanos)} s)`);
      return nanos;
    },
    reopen: (path) => file.reopen(path),
  };
}

/** RFC 3339 in UTC with microseconds. */
export function formatRealtime(micros: number): string {
  const whole = new Date(Math.floor(micros / 1e6) * 1000).toISOString().slice(0, 19);
  return `${whole}.${String(micros % 1_000_000).padStart(6, "0")}Z`;
}

/** Seconds with nine digits behind the point. */
export function formatNanos(nanos: bigint): string {
  return `${nanos / 1_000_000_000n}.${String(nanos % 1_000_000_000n).padStart(9, "0")}`;
}

/** A time between two readings, in milliseconds to the microsecond: "0.412 ms". */
export function formatMs(ms: number): string {
  return `${ms.toFixed(3)} ms`;
}

/** What a client sends is told by rows too, and must not make rows of its own. */
function printable(text: string): string {
  return text.replaceAll(
    /[\u0000-\u001F\u007F-\u009F]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}
