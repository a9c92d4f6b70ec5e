import {
  describePidfile,
  printable,
  readCommandLine,
  readStat,
  type PidfileVerdict,
} from "@supervise/process";
import type { LiveRun } from "./live-run.js";
import type { PathChange } from "./path-watch.js";
import type { Room } from "./room.js";

/** What has become of the pidfile of a daemon that runs as `mainPid`; a sentence without its full stop. */
export function describeChange(
  verdict: PidfileVerdict,
  path: string,
  mainPid: number,
  change: PathChange | null,
): string {
  const file = `pidfile "${printable(path)}"`;
  const still = `the main process is still ${mainPid}`;
  if (verdict.kind === "valid")
    return verdict.pid === mainPid
      ? `${file} names the main process ${mainPid} again`
      : `${file} names ${verdict.pid} now, which is of the service's tree; it becomes the main process when ${mainPid} ends`;
  if (verdict.kind !== "absent") return `${describePidfile(verdict, path)}; ${still}`;
  const renamed = change?.renamedTo ?? null;
  return renamed === null
    ? `${file} is not there any more; ${still}`
    : `${file} was renamed to "${printable(renamed)}"; ${still}`;
}

/** The command of a forking service runs still: for now, or because it never goes to the background. */
export function describeForeground({ mainPid }: LiveRun): string {
  return `its command, pid ${mainPid}, is still in the foreground; a program that stays there needs "type: service"`;
}

/** The command of a forking service has ended well, and nothing that could be its daemon was left. `hidden`: what appeared meanwhile, of which nothing tells whose it is. */
export function tellNobody(room: Room, { name }: LiveRun, hidden: readonly number[]): void {
  const strangers = hidden.map((pid) => {
    const stat = readStat(room.proc, pid);
    return `${pid} ("${(stat === null ? null : readCommandLine(room.proc, pid, stat)) ?? "?"}")`;
  });
  const end =
    strangers.length === 0
      ? 'a program that stays in the foreground needs "type: service"'
      : `pid ${strangers.join(", ")} appeared meanwhile and hides whose it is; name its pidfile`;
  room.warn(name, `The command of service "${name}" ended and left no process of its own: ${end}`);
}
