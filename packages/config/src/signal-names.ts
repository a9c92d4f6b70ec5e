import { constants } from "node:os";
import type { SignalName } from "@supervise/model";

/** signal(7): SIGRTMIN as programs see it, after the C library took two for itself, and SIGRTMAX. */
const FIRST_REALTIME = 34;
const LAST_REALTIME = 64;

/** Other names of the same signal, by its usual one. */
const ALIASES: Readonly<Record<string, SignalName>> = {
  SIGIOT: "SIGABRT",
  SIGCLD: "SIGCHLD",
  SIGPOLL: "SIGIO",
  SIGUNUSED: "SIGSYS",
};

const NUMBERS: ReadonlyMap<SignalName, number> = new Map(
  Object.entries(constants.signals).filter(([name]) => ALIASES[name] === undefined),
);

/** The usual names, "SIGTERM" and so on, without the real-time ones. */
export const signalNames: readonly SignalName[] = [...NUMBERS.keys()];

/**
 * The one name of a signal: "term", "SIGTERM" and "15" are "SIGTERM"; real-time signals count from SIGRTMIN ("SIGRTMAX-1"
 * is "SIGRTMIN+29"). Null: no such signal.
 */
export function parseSignal(text: string): SignalName | null {
  if (/^[0-9]+$/.test(text)) return byNumber(Number(text));
  const name = text.toUpperCase().startsWith("SIG")
    ? text.toUpperCase()
    : `SIG${text.toUpperCase()}`;
  const usual = ALIASES[name] ?? name;
  if (NUMBERS.has(usual)) return usual;
  const realtime = /^SIGRT(MIN|MAX)(?:([+-])([0-9]{1,2}))?$/.exec(name);
  if (realtime === null) return null;
  const [, end, sign, digits] = realtime;
  if (sign !== undefined && (sign === "+") !== (end === "MIN")) return null;
  const offset = Number(digits ?? 0);
  return byNumber(end === "MIN" ? FIRST_REALTIME + offset : LAST_REALTIME - offset, true);
}

function byNumber(number: number, realtimeOnly = false): SignalName | null {
  if (number >= FIRST_REALTIME && number <= LAST_REALTIME)
    return number === FIRST_REALTIME ? "SIGRTMIN" : `SIGRTMIN+${number - FIRST_REALTIME}`;
  if (realtimeOnly) return null;
  for (const [name, value] of NUMBERS) if (value === number) return name;
  return null;
}
