import { constants } from "node:fs";
import type { Datagram, LockHolder } from "../kernel.js";
import type { DescriptorTable, FakeFile, OpenFile } from "./descriptors.js";
import type { ProcessTable } from "./processes.js";

const notFound = -2;
const again = -11;
const exists = -17;
const badDescriptor = -9;
const notSocket = -88;
const addressInUse = -98;
const connectionRefused = -111;

/** Files and bound sockets by path; directories are not simulated. */
export interface FakeFiles {
  /** The file's bytes, or null. */
  read(path: string): Uint8Array | null;
  readText(path: string): string | null;
  write(path: string, data: string | Uint8Array): void;
  /** Removes a file's or socket's name; false where there is none. */
  remove(path: string): boolean;
  paths(): readonly string[];
  /** Somebody else holds the lock of flock(2) until the undo. */
  holdLock(path: string): () => void;
  open(path: string, flags: number): number;
  lock(fd: number): number;
  /** As if each lock of fcntl(2) belonged to an open file. */
  lockHolder(fd: number): LockHolder | number;
  bind(path: string): number;
  deliver(path: string, datagram: Datagram): void;
  /** As sendto(2): bytes, -ENOENT or -ECONNREFUSED. */
  send(path: string, datagram: Datagram): number;
  receive(fd: number, maxBytes: number): Datagram | number;
}

export function createFakeFiles(descriptors: DescriptorTable, processes: ProcessTable): FakeFiles {
  const files = new Map<string, FakeFile>();
  const sockets = new Map<string, Datagram[]>();
  const closed = new WeakSet<Datagram[]>();

  const fileAt = (path: string): FakeFile => {
    const file = files.get(path) ?? { bytes: new Uint8Array(), lockedBy: null };
    files.set(path, file);
    return file;
  };
  /** /proc/self/fd/N and /proc/PID/fd/N open what that descriptor refers to anew: of a pipe, either end or both. */
  const reopen = (original: OpenFile | null, flags: number): OpenFile | null => {
    if (original?.kind !== "pipe") return null;
    const access = flags & (constants.O_WRONLY | constants.O_RDWR);
    const reads = access !== constants.O_WRONLY;
    return {
      kind: "pipe",
      pipe: original.pipe,
      reads,
      writes: access !== constants.O_RDONLY,
      references: 0,
    };
  };
  const send = (path: string, datagram: Datagram): number => {
    const queue = sockets.get(path);
    if (queue === undefined) return notFound;
    if (closed.has(queue)) return connectionRefused;
    queue.push(datagram);
    return datagram.data.length;
  };

  return {
    read: (path) => files.get(path)?.bytes ?? null,
    readText(path) {
      const file = files.get(path);
      return file === undefined ? null : new TextDecoder().decode(file.bytes);
    },
    write(path, data) {
      files.set(path, {
        bytes: typeof data === "string" ? Buffer.from(data) : data.slice(),
        lockedBy: null,
      });
    },
    remove: (path) => [files.delete(path), sockets.delete(path)].some(Boolean),
    paths: () => [...files.keys(), ...sockets.keys()],
    holdLock(path) {
      const file = fileAt(path);
      file.lockedBy = "stranger";
      return () => {
        if (file.lockedBy === "stranger") file.lockedBy = null;
      };
    },
    open(path, flags) {
      const link = /^\/proc\/(self|\d+)\/fd\/(\d+)$/.exec(path);
      if (link !== null) {
        const fd = Number(link[2]);
        const original =
          link[1] === "self" ? descriptors.get(fd) : processes.openFileOf(Number(link[1]), fd);
        const opened = reopen(original, flags);
        return opened === null ? notFound : descriptors.insert(opened);
      }
      const known = files.has(path);
      if (!known && (flags & constants.O_CREAT) === 0) return notFound;
      if (known && (flags & constants.O_CREAT) !== 0 && (flags & constants.O_EXCL) !== 0)
        return exists;
      const file = fileAt(path);
      if ((flags & constants.O_TRUNC) !== 0) file.bytes = new Uint8Array();
      const appends = (flags & constants.O_APPEND) !== 0;
      return descriptors.insert({ kind: "file", file, position: 0, appends, references: 0 });
    },
    lock(fd) {
      const open = descriptors.get(fd);
      if (open?.kind !== "file") return badDescriptor;
      if (open.file.lockedBy !== null && open.file.lockedBy !== open) return again;
      open.file.lockedBy = open;
      return 0;
    },
    lockHolder(fd) {
      const open = descriptors.get(fd);
      if (open?.kind !== "file") return badDescriptor;
      return { held: open.file.lockedBy !== null && open.file.lockedBy !== open, pid: null };
    },
    bind(path) {
      if (sockets.has(path) || files.has(path)) return addressInUse;
      const queue: Datagram[] = [];
      sockets.set(path, queue);
      return descriptors.insert({
        kind: "socket",
        queue,
        references: 0,
        released: () => void closed.add(queue),
      });
    },
    deliver(path, datagram) {
      if (send(path, datagram) < 0) throw new Error(`no fake socket is bound to "${path}"`);
    },
    send,
    receive(fd, maxBytes) {
      const open = descriptors.get(fd);
      if (open?.kind !== "socket") return open === null ? badDescriptor : notSocket;
      const datagram = open.queue.shift();
      if (datagram === undefined) return again;
      if (datagram.data.length <= maxBytes) return datagram;
      return { ...datagram, data: datagram.data.slice(0, maxBytes), truncated: true };
    },
  };
}
