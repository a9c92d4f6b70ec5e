import type { SyslogTime } from "./message.js";

const months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const instantForm =
  /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(?:Z|([+-])(\d\d):(\d\d))$/;

/** "Nov  1 16:20:28", in local time (RFC 3164, section 4.1.2); the day is padded with a space. */
export function formatYearless(timeMicros: number, offsetMinutes: number): string {
  const local = localDate(timeMicros, offsetMinutes);
  return `${months[local.getUTCMonth()]} ${String(local.getUTCDate()).padStart(2)} ${local.toISOString().slice(11, 19)}`;
}

/** "2026-11-21T16:20:28.123456+01:00" (RFC 5424, section 6.2.3). */
export function formatInstant(timeMicros: number, offsetMinutes: number): string {
  const local = localDate(timeMicros, offsetMinutes).toISOString().slice(0, -5);
  const micros = ((timeMicros % 1e6) + 1e6) % 1e6;
  return `${local}.${String(Math.floor(micros)).padStart(6, "0")}${formatOffset(offsetMinutes)}`;
}

/** A date whose UTC fields are the local ones. */
function localDate(timeMicros: number, offsetMinutes: number): Date {
  return new Date(Math.floor(timeMicros / 1000) + offsetMinutes * 60_000);
}

function formatOffset(offsetMinutes: number): string {
  if (offsetMinutes === 0) return "Z";
  const minutes = Math.abs(offsetMinutes);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${offsetMinutes < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** The time of RFC 5424, or null where it is none: leap seconds and days that do not exist are none (RFC 5424, section 6.2.3). */
export function parseInstant(text: string): SyslogTime | null {
  const found = instantForm.exec(text);
  if (!found) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found
    .slice(1, 7)
    .map(Number);
  const offset = found[8] === undefined ? 0 : Number(found[9]) * 60 + Number(found[10]);
  if (Number(found[9] ?? 0) > 23 || Number(found[10] ?? 0) > 59) return null;
  if (hour > 23 || minute > 59 || second > 59 || !isDay(year, month, day)) return null;
  const offsetMinutes = found[8] === "-" ? 0 - offset : offset;
  const local = dayOf(year, month, day).getTime() + ((hour * 60 + minute) * 60 + second) * 1000;
  const micros = (local - offsetMinutes * 60_000) * 1000 + Number((found[7] ?? "").padEnd(6, "0"));
  return { kind: "instant", micros, offsetMinutes };
}

/** The time of RFC 3164, or null where it is none; 60 seconds are let through, as clocks may tell them. */
export function parseYearless(text: string): SyslogTime | null {
  const found = /^([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d)$/.exec(text);
  if (!found) return null;
  const month = months.indexOf(found[1] as string) + 1;
  const [day = 0, hour = 0, minute = 0, second = 0] = found.slice(2).map(Number);
  // A leap year, for the year is not told.
  if (month === 0 || hour > 23 || minute > 59 || second > 60 || !isDay(2000, month, day))
    return null;
  return { kind: "yearless", month, day, hour, minute, second };
}

function isDay(year: number, month: number, day: number): boolean {
  const date = dayOf(year, month, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

/** Midnight; Date.UTC() takes the years 0 to 99 for those of the twentieth century. */
function dayOf(year: number, month: number, day: number): Date {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date;
}
