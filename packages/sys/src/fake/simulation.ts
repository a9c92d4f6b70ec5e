import type { Kernel, UserEntry } from "../kernel.js";
import type { DescriptorTable } from "./descriptors.js";
import type { FakeFiles } from "./files.js";
import { createPipe } from "./pipes.js";
import type { FakePollers } from "./pollers.js";
import { ownPid } from "./processes.js";
import type { FakeProgram, ProcessTable } from "./processes.js";

/** The account database of a fake kernel. */
export interface FakeAccounts {
  readonly users: UserEntry[];
  readonly groups: {
    readonly name: string;
    readonly gid: number;
    readonly members: readonly string[];
  }[];
}

/** Everything that a fake kernel's calls work on. */
export interface FakeWorld {
  readonly descriptors: DescriptorTable;
  readonly processes: ProcessTable;
  readonly pollers: FakePollers;
  readonly files: FakeFiles;
  readonly accounts: FakeAccounts;
  readonly nowMs: () => number;
  readonly programFor: (files: readonly string[]) => FakeProgram;
}

const notFound = -2;
const noSuchProcess = -3;
const badDescriptor = -9;
const invalidArgument = -22;

/** 2026-01-01T00:00:00Z, where the fake wall clock starts. */
const realtimeStartMicros = 1_767_225_600_000_000;

/** Every call of the kernel, working on `world`; null where there is no simulation. */
export function simulate(world: FakeWorld): {
  readonly [Name in keyof Kernel]: Kernel[Name] | null;
} {
  return {
    ...simulateProcesses(world),
    ...simulateFiles(world),
    ...simulateSockets(world),
    ...simulateAccounts(world),
    ...simulateOwnProcess(world),
    openPty: null,
    resizePty: null,
    rawTerminal: null,
    restoreTerminal: null,
  };
}

type ProcessCall =
  | "spawn"
  | "prepareSpawn"
  | "beginSpawns"
  | "reap"
  | "hasChildren"
  | "setSubreaper"
  | "kill"
  | "pidfdOpen"
  | "pidfdSendSignal"
  | "pidfdExit";

function simulateProcesses({
  descriptors,
  processes,
  programFor,
}: FakeWorld): Pick<Kernel, ProcessCall> {
  return {
    spawn: (request) => processes.spawn(request, programFor(request.files)),
    prepareSpawn: (request) => () => processes.spawn(request, programFor(request.files)),
    beginSpawns: (requests) => ({
      finish: () => requests.map((request) => processes.spawn(request, programFor(request.files))),
    }),
    reap: (exempt) => processes.reap(exempt),
    hasChildren: () =>
      processes.all().some(({ parent, state }) => parent === ownPid && state !== "gone"),
    setSubreaper: () => 0,
    kill: (pid, signal) => processes.kill(pid, signal),
    pidfdOpen(pid) {
      const process = processes.find(pid);
      if (process === null || process.state === "gone") return noSuchProcess;
      return descriptors.insert({
        kind: "pidfd",
        pid,
        ended: () => process.state !== "running",
        references: 0,
      });
    },
    pidfdSendSignal(pidfd, signal) {
      const open = descriptors.get(pidfd);
      return open?.kind === "pidfd" ? processes.kill(open.pid, signal) : badDescriptor;
    },
    pidfdExit(pidfd) {
      const open = descriptors.get(pidfd);
      const process = open?.kind === "pidfd" ? processes.find(open.pid) : null;
      if (process === null || process.end === null || process.state !== "gone")
        return { waitStatus: null };
      return { waitStatus: "code" in process.end ? process.end.code << 8 : process.end.signal };
    },
  };
}

type FileCall =
  | "createPoller"
  | "pipe"
  | "outputPipe"
  | "reserveDescriptors"
  | "read"
  | "write"
  | "close"
  | "duplicate"
  | "memoryFile"
  | "readable"
  | "widenPipe"
  | "allocate"
  | "leash"
  | "mapShared"
  | "open"
  | "replaceFile"
  | "unlink"
  | "lock"
  | "lockFile"
  | "lockHolder"
  | "readFile"
  | "setNonBlocking"
  | "setCloseOnExec";

type UnsimulatedFileCall =
  | "replaceDescriptor"
  | "readLink"
  | "fileAttribute"
  | "netlinkSocket"
  | "descriptorList"
  | "hasWriter"
  | "notifications"
  | "watchPath"
  | "unwatchPath";

