import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import findAddon from "node-gyp-build";

/** The addon's functions as they are: numbers in, numbers out, results of several values in arrays that the caller brings. */
export interface Binding {
  readonly spawn: (
    numbers: Float64Array,
    text: string | Uint8Array,
    env: string | Uint8Array,
  ) => number;
  /** `requests` holds the three arguments of `spawn` for each; `results` has one place for each. */
  readonly beginSpawns: (
    requests: readonly (Float64Array | string | Uint8Array)[],
    results: Float64Array,
  ) => object | number;
  readonly finishSpawns: (batch: object) => number;
  readonly peekEnded: () => number;
  readonly collect: (pid: number, facts: Float64Array) => number;
  readonly setSubreaper: (on: boolean) => number;
  readonly kill: (pid: number, signal: number) => number;
  readonly pidfdOpen: (pid: number) => number;
  readonly pidfdSendSignal: (pidfd: number, signal: number) => number;
  readonly pidfdExit: (pidfd: number) => number;
  readonly pollerCreate: (
    callback: (ready: Uint32Array, count: number) => void,
    pairs: Uint32Array,
  ) => object | number;
  readonly pollerAdd: (poller: object, fd: number, token: number, events: number) => number;
  readonly pollerModify: (poller: object, fd: number, token: number, events: number) => number;
  readonly pollerRemove: (poller: object, fd: number) => number;
  readonly pollerHold: (poller: object, on: boolean) => number;
  readonly pollerClose: (poller: object) => number;
  readonly pipe: (sizeBytes: number, pair: Int32Array) => number;
  readonly reserveDescriptors: (count: number) => number;
  readonly outputPipe: (facts: Float64Array) => number;
  readonly read: (fd: number, buffer: Uint8Array, offset: number, length: number) => number;
  readonly readable: (fd: number) => number;
  readonly widenPipe: (fd: number, bytes: number) => number;
  readonly leash: (fd: number, processGroup: number) => number;
  readonly allocate: (fd: number, offset: number, length: number) => number;
  readonly mapShared: (fd: number, offset: number, length: number) => ArrayBuffer | number;
  readonly write: (fd: number, buffer: Uint8Array, offset: number, length: number) => number;
  readonly close: (fd: number) => number;
  readonly open: (path: string, flags: number, mode: number) => number;
  readonly readFile: (path: string, buffer: Uint8Array) => number;
  readonly readLink: (path: string, buffer: Uint8Array) => number;
  readonly fileAttribute: (path: string, name: string, buffer: Uint8Array) => number;
  readonly descriptorList: (path: string, buffer: Uint8Array) => number;
  readonly netlinkSocket: (protocol: number) => number;
  readonly duplicate: (fd: number) => number;
  readonly memoryFile: (name: string) => number;
  readonly socketPair: (pair: Int32Array) => number;
  readonly replaceFile: (path: string, data: Uint8Array, mode: number) => number;
  readonly unlink: (path: string) => number;
  readonly lock: (fd: number) => number;
  readonly lockFile: (fd: number) => number;
  readonly lockHolder: (fd: number) => number;
  readonly hasWriter: (fd: number) => number;
  readonly notifications: () => number;
  readonly watchPath: (fd: number, path: string, events: number) => number;
  readonly unwatchPath: (fd: number, watch: number) => number;
  readonly replaceDescriptor: (fd: number, target: number) => number;
  readonly datagramSocket: (path: string, mode: number) => number;
  readonly listenUnix: (path: string, mode: number, backlog: number) => number;
  readonly setBacklog: (fd: number, backlog: number) => number;
  readonly accept: (fd: number) => number;
  readonly listenTcp: (address: string, port: number, backlog: number) => number;
  readonly receive: (fd: number, buffer: Uint8Array, facts: Int32Array) => number;
  readonly send: (fd: number, data: Uint8Array, descriptors: Int32Array) => number;
  readonly connectSocket: (path: string, stream: 0 | 1) => number;
  readonly sendTo: (path: string, data: Uint8Array, descriptors: Int32Array) => number;
  readonly peerCredentials: (fd: number, ids: Int32Array) => number;
  readonly openPty: (columns: number, rows: number, pair: Int32Array) => number;
  readonly rawTerminal: (fd: number, settings: Uint8Array) => number;
  readonly restoreTerminal: (fd: number, settings: Uint8Array) => number;
  readonly resizePty: (fd: number, columns: number, rows: number) => number;
  readonly setNonBlocking: (fd: number, on: boolean) => number;
  readonly setCloseOnExec: (fd: number, on: boolean) => number;
  readonly lookupUser: (
    nameOrId: string | number,
  ) => { name: string; uid: number; gid: number; home: string; shell: string } | number;
  readonly lookupGroup: (nameOrId: string | number) => { name: string; gid: number } | number;
  readonly groupsOf: (user: string, gid: number, list: Uint32Array) => number;
  readonly getLimit: (resource: number, pair: Float64Array) => number;
  readonly setLimitOf: (pid: number, resource: number, soft: number, hard: number) => number;
  readonly setLimit: (resource: number, soft: number, hard: number) => number;
  readonly monotonicMs: () => number;
  readonly realtimeMicros: () => number;
  readonly trimMemory: () => number;
  readonly execute: (
    path: string,
    argv: Uint8Array,
    env: Uint8Array,
    softOpenFiles: number,
    hardOpenFiles: number,
  ) => number;
  readonly exitAtOnce: (code: number) => number;
  readonly setProcessName: (name: string) => number;
}

/** What `loadBinding()` has found or was given: looking for it costs more than most calls of it. */
let known: Binding | null = null;

/** Where the addon was last loaded from by name. */
let named: string | null = null;

/** Makes this addon the one that whoever names none gets, as a bundle has to: it does not know where its packages were. `from` as in {@link loadBinding}. */
export function useAddon(from: string): void {
  known = loadBinding(from);
}

/**
 * Path of the program that stands beside the addon and gives a process what a spawn request asks for before it executes another (native/apply.c), for children that
 * somebody else starts. Whether it is there its caller finds out.
 */
export function applyProgram(): string {
  if (named !== null && named.endsWith(".node")) return join(dirname(named), APPLY_NAME);
  const room = named ?? dirname(dirname(fileURLToPath(import.meta.url)));
  return join(room, "build/Release", APPLY_NAME);
}

const APPLY_NAME = "supervise_apply";

/**
 * Loads the addon. `from` is the package's directory (with `build/Release` or `prebuilds` in it) or the `.node` file itself, as an absolute
 * path; absent, it is what {@link useAddon} has named, else found beside the compiled module. A bundle of another format than ES modules doesn't know where it is,
 * so it has to say. Throws where there is no addon for this machine.
 */
export function loadBinding(from?: string): Binding {
  named = from ?? named;
  if (from !== undefined)
    return from.endsWith(".node") ? openAddon(from) : (findAddon(from) as Binding);
  known ??= findBeside();
  return known;
}

function findBeside(): Binding {
  if (typeof import.meta.url !== "string") {
    throw new Error("cannot find the addon of supervise: a bundle has to say where it is (ENOENT)");
  }
  return findAddon(dirname(dirname(fileURLToPath(import.meta.url)))) as Binding;
}

/** As `require` does it in the end, without looking for a package.json on the way. */
function openAddon(path: string): Binding {
  const addon: { readonly exports: unknown } = { exports: {} };
  process.dlopen(addon, path);
  return addon.exports as Binding;
}
