import { describeExit, type ExitStatus } from "@supervise/model";
import { UNSEEN_END, type OutputDescriptors } from "@supervise/log";
import {
  bootId,
  pidNamespace,
  readExitStatus,
  readStat,
  type Proc,
  type ServiceRecord,
} from "@supervise/process";
import { statusOfWait } from "./main-watch.js";
import { reopenOutput } from "./reopen.js";
import type { Room } from "./room.js";

/** A run whose main process ended while no supervisor lived. */
export interface UnseenEnd {
  readonly record: ServiceRecord;
  readonly status: ExitStatus;
  /** The pipes that others of its tree still hold; the caller's. */
  readonly output: OutputDescriptors;
  /** A pipe went with its last holder, and what nobody had read of it. */
  readonly lost: boolean;
}

/** Known for as long as nobody has collected it: its init may be slow, or collect nothing at all. */
export function uncollectedStatus(proc: Proc, { main }: ServiceRecord): ExitStatus {
  const stat = main === null ? null : readStat(proc, main.pid);
  if (main === null || !isHere(proc, main) || stat?.startTicks !== main.startTicks)
    return { kind: "unknown" };
  return statusOfWait(readExitStatus(proc, main.pid));
}

/** Before what is left of these runs is killed: their pipes are reachable through it alone. Those of another boot or PID namespace are left out. */
export function openUnseenEnds(
  room: Room,
  ended: readonly { readonly record: ServiceRecord; readonly status: ExitStatus }[],
): readonly UnseenEnd[] {
  return ended.flatMap(({ record, status }) => {
    const { main, stdoutPipe, stderrPipe } = record;
    if (main === null || !isHere(room.proc, main)) return [];
    // The number of its session may be another's by now.
    const output = reopenOutput(room, { ...record, session: 0 }, 0);
    const gone = (inode: number | null, fd: number | null): boolean =>
      inode !== null && fd === null;
    const lost = gone(stdoutPipe, output.stdout) || gone(stderrPipe, output.stderr);
    return [{ record, status, output, lost }];
  });
}

/** Files what their pipes still held, and says of the others that nobody knows how much that was. */
export function tellUnseenEnds(room: Room, ends: readonly UnseenEnd[]): void {
  for (const { record, status, output, lost } of ends) {
    const { service, run, main, invocationId } = record;
    room.hub.openRun(service, run, output, invocationId);
    room.hub.closeRun(service, run);
    const text = lost ? `${describeExit(status)}, ${UNSEEN_END}` : describeExit(status);
    room.hub.markRun(service, { kind: "end", run, text });
    const known =
      status.kind === "unknown" ? "its exit status is unknown" : `it ${describeExit(status)}`;
    const rest = lost ? "; how many of its last lines are lost is unknown" : "";
    const message = `${service} ended while no supervisor lived, pid ${main?.pid}; ${known}${rest}`;
    room.events.add({ service, kind: "exit", message, pid: main?.pid ?? null, run });
    room.hub.say(message, "warning");
  }
}

function isHere(proc: Proc, main: NonNullable<ServiceRecord["main"]>): boolean {
  return main.bootId === bootId(proc) && main.pidNamespace === pidNamespace(proc);
}
