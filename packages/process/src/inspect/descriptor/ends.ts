import type { InspectSource } from "../source.js";
import type { Descriptor, Ends, Holder } from "./facts.js";
import { accessOf, parseFdInfo } from "./fdinfo.js";

/** Descriptors of one process. */
export interface OwnedDescriptors {
  readonly pid: number;
  readonly descriptors: readonly Descriptor[];
  /** Inodes of the sockets at the other end of a socket. */
  readonly othersOf: (inode: number) => readonly number[];
}

/** Targets of links in /proc/PID/fd, and who has them open. */
type Index = ReadonlyMap<string, readonly Holder[]>;

/**
 * Fills in who is at the other end of pipes and sockets: among these processes, or among all (`everyone`), of which then every descriptor's link is read. Of those
 * that we may not look into nothing is known, so that an empty list does not prove that nobody is there. The descriptors are changed in place: nobody else
 * has them yet.
 */
export function fillEnds(
  source: InspectSource,
  owned: readonly OwnedDescriptors[],
  everyone: readonly number[] | null,
): void {
  const wanted = new Set<string>();
  for (const one of owned)
    for (const descriptor of one.descriptors)
      for (const target of targetsFor(descriptor, one)) wanted.add(target);
  const index = everyone === null ? indexSeen(owned, wanted) : indexAll(source, everyone, wanted);
  for (const one of owned)
    for (const descriptor of one.descriptors) {
      if (!("ends" in descriptor)) continue;
      const ends: Holder[] = [];
      for (const target of targetsFor(descriptor, one))
        for (const holder of index.get(target) ?? [])
          if (isOtherEnd(descriptor, one.pid, holder)) ends.push(holder);
      (descriptor as { ends: Ends }).ends = ends;
    }
}

/** What the other end's descriptors show as their target. */
function targetsFor(descriptor: Descriptor, owner: OwnedDescriptors): readonly string[] {
  if (descriptor.kind === "pipe" || descriptor.kind === "fifo") return [descriptor.target];
  if (descriptor.kind !== "socket") return [];
  return owner.othersOf(descriptor.inode).map((inode) => `socket:[${inode}]`);
}

/** Of a pipe: who can write what this one reads, or the other way round; one that is open for both is an end to everybody else. */
function isOtherEnd(descriptor: Descriptor, pid: number, holder: Holder): boolean {
  if (descriptor.kind === "socket") return true;
  if (holder.pid === pid && holder.fd === descriptor.fd) return false;
  return (
    descriptor.access === "read-write" ||
    holder.access === "read-write" ||
    descriptor.access !== holder.access
  );
}

function indexSeen(owned: readonly OwnedDescriptors[], wanted: ReadonlySet<string>): Index {
  const index = new Map<string, Holder[]>();
  for (const { pid, descriptors } of owned)
    for (const { fd, access, target } of descriptors)
      if (wanted.has(target)) add(index, target, { pid, fd, access });
  return index;
}

function indexAll(
  source: InspectSource,
  pids: readonly number[],
  wanted: ReadonlySet<string>,
): Index {
  const index = new Map<string, Holder[]>();
  if (wanted.size === 0) return index;
  for (const pid of pids) {
    const names = source.names(`${pid}/fd`);
    for (const fd of typeof names === "number" ? [] : names) {
      const target = source.link(`${pid}/fd/${fd}`);
      if (typeof target === "number" || !wanted.has(target)) continue;
      const text = source.text(`${pid}/fdinfo/${fd}`);
      const info = typeof text === "number" ? null : parseFdInfo(text);
      if (info !== null) add(index, target, { pid, fd: Number(fd), access: accessOf(info.flags) });
    }
  }
  return index;
}

function add(index: Map<string, Holder[]>, target: string, holder: Holder): void {
  const holders = index.get(target);
  if (holders === undefined) index.set(target, [holder]);
  else holders.push(holder);
}
