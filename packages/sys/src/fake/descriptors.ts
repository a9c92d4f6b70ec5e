import type { Datagram } from "../kernel.js";
import { pollEvents } from "../poller.js";
import { readPipe, writePipe } from "./pipes.js";
import type { FakePipe } from "./pipes.js";

const badDescriptor = -9;
const invalidArgument = -22;
const firstNumber = 10;

/** A file in memory; descriptors keep it after its name is gone. */
export interface FakeFile {
  bytes: Uint8Array;
  /** The open file that holds the lock of flock(2). */
  lockedBy: OpenFile | "stranger" | null;
}

/** What a descriptor refers to. It lives until the last number, ours or a child's, is closed. */
export type OpenFile = { references: number } & (
  | {
      readonly kind: "pipe";
      readonly pipe: FakePipe;
      readonly reads: boolean;
      readonly writes: boolean;
    }
  | { readonly kind: "file"; readonly file: FakeFile; position: number; readonly appends: boolean }
  | { readonly kind: "pidfd"; readonly pid: number; readonly ended: () => boolean }
  | { readonly kind: "socket"; readonly queue: Datagram[]; readonly released: () => void }
);

/** The descriptors of the process under test. */
export interface DescriptorTable {
  insert(open: OpenFile): number;
  get(fd: number): OpenFile | null;
  close(fd: number): number;
  read(fd: number, into: Uint8Array): number;
  write(fd: number, data: Uint8Array): number;
  /** Numbers that are open, for a test that asserts that none is left. */
  numbers(): readonly number[];
}

/** Numbers are given from 10 on, the lowest free one first, as the kernel does. */
export function createDescriptorTable(): DescriptorTable {
  const table = new Map<number, OpenFile>();
  return {
    insert(open) {
      let fd = firstNumber;
      while (table.has(fd)) fd++;
      table.set(fd, retain(open));
      return fd;
    },
    get: (fd) => table.get(fd) ?? null,
    close(fd) {
      const open = table.get(fd);
      if (open === undefined) return badDescriptor;
      table.delete(fd);
      releaseOpenFile(open);
      return 0;
    },
    read(fd, into) {
      const open = table.get(fd);
      return open === undefined ? badDescriptor : readOpenFile(open, into);
    },
    write(fd, data) {
      const open = table.get(fd);
      return open === undefined ? badDescriptor : writeOpenFile(open, data);
    },
    numbers: () => [...table.keys()],
  };
}

/** One more number refers to it. */
export function retain(open: OpenFile): OpenFile {
  if (open.references++ === 0 && open.kind === "pipe") countEnds(open, 1);
  return open;
}

/** One number less; with the last, its end of the pipe, its lock or its address goes too. */
export function releaseOpenFile(open: OpenFile): void {
  if (--open.references > 0) return;
  if (open.kind === "pipe") countEnds(open, -1);
  if (open.kind === "file" && open.file.lockedBy === open) open.file.lockedBy = null;
  if (open.kind === "socket") open.released();
}

function countEnds(open: OpenFile & { kind: "pipe" }, change: 1 | -1): void {
  if (open.reads) open.pipe.readers += change;
  if (open.writes) open.pipe.writers += change;
}

export function readOpenFile(open: OpenFile, into: Uint8Array): number {
  if (open.kind === "pipe") return open.reads ? readPipe(open.pipe, into) : badDescriptor;
  if (open.kind !== "file") return invalidArgument;
  const part = open.file.bytes.subarray(open.position, open.position + into.length);
  into.set(part);
  open.position += part.length;
  return part.length;
}

export function writeOpenFile(open: OpenFile, data: Uint8Array): number {
  if (open.kind === "pipe") return open.writes ? writePipe(open.pipe, data) : badDescriptor;
  if (open.kind !== "file") return invalidArgument;
  if (open.appends) open.position = open.file.bytes.length;
  const bytes = new Uint8Array(Math.max(open.file.bytes.length, open.position + data.length));
  bytes.set(open.file.bytes);
  bytes.set(data, open.position);
  open.file.bytes = bytes;
  open.position += data.length;
  return data.length;
}

/** What epoll would say of it now. */
export function readinessOf(open: OpenFile): number {
  switch (open.kind) {
    case "pipe": {
      const { pipe } = open;
      let events = 0;
      if (open.reads && pipe.size > 0) events |= pollEvents.input;
      if (open.reads && pipe.writers === 0) events |= pollEvents.hangUp;
      if (open.writes && pipe.size < pipe.capacity) events |= pollEvents.output;
      if (open.writes && pipe.readers === 0) events |= pollEvents.error;
      return events;
    }
    case "file":
      return pollEvents.input | pollEvents.output;
    case "pidfd":
      return open.ended() ? pollEvents.input : 0;
    case "socket":
      return open.queue.length > 0 ? pollEvents.input : 0;
  }
}
