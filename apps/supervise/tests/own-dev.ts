import { spawnSync } from "node:child_process";
import { mkdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { atEnd, type TestScope } from "@supervise/testkit";

/** A /dev of few devices, so that a test may have a /dev/log of its own: syslog(3) knows no other path. "$1" is where the real one stands meanwhile. */
const SCRIPT = `set -e
mount --bind /dev "$1"; mount -t tmpfs tmpfs /dev
for name in null zero full random urandom tty; do : >"/dev/$name"; mount --bind "$1/$name" "/dev/$name"; done
umount "$1"
shift; exec "$@"`;

const UNSHARE = ["unshare", ...(process.getuid?.() === 0 ? [] : ["-r"]), "--mount"];

/** Words before a command that give it its own /dev; it keeps its PID. */
export function ownDev(t: TestScope, directory: string): readonly string[] {
  const place = join(directory, "dev");
  mkdirSync(place);
  // Never recursively: nothing of the real one may ever be taken away.
  atEnd(t, () => rmdirSync(place));
  return [...UNSHARE, "sh", "-c", SCRIPT, "sh", place];
}

/** For a test's `skip`: false, or why that is not possible here. */
export function ownDevSkip(): string | false {
  const tried = spawnSync(
    UNSHARE[0] ?? "",
    [...UNSHARE.slice(1), "sh", "-c", "mount -t tmpfs tmpfs /dev"],
    { encoding: "utf8" },
  );
  if (tried.status === 0) return false;
  return `no /dev of its own can be made: ${tried.error?.message ?? tried.stderr.trim()}`;
}
