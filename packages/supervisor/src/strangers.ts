import { childrenOf, printable, readCommandLine, readStat } from "@supervise/process";
import { signalNumber } from "@supervise/sys";
import type { Room } from "./room.js";
import type { Trees } from "./trees.js";

/** So long has each of them from SIGTERM to SIGKILL, in milliseconds. */
const GRACE_MS = 2_000;
const LOOK_EVERY_MS = 20;

/**
 * Ends what still lives below us when every service is down: orphans that hid whose they are (a session of their own, a cleared environment, no
 * pipe of ours). As their reaper we would leave them to somebody who knows nothing of them.
 */
export async function killStrangers(room: Room, trees: Trees): Promise<void> {
  trees.refresh();
  const left = (): readonly number[] => trees.unattributed();
  if (left().length === 0) return;
  for (const pid of left().filter((one) => lives(room, one))) {
    const command = readCommandLine(room.proc, pid, readStat(room.proc, pid));
    room.warn(
      null,
      `Process ${pid} (${command === null ? "unknown" : printable(command)}) is left and of no known service; it is ended`,
    );
    room.kernel.kill(pid, signalNumber("SIGTERM") ?? 15);
  }
  const deadlineMs = room.monotonicMs() + GRACE_MS;
  while (left().length > 0) {
    if (room.monotonicMs() > deadlineMs) for (const pid of left()) killDeep(room, pid, new Set());
    await new Promise((resolve) => {
      setTimeout(resolve, LOOK_EVERY_MS);
    });
    trees.refresh();
    if (room.monotonicMs() > deadlineMs + GRACE_MS) return;
  }
}

function lives(room: Room, pid: number): boolean {
  const stat = readStat(room.proc, pid);
  return stat !== null && stat.state !== "Z";
}

function killDeep(room: Room, pid: number, seen: Set<number>): void {
  if (seen.has(pid)) return;
  seen.add(pid);
  for (const child of childrenOf(room.proc, pid)) killDeep(room, child, seen);
  room.kernel.kill(pid, signalNumber("SIGKILL") ?? 9);
}
