import type { Proc } from "../proc.js";

/** Inode of the pipe or socket that a process's descriptor is; null: closed, another kind, or not ours to see. */
export function inodeOfDescriptor(
  proc: Proc,
  pid: number | "self",
  fd: number | string,
): number | null {
  const target = proc.link(`${pid}/fd/${fd}`);
  const inode = target === null ? undefined : /^(?:pipe|socket):\[(\d+)\]$/.exec(target)?.[1];
  return inode === undefined ? null : Number(inode);
}

/** Is one of the descriptors of a process one of these pipes? */
export function holdsPipe(proc: Proc, pid: number, inodes: readonly number[]): boolean {
  if (inodes.length === 0) return false;
  for (const fd of proc.names(`${pid}/fd`) ?? []) {
    const inode = inodeOfDescriptor(proc, pid, fd);
    if (inode !== null && inodes.includes(inode)) return true;
  }
  return false;
}
