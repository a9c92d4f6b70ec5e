import { loadBinding } from "./binding.js";
import type { Binding } from "./binding.js";
import { createDatagramCalls } from "./datagrams.js";
import { createDescriptorList } from "./descriptor-list.js";
import { errnoNumber, SystemCallError } from "./errno.js";
import type { Kernel } from "./kernel.js";
import { createPoller } from "./poller.js";
import { createReap } from "./reap.js";
import { createBeginSpawns, createPrepareSpawn, createSpawn, entryBlock } from "./spawn-request.js";

const noChildren = errnoNumber("ECHILD");
const encoder = new TextEncoder();

/**
 * The kernel itself, through the C addon. `binding` is an addon that is loaded already, or where to find it (see {@link loadBinding}).
 * Cheap to make more than once: whoever names none gets the same one each time, and otherwise the scratch memory of each is its own.
 */
export function createKernel(binding?: Binding | string): Kernel {
  if (binding !== undefined)
    return kernelOf(typeof binding === "object" ? binding : loadBinding(binding));
  const native = loadBinding();
  if (usual?.native !== native) usual = { native, kernel: kernelOf(native) };
  return usual.kernel;
}

/** One for all who name no addon: it holds nothing of theirs. */
let usual: { readonly native: Binding; readonly kernel: Kernel } | null = null;

function kernelOf(native: Binding): Kernel {
  return {
    spawn: createSpawn(native),
    prepareSpawn: createPrepareSpawn(native),
    beginSpawns: createBeginSpawns(native),
    reap: createReap(native),
    hasChildren: () => native.peekEnded() !== noChildren,
    setSubreaper: native.setSubreaper,
    kill: native.kill,
    pidfdOpen: native.pidfdOpen,
    pidfdSendSignal: native.pidfdSendSignal,
    pidfdExit(pidfd) {
      const status = native.pidfdExit(pidfd);
      return { waitStatus: status < 0 ? null : status };
    },
    createPoller: (callback) => createPoller(native, callback),
    ...createFileCalls(native),
    ...createDatagramCalls(native),
    ...createTerminalCalls(native),
    ...createAccountCalls(native),
    ...createProcessCalls(native),
  };
}

/** Of the addon's lockHolder: somebody, but no process that could be named. */
const UNKNOWN_HOLDER = 2 ** 32 - 1;

type FileCall =
  | "pipe"
  | "outputPipe"
  | "reserveDescriptors"
  | "read"
  | "readable"
  | "widenPipe"
  | "allocate"
  | "leash"
  | "mapShared"
  | "write"
  | "close"
  | "duplicate"
  | "memoryFile"
  | "open"
  | "readFile"
  | "readLink"
  | "fileAttribute"
  | "netlinkSocket"
  | "descriptorList"
  | "replaceFile"
  | "unlink"
  | "lock"
  | "lockFile"
  | "lockHolder"
  | "hasWriter"
  | "notifications"
  | "watchPath"
  | "unwatchPath"
  | "replaceDescriptor"
  | "setNonBlocking"
  | "setCloseOnExec";

