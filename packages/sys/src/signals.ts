/** Linux numbers of x86 and ARM, from 1; glibc and musl keep 32 and 33 for themselves, and real-time signals go from 34 to 64. */
const names: readonly string[] =
  `HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF
  WINCH IO PWR SYS`.split(/\s+/);

const synonyms: ReadonlyMap<string, number> = new Map([
  ["CLD", 17],
  ["IOT", 6],
  ["POLL", 29],
  ["UNUSED", 31],
]);

const firstRealTime = 34;
const lastSignal = 64;

/** Names of the ordinary signals with their numbers, in order: ["SIGHUP", 1] first. */
export const signals: readonly (readonly [name: string, number: number])[] = names.map(
  (name, index) => [`SIG${name}`, index + 1],
);

/** 15 for "SIGTERM", "TERM", "term" and "15"; 37 for "SIGRTMIN+3"; null for what names no signal. */
export function signalNumber(text: string): number | null {
  const name = text.trim().toUpperCase().replace(/^SIG/, "");
  if (/^\d{1,2}$/.test(name)) return inRange(Number(name), 1);
  const realTime = /^RT(MIN|MAX)(?:([+-])(\d{1,2}))?$/.exec(name);
  if (realTime !== null) {
    const base = realTime[1] === "MIN" ? firstRealTime : lastSignal;
    return inRange(base + Number(`${realTime[2] ?? ""}${realTime[3] ?? "0"}`), firstRealTime);
  }
  const index = names.indexOf(name);
  return index >= 0 ? index + 1 : (synonyms.get(name) ?? null);
}

/** "SIGTERM" for 15, "SIGRTMIN+3" for 37, "SIGRTMAX-1" for 63 (each real-time signal from its nearer end); else the digits. */
export function signalName(number: number): string {
  const name = names[number - 1];
  if (name !== undefined) return `SIG${name}`;
  if (inRange(number, firstRealTime) === null) return String(number);
  const above = number - firstRealTime;
  const below = lastSignal - number;
  if (above <= below) return above === 0 ? "SIGRTMIN" : `SIGRTMIN+${above}`;
  return below === 0 ? "SIGRTMAX" : `SIGRTMAX-${below}`;
}

function inRange(number: number, lowest: number): number | null {
  return Number.isInteger(number) && number >= lowest && number <= lastSignal ? number : null;
}