function simulateFiles({
  descriptors,
  files,
  pollers,
}: FakeWorld): Pick<Kernel, FileCall> & { readonly [Name in UnsimulatedFileCall]: null } {
  const flag = (fd: number): number => (descriptors.get(fd) === null ? badDescriptor : 0);
  let pipesMade = 0;
  /** Pieces of files as they are mapped; they are not seen by read and write. */
  const maps = new WeakMap<object, Map<number, Uint8Array>>();
  return {
    createPoller: (callback) => pollers.create(callback),
    pipe(sizeBytes) {
      const pipe = createPipe(sizeBytes);
      return {
        read: descriptors.insert({ kind: "pipe", pipe, reads: true, writes: false, references: 0 }),
        write: descriptors.insert({
          kind: "pipe",
          pipe,
          reads: false,
          writes: true,
          references: 0,
        }),
      };
    },
    reserveDescriptors: () => 0,
    outputPipe() {
      const pipe = createPipe();
      const end = (writes: boolean): number =>
        descriptors.insert({ kind: "pipe", pipe, reads: true, writes, references: 0 });
      return { read: end(false), child: end(true), inode: ++pipesMade };
    },
    read: (fd, buffer, offset, length) =>
      descriptors.read(fd, buffer.subarray(offset, offset + length)),
    write: (fd, buffer, offset, length) =>
      descriptors.write(fd, buffer.subarray(offset, offset + length)),
    close: (fd) => descriptors.close(fd),
    duplicate(fd) {
      const open = descriptors.get(fd);
      return open === null ? badDescriptor : descriptors.insert(open);
    },
    readable(fd) {
      const open = descriptors.get(fd);
      return open?.kind === "pipe" ? open.pipe.size : badDescriptor;
    },
    widenPipe(fd, bytes) {
      const open = descriptors.get(fd);
      if (open?.kind !== "pipe") return badDescriptor;
      open.pipe.capacity = Math.max(open.pipe.size, bytes);
      return open.pipe.capacity;
    },
    leash: (fd) => (descriptors.get(fd)?.kind === "pipe" ? 0 : badDescriptor),
    allocate: (fd) => (descriptors.get(fd)?.kind === "file" ? 0 : badDescriptor),
    mapShared(fd, offset, length) {
      const open = descriptors.get(fd);
      if (open?.kind !== "file") return badDescriptor;
      const pieces = maps.get(open.file) ?? new Map<number, Uint8Array>();
      maps.set(open.file, pieces);
      const piece = pieces.get(offset) ?? new Uint8Array(length);
      pieces.set(offset, piece);
      return piece;
    },
    memoryFile: () =>
      descriptors.insert({
        kind: "file",
        file: { bytes: new Uint8Array(), lockedBy: null },
        position: 0,
        appends: false,
        references: 0,
      }),
    open: (path, flags) => files.open(path, flags),
    replaceFile(path, data) {
      files.write(path, data);
      return 0;
    },
    unlink: (path) => (files.remove(path) ? 0 : notFound),
    lock: (fd) => files.lock(fd),
    lockFile: (fd) => files.lock(fd),
    lockHolder: (fd) => files.lockHolder(fd),
    replaceDescriptor: null,
    readLink: null,
    fileAttribute: null,
    netlinkSocket: null,
    descriptorList: null,
    hasWriter: null,
    notifications: null,
    watchPath: null,
    unwatchPath: null,
    readFile(path, buffer) {
      const part = files.read(path)?.subarray(0, buffer.length);
      if (part === undefined) return notFound;
      buffer.set(part);
      return part.length;
    },
    setNonBlocking: flag,
    setCloseOnExec: flag,
  };
}

type SocketCall = "datagramSocket" | "receive" | "sendTo";

function simulateSockets({ files }: FakeWorld): Pick<Kernel, SocketCall> & {
  send: null;
  socketPair: null;
  connectSocket: null;
  listenUnix: null;
  listenTcp: null;
  setBacklog: null;
  accept: null;
  peerCredentials: null;
} {
  return {
    datagramSocket: (path) => files.bind(path),
    receive: (fd, maxBytes) => files.receive(fd, maxBytes),
    sendTo: (path, data) =>
      files.send(path, {
        data: data.slice(),
        sender: { pid: ownPid, uid: 0, gid: 0 },
        descriptors: [],
        truncated: false,
      }),
    send: null,
    socketPair: null,
    connectSocket: null,
    listenUnix: null,
    listenTcp: null,
    setBacklog: null,
    accept: null,
    peerCredentials: null,
  };
}

type AccountCall = "lookupUser" | "lookupGroup" | "groupsOf";

function simulateAccounts({ accounts }: FakeWorld): Pick<Kernel, AccountCall> {
  return {
    lookupUser: (key) =>
      accounts.users.find((user) => user.name === key || user.uid === key) ?? null,
    lookupGroup: (key) =>
      accounts.groups.find((group) => group.name === key || group.gid === key) ?? null,
    groupsOf: (user, gid) => [
      ...new Set([
        gid,
        ...accounts.groups
          .filter((group) => group.members.includes(user))
          .map((group) => group.gid),
      ]),
    ],
  };
}

type OwnProcessCall =
  | "getLimit"
  | "setLimit"
  | "setLimitOf"
  | "monotonicMs"
  | "realtimeMicros"
  | "setProcessName"
  | "trimMemory"
  | "execute"
  | "exitAtOnce";

function simulateOwnProcess({ nowMs }: FakeWorld): Pick<Kernel, OwnProcessCall> {
  const limits = new Map<number, { soft: number; hard: number }>();
  const infinite = { soft: -1, hard: -1 };
  return {
    getLimit: (resource) => limits.get(resource) ?? infinite,
    setLimitOf: () => 0,
    setLimit(resource, soft, hard) {
      if (hard !== -1 && (soft === -1 || soft > hard)) return invalidArgument;
      limits.set(resource, { soft, hard });
      return 0;
    },
    monotonicMs: nowMs,
    realtimeMicros: () => realtimeStartMicros + nowMs() * 1000,
    setProcessName: () => 0,
    trimMemory: () => undefined,
    // Nothing can take the place of a test, or end it.
    execute: () => invalidArgument,
    exitAtOnce: () => invalidArgument,
  };
}
