/** The numbers of <sys/syslog.h>, under the names they have in syslog(3): `syslog(LOG_DAEMON | LOG_ERR, "...")`. */
import { syslogFacilityNumber, syslogLevelNumber } from "@supervise/model";

const level = (name: string): number => syslogLevelNumber(name) as number;
const facility = (name: string): number => (syslogFacilityNumber(name) as number) << 3;

export const LOG_EMERG: number = level("emerg");
export const LOG_ALERT: number = level("alert");
export const LOG_CRIT: number = level("crit");
export const LOG_ERR: number = level("err");
export const LOG_WARNING: number = level("warning");
export const LOG_NOTICE: number = level("notice");
export const LOG_INFO: number = level("info");
export const LOG_DEBUG: number = level("debug");

/** As in syslog(3), a priority with facility 0 takes that of openlog(): no program can speak for the kernel. */
export const LOG_KERN: number = facility("kern");
export const LOG_USER: number = facility("user");
export const LOG_MAIL: number = facility("mail");
export const LOG_DAEMON: number = facility("daemon");
export const LOG_AUTH: number = facility("auth");
export const LOG_SYSLOG: number = facility("syslog");
export const LOG_LPR: number = facility("lpr");
export const LOG_NEWS: number = facility("news");
export const LOG_UUCP: number = facility("uucp");
export const LOG_CRON: number = facility("cron");
export const LOG_AUTHPRIV: number = facility("authpriv");
export const LOG_FTP: number = facility("ftp");
export const LOG_LOCAL0: number = facility("local0");
export const LOG_LOCAL1: number = facility("local1");
export const LOG_LOCAL2: number = facility("local2");
export const LOG_LOCAL3: number = facility("local3");
export const LOG_LOCAL4: number = facility("local4");
export const LOG_LOCAL5: number = facility("local5");
export const LOG_LOCAL6: number = facility("local6");
export const LOG_LOCAL7: number = facility("local7");

/** Every message tells our PID. */
export const LOG_PID = 0x01;
/** What could not be delivered is written to /dev/console. */
export const LOG_CONS = 0x02;
/** The connection is made with the first message; that is so unless LOG_NDELAY is given. */
export const LOG_ODELAY = 0x04;
/** The connection is made by openlog(), before a chroot or a change of user would hide /dev/log. */
export const LOG_NDELAY = 0x08;
/** Of no effect, as on Linux: no child is ever waited for. */
export const LOG_NOWAIT = 0x10;
/** Every message is written to descriptor 2 too. */
export const LOG_PERROR = 0x20;

/** The mask that lets this level through alone. */
export function LOG_MASK(priority: number): number {
  return 1 << (priority & 7);
}

/** The mask that lets this level and all graver ones through. */
export function LOG_UPTO(priority: number): number {
  return (1 << ((priority & 7) + 1)) - 1;
}
