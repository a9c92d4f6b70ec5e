/**
 * Facilities and levels of syslog. Numbers and short names are those of syslog(3) and <sys/syslog.h>; 12 to 15 have no name there and are named after table 1
 * of RFC 5424, section 6.2.1.
 */

const facilities =
  "kern user mail daemon auth syslog lpr news uucp cron authpriv ftp ntp audit alert clock local0 local1 local2 local3 local4 local5 local6 local7".split(
    " ",
  );
const levels = "emerg alert crit err warning notice info debug".split(" ");

/** What logger(1) and syslog.conf(5) also understand. */
const facilityAliases: Readonly<Record<string, string>> = { security: "auth" };
const levelAliases: Readonly<Record<string, string>> = {
  panic: "emerg",
  error: "err",
  warn: "warning",
};

/** Names of the facilities; the place of each is its number. */
export const syslogFacilities: readonly string[] = facilities;
/** Names of the levels, the gravest first; the place of each is its number. */
export const syslogLevels: readonly string[] = levels;
/** Of lines of logs: those of syslog, and `trace`, which is less than all of them. */
export const severityNames: readonly string[] = [...levels, "trace"];

/** 3 for "daemon", in any case; null for a name that is no facility. */
export function syslogFacilityNumber(name: string): number | null {
  return numberOf(facilities, facilityAliases, name);
}

/** 4 for "warning" (or "warn"), in any case; null for a name that is no level. */
export function syslogLevelNumber(name: string): number | null {
  return numberOf(levels, levelAliases, name);
}

function numberOf(
  names: readonly string[],
  aliases: Readonly<Record<string, string>>,
  name: string,
): number | null {
  const small = name.toLowerCase();
  const index = names.indexOf(Object.hasOwn(aliases, small) ? (aliases[small] as string) : small);
  return index < 0 ? null : index;
}

/** The greatest PRI: local7.debug. */
export const greatestPriority = 191;

/** PRI where a message has none or one that is none: user.notice (RFC 3164, section 4.3.3). */
export const usualPriority = 13;
