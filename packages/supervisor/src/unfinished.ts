import {
  inodeOfDescriptor,
  listPids,
  readIdentity,
  readInvocationId,
  readStat,
  type ServiceRecord,
} from "@supervise/process";
import type { Room } from "./room.js";

/**
 * Runs that were about to be spawned when the supervisor died: whether they came to be only the kernel knows, by the identifier in their
 * environment, or, of a program that has cleared it, by the pipes that were made for it. The leader of its own session is the one that was spawned.
 */
export function findUnfinished(
  { proc }: Pick<Room, "proc">,
  records: Iterable<ServiceRecord>,
): ReadonlyMap<string, ServiceRecord> {
  const byId = new Map<string, ServiceRecord>();
  const byPipe = new Map<number, ServiceRecord>();
  for (const record of records) {
    if (record.main !== null || record.state !== "starting" || record.invocationId === "") continue;
    byId.set(record.invocationId, record);
    for (const inode of [record.stdoutPipe, record.stderrPipe])
      if (inode !== null) byPipe.set(inode, record);
  }
  const found = new Map<string, ServiceRecord>();
  if (byId.size === 0) return found;
  for (const pid of listPids(proc)) {
    const record = byId.get(readInvocationId(proc, pid) ?? "") ?? byItsPipes(pid);
    if (record === undefined || readStat(proc, pid)?.session !== pid) continue;
    found.set(record.service, { ...record, main: readIdentity(proc, pid), session: pid });
  }
  return found;

  function byItsPipes(pid: number): ServiceRecord | undefined {
    for (const fd of [1, 2]) {
      const inode = inodeOfDescriptor(proc, pid, fd);
      const record = inode === null ? undefined : byPipe.get(inode);
      if (record !== undefined) return record;
    }
    return undefined;
  }
}
