import { readlinkSync } from "node:fs";

/** UNIX98_PTY_SLAVE_MAJOR of linux/major.h, eight majors long. */
const PTY_MAJOR = 136;

/** Name of a terminal without "/dev/", from its device number in /proc/PID/stat; "?" for none, as in ps(1). */
export function ttyName(ttyNr: number): string {
  if (ttyNr === 0) return "?";
  const major = (ttyNr >> 8) & 0xfff;
  const minor = (ttyNr & 0xff) | ((ttyNr >>> 12) & 0xfff00);
  if (major >= PTY_MAJOR && major < PTY_MAJOR + 8)
    return `pts/${(major - PTY_MAJOR) * 256 + minor}`;
  if (major === 4) return minor < 64 ? `tty${minor}` : `ttyS${minor - 64}`;
  if (major === 5 && minor === 1) return "console";
  try {
    const device = readlinkSync(`/sys/dev/char/${major}:${minor}`);
    return device.slice(device.lastIndexOf("/") + 1);
  } catch {
    // No sysfs, or an unknown driver: the numbers still name it.
    return `${major}:${minor}`;
  }
}
