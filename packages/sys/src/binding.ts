import { dirname } from "node:path";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

/** The addon's functions as they are: numbers in, numbers out, results of several values in arrays that the caller brings. */
export interface Binding {
  spawn(numbers: Float64Array, text: string | Uint8Array, env: string | Uint8Array): number;
  peekEnded(): number;
  collect(pid: number, facts: Float64Array): number;
  setSubreaper(on: boolean): number;
  kill(pid: number, signal: number): number;
  pidfdOpen(pid: number): number;
  pidfdSendSignal(pidfd: number, signal: number): number;
  pidfdExit(pidfd: number): number;
  pollerCreate(
    callback: (ready: Uint32Array, count: number) => void,
    pairs: Uint32Array,
  ): object | number;
  pollerAdd(poller: object, fd: number, token: number, events: number): number;
  pollerModify(poller: object, fd: number, token: number, events: number): number;
  pollerRemove(poller: object, fd: number): number;
  pollerHold(poller: object, on: boolean): number;
  pollerClose(poller: object): number;
  pipe(sizeBytes: number, pair: Int32Array): number;
  read(fd: number, buffer: Uint8Array, offset: number, length: number): number;
  write(fd: number, buffer: Uint8Array, offset: number, length: number): number;
  close(fd: number): number;
  open(path: string, flags: number, mode: number): number;
  readFile(path: string, buffer: Uint8Array): number;
  replaceFile(path: string, data: Uint8Array, mode: number): number;
  unlink(path: string): number;
  lock(fd: number): number;
  datagramSocket(path: string, mode: number): number;
  receive(fd: number, buffer: Uint8Array, facts: Int32Array): number;
  send(fd: number, data: Uint8Array, descriptors: Int32Array): number;
  sendTo(path: string, data: Uint8Array, descriptors: Int32Array): number;
  peerCredentials(fd: number, ids: Int32Array): number;
  openPty(columns: number, rows: number, pair: Int32Array): number;
  resizePty(fd: number, columns: number, rows: number): number;
  setNonBlocking(fd: number, on: boolean): number;
  setCloseOnExec(fd: number, on: boolean): number;
  lookupUser(
    nameOrId: string | number,
  ): { name: string; uid: number; gid: number; home: string; shell: string } | number;
  lookupGroup(nameOrId: string | number): { name: string; gid: number } | number;
  groupsOf(user: string, gid: number, list: Uint32Array): number;
  getLimit(resource: number, pair: Float64Array): number;
  setLimit(resource: number, soft: number, hard: number): number;
  monotonicMs(): number;
  realtimeMicros(): number;
  setProcessName(name: string): number;
}

/**
 * Loads the addon. `from` is the package's directory (with `build/Release` or `prebuilds` in it) or the `.node` file itself; absent, it
 * is found beside the compiled module. A bundle has no such place, so it gives one. Throws where there is no file for this machine.
 */
export function loadBinding(from?: string): Binding {
  const require = createRequire(import.meta.url);
  if (from !== undefined && from.endsWith(".node")) return require(from) as Binding;
  const find = require("node-gyp-build") as (directory: string) => Binding;
  return find(from ?? dirname(dirname(fileURLToPath(import.meta.url))));
}
