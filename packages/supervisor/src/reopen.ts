import { constants } from "node:fs";
import { classify, inodeOfDescriptor, processTable, type ServiceRecord } from "@supervise/process";
import type { OutputDescriptors } from "@supervise/log";
import { errnoName, errnoText } from "@supervise/sys";
import { lookup, treeOf } from "./leftovers.js";
import type { Room } from "./room.js";

/** The read end of a pipe that the process still holds, through /proc; null where its descriptor is no longer the pipe that the run was given. */
export function reopen(room: Room, pid: number, fd: number, inode: number | null): number | null {
  if (inode === null || inodeOfDescriptor(room.proc, pid, fd) !== inode) return null;
  const opened = openPipe(room, { pid, fd });
  return opened < 0 ? null : opened;
}

/** The read ends of what a run's processes write into. */
export function reopenOutput(room: Room, record: ServiceRecord, pid: number): OutputDescriptors {
  const reopened = (name: string, fd: number, inode: number | null): number | null => {
    const holder = findHolder(room, record, pid, fd, inode);
    const opened = holder === null ? null : openPipe(room, holder);
    if (opened === null || opened >= 0) return opened;
    room.warn(
      record.service,
      `Cannot read on ${name} of service "${record.service}": ${errnoText(opened)} (${errnoName(opened)}); its lines are lost from here on`,
    );
    return null;
  };
  return {
    stdout: reopened("stdout", 1, record.stdoutPipe),
    stderr: reopened("stderr", 2, record.stderrPipe),
  };
}

/**
 * The read end of what a run tells its readiness by. "closed": none of its processes has it any more, which is what a program does that has said that it is
 * ready.
 */
export function reopenReady(
  room: Room,
  record: ServiceRecord,
  pid: number,
  fd: number,
): number | "closed" | null {
  if (record.readyPipe === null) return null;
  const holder = findHolder(room, record, pid, fd, record.readyPipe);
  if (holder === null) return "closed";
  const opened = openPipe(room, holder);
  return opened < 0 ? null : opened;
}

interface Holder {
  readonly pid: number;
  readonly fd: number | string;
}

/** Mostly the main process, by the number that it was given; it may have let go of a pipe that another of its tree still has. */
function findHolder(
  room: Room,
  record: ServiceRecord,
  mainPid: number,
  fd: number,
  inode: number | null,
): Holder | null {
  const { proc } = room;
  if (inode === null) return null;
  if (inodeOfDescriptor(proc, mainPid, fd) === inode) return { pid: mainPid, fd };
  const tree = { ...treeOf(record), mainPid, session: record.session };
  const { members } = classify(proc, processTable(proc), [tree], lookup());
  for (const { pid } of members.get(tree.key) ?? []) {
    const held = proc
      .names(`${pid}/fd`)
      ?.find((one) => inodeOfDescriptor(proc, pid, one) === inode);
    if (held !== undefined) return { pid, fd: held };
  }
  return null;
}

function openPipe({ kernel }: Room, { pid, fd }: Holder): number {
  return kernel.open(`/proc/${pid}/fd/${fd}`, constants.O_RDONLY | constants.O_NONBLOCK, 0);
}
