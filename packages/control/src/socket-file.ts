import { chmodSync, lstatSync, unlinkSync } from "node:fs";
import { connect, type Server } from "node:net";

/** A control socket that cannot be made. */
export class SocketInUseError extends Error {
  readonly code = "socket-in-use";
}

/** Listens on `path` with mode 0600. A socket that a dead server left is replaced; one that answers is an error. Returns the file's inode. */
export async function listenOn(server: Server, path: string): Promise<number> {
  if (await answers(path)) throw new SocketInUseError(`cannot listen on "${path}": another server is listening there (EADDRINUSE)`);
  removeIfSocket(path);
  // Nobody may connect between bind and chmod.
  const before = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ path }, () => {
        server.off("error", reject);
        resolve();
      });
    });
  } finally {
    process.umask(before);
  }
  chmodSync(path, 0o600);
  return lstatSync(path).ino;
}

/** Removes the file if it is still the one that was made. Node unlinks it by itself at close, whosever it is by then; so it is closed after this. */
export function removeOwn(path: string, inode: number): void {
  try {
    if (lstatSync(path).ino === inode) unlinkSync(path);
  } catch {
    // ENOENT: somebody has tidied up before us.
  }
}

function removeIfSocket(path: string): void {
  try {
    if (lstatSync(path).isSocket()) unlinkSync(path);
  } catch {
    // ENOENT: there is nothing to replace.
  }
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