function createFileCalls(native: Binding): Pick<Kernel, FileCall> {
  const pair = new Int32Array(2);
  const facts = new Float64Array(3);
  return {
    outputPipe() {
      const result = native.outputPipe(facts);
      if (result < 0) return result;
      return { read: facts[0] as number, child: facts[1] as number, inode: facts[2] as number };
    },
    pipe(sizeBytes = 0) {
      const result = native.pipe(sizeBytes, pair);
      return result < 0 ? result : { read: pair[0] as number, write: pair[1] as number };
    },
    reserveDescriptors: native.reserveDescriptors,
    read: native.read,
    readable: native.readable,
    widenPipe: native.widenPipe,
    allocate: native.allocate,
    leash: native.leash,
    mapShared(fd, offset, length) {
      const memory = native.mapShared(fd, offset, length);
      return typeof memory === "number" ? memory : new Uint8Array(memory);
    },
    write: native.write,
    close: native.close,
    duplicate: native.duplicate,
    memoryFile: native.memoryFile,
    open: native.open,
    readFile: native.readFile,
    readLink: native.readLink,
    fileAttribute: native.fileAttribute,
    netlinkSocket: native.netlinkSocket,
    descriptorList: createDescriptorList(native),
    replaceFile: (path, data, mode) =>
      native.replaceFile(path, typeof data === "string" ? encoder.encode(data) : data, mode),
    unlink: native.unlink,
    lock: native.lock,
    lockFile: native.lockFile,
    lockHolder(fd) {
      const result = native.lockHolder(fd);
      if (result < 0) return result;
      return { held: result > 0, pid: result > 0 && result < UNKNOWN_HOLDER ? result : null };
    },
    hasWriter: native.hasWriter,
    notifications: native.notifications,
    watchPath: native.watchPath,
    unwatchPath: native.unwatchPath,
    replaceDescriptor: native.replaceDescriptor,
    setNonBlocking: native.setNonBlocking,
    setCloseOnExec: native.setCloseOnExec,
  };
}

/** Room for struct termios of any C library. */
const TERMIOS_BYTES = 256;

function createTerminalCalls(
  native: Binding,
): Pick<Kernel, "openPty" | "resizePty" | "rawTerminal" | "restoreTerminal"> {
  const pair = new Int32Array(2);
  return {
    openPty(columns, rows) {
      const result = native.openPty(columns, rows, pair);
      return result < 0 ? result : { controller: pair[0] as number, terminal: pair[1] as number };
    },
    resizePty: native.resizePty,
    rawTerminal(fd) {
      const settings = new Uint8Array(TERMIOS_BYTES);
      const result = native.rawTerminal(fd, settings);
      return result < 0 ? result : settings.subarray(0, result);
    },
    restoreTerminal: native.restoreTerminal,
  };
}

function createAccountCalls(
  native: Binding,
): Pick<Kernel, "lookupUser" | "lookupGroup" | "groupsOf"> {
  return {
    lookupUser: (nameOrId) => entryOrNull(native.lookupUser(nameOrId), `user "${nameOrId}"`),
    lookupGroup: (nameOrId) => entryOrNull(native.lookupGroup(nameOrId), `group "${nameOrId}"`),
    groupsOf(user, gid) {
      let list = new Uint32Array(64);
      for (;;) {
        const count = native.groupsOf(user, gid, list);
        if (count < 0) throw new SystemCallError(`cannot list groups of user "${user}"`, count);
        if (count <= list.length) return [...list.subarray(0, count)];
        list = new Uint32Array(count);
      }
    },
  };
}

function entryOrNull<Entry extends object>(entry: Entry | number, what: string): Entry | null {
  if (typeof entry === "object") return entry;
  if (entry < 0) throw new SystemCallError(`cannot look up ${what}`, entry);
  return null;
}

/** Of a limit: as it is. */
const KEPT = -2;

type ProcessCall =
  | "getLimit"
  | "setLimit"
  | "setLimitOf"
  | "monotonicMs"
  | "realtimeMicros"
  | "setProcessName"
  | "trimMemory"
  | "execute"
  | "exitAtOnce";

function createProcessCalls(native: Binding): Pick<Kernel, ProcessCall> {
  const pair = new Float64Array(2);
  return {
    getLimit(resource) {
      const result = native.getLimit(resource, pair);
      if (result < 0) throw new SystemCallError(`cannot read limit "${resource}"`, result);
      return { soft: pair[0] as number, hard: pair[1] as number };
    },
    setLimit: native.setLimit,
    setLimitOf: native.setLimitOf,
    monotonicMs: native.monotonicMs,
    realtimeMicros: native.realtimeMicros,
    setProcessName: native.setProcessName,
    exitAtOnce: native.exitAtOnce,
    trimMemory: () => void native.trimMemory(),
    execute({ file, argv, env, openFiles }) {
      const { soft, hard } = openFiles ?? { soft: KEPT, hard: KEPT };
      return native.execute(file, entryBlock(argv), entryBlock(env), soft, hard);
    },
  };
}
