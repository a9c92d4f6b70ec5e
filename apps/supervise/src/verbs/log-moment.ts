const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const ONE_DURATION = /([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d|w)/y;
const DATE_TIME =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?$/;
const TIME_OF_DAY = /^([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)?$/;

/**
 * The moment that a person means, in microseconds since the epoch: a duration before now (`10m`, `1h30m`), a date or a time with or without zone (here: that of this process), a time of
 * today, `@SECONDS` since the epoch, `now`, `today`, `yesterday`. Null: it is none of these.
 */
export function parseMoment(text: string, nowMs: number): number | null {
  const trimmed = text.trim();
  const durationMs = parseDuration(trimmed);
  if (durationMs !== null) return Math.round((nowMs - durationMs) * 1000);
  if (trimmed === "now") return nowMs * 1000;
  if (trimmed === "today") return midnight(nowMs, 0);
  if (trimmed === "yesterday") return midnight(nowMs, -1);
  const epoch = /^@([0-9]{1,11}(?:\.[0-9]{1,9})?)$/.exec(trimmed);
  if (epoch !== null) return Math.round(Number(epoch[1]) * 1e6);
  const time = TIME_OF_DAY.exec(trimmed);
  if (time !== null) {
    const today = new Date(nowMs);
    const day = [today.getFullYear(), today.getMonth() + 1, today.getDate()] as const;
    return momentOf(day, time[1], time[2], time[3], time[4], undefined);
  }
  const full = DATE_TIME.exec(trimmed);
  if (full === null) return null;
  const day = [Number(full[1]), Number(full[2]), Number(full[3])] as const;
  return momentOf(day, full[4], full[5], full[6], full[7], full[8]);
}

/** Milliseconds; null: it is no duration. */
function parseDuration(text: string): number | null {
  let sum = 0;
  let at = 0;
  while (at < text.length) {
    ONE_DURATION.lastIndex = at;
    const found = ONE_DURATION.exec(text);
    if (found === null) return null;
    sum += Number(found[1]) * (UNITS[found[2] ?? ""] ?? 0);
    at = ONE_DURATION.lastIndex;
  }
  return at === 0 ? null : sum;
}

/** Null: there is no such day or time. */
function momentOf(
  [year, month, day]: readonly [number, number, number],
  hour = "0",
  minute = "0",
  second = "0",
  fraction = "",
  zone: string | undefined,
): number | null {
  const parts = [Number(hour), Number(minute), Number(second)] as const;
  const there = new Date(Date.UTC(year, month - 1, day, ...parts));
  if (there.getUTCMonth() !== month - 1 || there.getUTCDate() !== day) return null;
  if (parts[0] > 23 || parts[1] > 59 || parts[2] > 59) return null;
  const millis =
    zone === undefined
      ? new Date(year, month - 1, day, ...parts).getTime()
      : there.getTime() - zoneMs(zone);
  return millis * 1000 + Number(fraction.padEnd(6, "0").slice(0, 6));
}

/** East of UTC. */
function zoneMs(zone: string): number {
  if (zone === "Z") return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return (zone.startsWith("-") ? -minutes : minutes) * 60_000;
}

function midnight(nowMs: number, days: number): number {
  const day = new Date(nowMs);
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + days).getTime() * 1000;
}
