import type { SocketSpec } from "./spec.js";
import type { Cause, ExitStatus, ForkedAway, RunEnd } from "./state.js";

/**
 * A duration for people, in milliseconds in: "850 ms", "3.2 s", "10 s", "2 min 5 s", "3 h 20 min", "4 d 1 h". Below 10 s with one decimal,
 * unless it is whole.
 */
export function formatDuration(durationMs: number): string {
  const ms = Math.max(0, Math.round(durationMs));
  if (ms < 1000) return `${ms} ms`;
  const tenths = Math.round(ms / 100);
  if (tenths < 100) return `${tenths % 10 === 0 ? tenths / 10 : (tenths / 10).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return pair(seconds, 60, "min", "s");
  const minutes = Math.round(seconds / 60);
  if (minutes < 24 * 60) return pair(minutes, 60, "h", "min");
  return pair(Math.round(minutes / 60), 24, "d", "h");
}

function pair(value: number, size: number, large: string, small: string): string {
  const rest = value % size;
  return `${Math.floor(value / size)} ${large}${rest === 0 ? "" : ` ${rest} ${small}`}`;
}

/** How a process ended, as the rest of a sentence that begins with its name: "exited with code 1", "was killed by SIGSEGV (core dumped)". */
export function describeExit(status: ExitStatus): string {
  switch (status.kind) {
    case "code":
      return `exited with code ${status.code}`;
    case "signal":
      return `was killed by ${status.signal}${status.coreDumped ? " (core dumped)" : ""}`;
    case "unknown":
      return "ended with a status that the kernel does not tell";
  }
}

/** What to do about a program that goes to the background by itself; follows on `describeExit`. Empty where it did not. */
export function describeForkedAway(away: ForkedAway | undefined): string {
  if (away === undefined) return "";
  const pids = `pid ${away.pids.join(", ")}`;
  const seen = away.proved
    ? ` and left ${pids} in the background`
    : `, and ${pids} appeared in the background, of which nothing tells whose it is`;
  return `${seen}; a program that puts itself there needs "type: forking"${away.proved ? "" : " and its pidfile"}`;
}

/** How a run ended, as the rest of a sentence that begins with the run: "was not ready in time (...), then was killed by SIGTERM". */
export function describeEnd(end: RunEnd): string {
  if (end.kind === "spawnFailed")
    return `could not start: ${end.failure.stage} (${end.failure.errno})`;
  const exit = describeExit(end.status);
  switch (end.reason.kind) {
    case "exited":
      return `${exit}${describeForkedAway(end.reason.forkedAway)}`;
    case "requested":
      return `was stopped ${describeCause(end.reason.cause)} and ${exit}`;
    case "notReady":
      return `was stopped because it did not become ready (${end.reason.detail}) and ${exit}`;
    case "unhealthy":
      return `was stopped because it was unhealthy (${end.reason.detail}) and ${exit}`;
    case "watchdog":
      return `was stopped because its watchdog heard nothing for ${formatDuration(end.reason.timeoutMs)} and ${exit}`;
  }
}

/** Who or what asked, as an adverbial: "by the operator (uid 0)", "because "web" needs it". */
export function describeCause(cause: Cause): string {
  switch (cause.kind) {
    case "operator":
      return `by ${cause.by}`;
    case "dependency":
      return `because of "${cause.name}"`;
    case "configuration":
      return `by configuration ${cause.generation}`;
    case "shutdown":
      return `by the shutdown (${cause.by})`;
    case "signal":
      return `by ${cause.signal}${cause.by === undefined ? "" : ` from ${cause.by}`}`;
    case "policy":
      return "by policy";
    case "fileChanged":
      return `because "${cause.path}" has changed`;
  }
}

/** "127.0.0.1:8080", "[::1]:8080", "/run/web.sock". */
export function describeSocket({ address }: SocketSpec): string {
  if (address.kind === "unix") return address.path;
  const { host, port } = address;
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}
