import { lstatSync, unlinkSync } from "node:fs";
import { ownerOf, printable, readCommandLine, readStat, type Proc } from "@supervise/process";
import { errnoName, errnoText, type Kernel } from "@supervise/sys";

/** A bound socket and its name, which is ours to take away. */
export interface ClaimedSocket {
  readonly path: string;
  readonly fd: number;
  /** Of the file, so that another one's of the same name is left alone; null where it was gone at once. */
  readonly inode: number | null;
}

export interface ClaimPort {
  readonly kernel: Pick<
    Kernel,
    "datagramSocket" | "listenUnix" | "connectSocket" | "close" | "duplicate" | "unlink"
  >;
  readonly proc: Proc;
}

const EADDRINUSE = -98;
const ECONNREFUSED = -111;
const EPROTOTYPE = -91;
/** Open to all: a service may run as any user, and every message comes with its sender's credentials. */
const mode = 0o666;
/** /proc/net/unix of a machine with ten thousand sockets, in bytes. */
const tableLimitBytes = 1024 * 1024;

/** A datagram socket, or a stream socket that listens. */
export type SocketKind = "datagram" | "stream";

/** How many clients of a stream socket may wait for their accept. */
const BACKLOG = 128;

/**
 * Binds a socket at the path, where a stale one of nobody is replaced. `inherited`: a socket that the supervisor before had bound there, which
 * goes on if its name still leads to somebody. A text says why it can't be.
 */
export function claimSocket(
  port: ClaimPort,
  path: string,
  inherited: number | null,
  type: SocketKind = "datagram",
): ClaimedSocket | string {
  const { kernel } = port;
  if (inherited !== null) {
    if (listens(kernel, path) === "yes") return { path, fd: inherited, inode: inodeOf(path) };
    kernel.close(inherited);
  }
  const bind = (): number =>
    type === "datagram"
      ? kernel.datagramSocket(path, mode)
      : kernel.listenUnix(path, mode, BACKLOG);
  const first = bind();
  if (first >= 0) return { path, fd: first, inode: inodeOf(path) };
  if (first !== EADDRINUSE) return causeOf(first);
  const kind = kindOf(path);
  if (kind !== "socket") return `${kind} is there already; it is left alone`;
  const answer = listens(kernel, path);
  if (answer === "yes") return `${servedBy(port.proc, path)}; it is left alone`;
  if (answer !== "no") return causeOf(answer);
  const removed = kernel.unlink(path);
  if (removed < 0) return `removing the stale one: ${causeOf(removed)}`;
  const fd = bind();
  return fd < 0 ? causeOf(fd) : { path, fd, inode: inodeOf(path) };
}

/** Closes the socket and takes its name away, unless that is somebody else's by now. */
export function releaseSocket(
  kernel: Pick<Kernel, "close">,
  { path, fd, inode }: ClaimedSocket,
): void {
  kernel.close(fd);
  if (inode === null || inodeOf(path) !== inode) return;
  try {
    unlinkSync(path);
  } catch {
    // It has gone meanwhile, or its directory may not be written any more: then it is a stale one, which the next one replaces.
  }
}

/** Does somebody read at this socket? Else why that can't be told. */
function listens(
  kernel: Pick<Kernel, "connectSocket" | "close">,
  path: string,
): "yes" | "no" | number {
  let result = kernel.connectSocket(path, "datagram");
  if (result === EPROTOTYPE) result = kernel.connectSocket(path, "stream");
  if (result < 0) return result === ECONNREFUSED ? "no" : result;
  kernel.close(result);
  return "yes";
}

function kindOf(path: string): string {
  try {
    const found = lstatSync(path);
    if (found.isSocket()) return "socket";
    // Where it leads somewhere, as /dev/log of systemd does, it is somebody's.
    if (found.isSymbolicLink()) return "a symbolic link";
    return found.isDirectory() ? "a directory" : "a file that is no socket";
  } catch {
    return "something";
  }
}

function inodeOf(path: string): number | null {
  return lstatSync(path, { throwIfNoEntry: false })?.ino ?? null;
}

/** proc_pid_net(5): the inode is the seventh field, the path the last. */
function servedBy(proc: Proc, path: string): string {
  const inodes = (proc.text("net/unix", tableLimitBytes) ?? "")
    .split("\n")
    .filter((line) => line.endsWith(` ${path}`))
    .map((line) => Number(line.trim().split(/ +/, 7)[6]));
  const pid = inodes.length === 0 ? null : ownerOf(proc, inodes);
  if (pid === null) return "another process serves it";
  const command = readCommandLine(proc, pid, readStat(proc, pid));
  return `pid ${pid} (${command === null ? "unknown" : printable(command)}) serves it`;
}

function causeOf(errno: number): string {
  return `${errnoText(errno)} (${errnoName(errno)})`;
}
