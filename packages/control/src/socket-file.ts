import { chmodSync, closeSync, existsSync, lstatSync, renameSync, unlinkSync } from "node:fs";
import type { Server } from "node:net";
import { dirname } from "node:path";

/** Another server listens at the path. */
export class SocketInUseError extends Error {
  readonly code = "socket-in-use";
}

/** What tells a file from another that has its name later. A bound socket holds its inode, so the number is not given away meanwhile. */
export interface FileIdentity {
  readonly device: number;
  readonly inode: number;
}

/** Bytes of a Unix socket's path (unix(7): 108 with the ending NUL). */
const PATH_BYTES = 107;

/**
 * Listens on `path` with mode 0600. A socket that a dead server left is replaced; one that answers is a `SocketInUseError`; any other file is an
 * error, and stays.
 */
export async function listenOn(server: Server, path: string): Promise<FileIdentity> {
  const cannot = (why: string, cause?: unknown): Error =>
    new Error(`cannot listen on "${path}": ${why}`, cause === undefined ? {} : { cause });
  // Node removes the file that it has bound when it closes, whosever it is by then. So it is bound under another name, and only `removeOwn` knows this one.
  // It also appears whole: listening, with its mode, in the place of the dead one.
  const bound = `${path}.${process.pid}`;
  if (Buffer.byteLength(bound) > PATH_BYTES) {
    throw cannot(
      `the path must be at most ${PATH_BYTES - Buffer.byteLength(bound) + Buffer.byteLength(path)} bytes (ENAMETOOLONG)`,
    );
  }
  const answer = await probe(path);
  switch (answer) {
    case null:
    case "EAGAIN":
      throw new SocketInUseError(
        `cannot listen on "${path}": another server is listening there (EADDRINUSE)`,
      );
    case "ENOENT":
    case "ECONNREFUSED":
      break;
    default:
      throw cannot(`what is there does not answer (${answer})`);
  }
  removeIfSocket(bound);
  try {
    await bind(server, bound);
  } catch (error) {
    throw cannot(causeOf(error, path), error);
  }
  try {
    chmodSync(bound, 0o600);
    const { dev, ino } = lstatSync(bound);
    const there = lstatSync(path, { throwIfNoEntry: false });
    if (there !== undefined && !there.isSocket()) {
      throw cannot("there is a file that is not a socket (EEXIST)");
    }
    renameSync(bound, path);
    return { device: dev, inode: ino };
  } catch (error) {
    server.close();
    throw error;
  }
}

/**
 * Listens on a descriptor that does so already, where the file at `path` is still a socket. Null: there is none, or it can't be used; then the
 * descriptor is closed.
 */
export async function listenOnInherited(
  server: Server,
  path: string,
  fd: number | null,
): Promise<FileIdentity | null> {
  if (fd === null) return null;
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there?.isSocket() !== true) {
    closeSync(fd);
    return null;
  }
  try {
    await listening(server, () => server.listen({ fd }));
    return { device: there.dev, inode: there.ino };
  } catch {
    // Not a listening socket: a new one takes its place.
    return null;
  }
}

/** Removes the file if it is still the one that was made. */
export function removeOwn(path: string, { device, inode }: FileIdentity): void {
  try {
    const there = lstatSync(path);
    if (there.ino === inode && there.dev === device) unlinkSync(path);
  } catch {
    // ENOENT: somebody has tidied up before us.
  }
}

function removeIfSocket(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true) unlinkSync(path);
}

function bind(server: Server, path: string): Promise<void> {
  return listening(server, () => {
    // Nobody may connect between bind and chmod. Node binds within this call; the mask is the whole process's.
    const before = process.umask(0o177);
    try {
      server.listen({ path });
    } finally {
      process.umask(before);
    }
  });
}

/** Settles once the server listens, or can't. */
export function listening(server: Server, listen: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (settle: () => void) => (): void => {
      server.off("error", fail);
      server.off("listening", succeed);
      settle();
    };
    const succeed = done(resolve);
    const fail = (error: Error): void => done(() => reject(error))();
    server.once("error", fail);
    server.once("listening", succeed);
    listen();
  });
}

function causeOf(error: unknown, path: string): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  switch (code) {
    case "EACCES":
      // libuv's bind says EACCES for ENOENT too.
      return existsSync(dirname(path))
        ? "permission denied (EACCES)"
        : "no such directory (ENOENT)";
    case "EROFS":
      return "the file system is read-only (EROFS)";
    default:
      return error instanceof Error ? error.message : String(error);
  }
}

/** Connects, to see who answers. Null: somebody; else the errno's name. */
function probe(path: string): Promise<string | null> {
  // Loaded here: it brings streams along, and services should not wait for them.
  const { connect } = process.getBuiltinModule("node:net");
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once("connect", () => {
      socket.destroy();
      resolve(null);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}
