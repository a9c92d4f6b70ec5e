import { posix } from "node:path";
import { readCommandLine } from "../command-line.js";
import { listPids } from "../pids.js";
import type { Proc } from "../proc.js";
import { findListeners, findUnixListeners } from "./listeners.js";
import type { Listener } from "./listeners.js";

/** Whose a listening socket is. */
export type SocketOwner =
  | { readonly kind: "ours"; readonly pid: number }
  /** `pid` is null where nobody can be seen to hold it (another user's, another namespace's, or the kernel's own). */
  | { readonly kind: "stranger"; readonly pid: number | null; readonly command: string | null }
  | { readonly kind: "nobody" };

/** A process that holds one of these sockets open, the first found among `pids` (default: all). Null: none that we can see. */
export function ownerOf(
  proc: Proc,
  inodes: readonly number[],
  pids: readonly number[] = listPids(proc),
): number | null {
  const wanted = new Set(inodes.map((inode) => `socket:[${inode}]`));
  for (const pid of pids) {
    for (const fd of proc.names(`${pid}/fd`) ?? []) {
      const target = proc.link(`${pid}/fd/${fd}`);
      if (target !== null && wanted.has(target)) return pid;
    }
  }
  return null;
}

/**
 * Who would answer a connection to `host` and `port`: a process of the tree, a stranger or nobody. `host` is an address of this machine or
 * "localhost".
 */
export function portOwner(
  proc: Proc,
  port: number,
  host: string,
  treePids: readonly number[],
): SocketOwner {
  return judge(
    proc,
    answering(findListeners(proc, port), host).map((listener) => listener.inode),
    treePids,
  );
}

/** The same for a Unix socket, by its absolute path, or "@name" for an abstract one. */
export function unixSocketOwner(
  proc: Proc,
  path: string,
  treePids: readonly number[],
): SocketOwner {
  const listeners = findUnixListeners(proc);
  const exact = listeners.filter((listener) => unpadded(listener.path) === unpadded(path));
  if (exact.length > 0)
    return judge(
      proc,
      exact.map((listener) => listener.inode),
      treePids,
    );
  // Bound by a relative name: whose directory makes it this path?
  for (const listener of listeners) {
    if (
      listener.path.startsWith("/") ||
      listener.path.startsWith("@") ||
      posix.basename(listener.path) !== posix.basename(path)
    )
      continue;
    const pid = ownerOf(proc, [listener.inode], treePids) ?? ownerOf(proc, [listener.inode]);
    const directory = pid === null ? null : proc.link(`${pid}/cwd`);
    if (directory !== null && posix.resolve(directory, listener.path) === posix.normalize(path))
      return judge(proc, [listener.inode], treePids);
  }
  return { kind: "nobody" };
}

/** Some fill up an abstract name with NULs, which the kernel shows as "@" like the first one. */
function unpadded(path: string): string {
  return path.startsWith("@") ? path.replace(/@+$/, "") : path;
}

function judge(proc: Proc, inodes: readonly number[], treePids: readonly number[]): SocketOwner {
  if (inodes.length === 0) return { kind: "nobody" };
  const ours = ownerOf(proc, inodes, treePids);
  if (ours !== null) return { kind: "ours", pid: ours };
  const pid = ownerOf(proc, inodes);
  return { kind: "stranger", pid, command: pid === null ? null : readCommandLine(proc, pid) };
}

/** The kernel prefers the socket bound most closely to the address; of equal ones (SO_REUSEPORT) any may answer. */
function answering(listeners: readonly Listener[], host: string): readonly Listener[] {
  let best = 0;
  for (const listener of listeners) best = Math.max(best, closeness(listener, host));
  return best === 0 ? [] : listeners.filter((listener) => closeness(listener, host) === best);
}

/** 0: does not answer for this address. */
function closeness(listener: Listener, host: string): number {
  const address = listener.address.replace(/^::ffff:/, "");
  const local = host === "localhost";
  if (local ? address === "127.0.0.1" || address === "::1" : address === host) return 3;
  const wildcard = address === "0.0.0.0" || address === "::";
  if (!wildcard) return 0;
  if (local) return 2;
  if (host.includes(":")) return address === "::" ? 2 : 0;
  // "::" takes IPv4 as well, unless the socket is told not to (IPV6_V6ONLY, which /proc does not show).
  return address === "0.0.0.0" ? 2 : 1;
}
