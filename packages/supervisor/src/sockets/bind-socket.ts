import { lstatSync } from "node:fs";
import type { SocketSpec } from "@supervise/model";
import { errnoNumber, type Kernel, type Result } from "@supervise/sys";

export type BindCalls = Pick<
  Kernel,
  "listenTcp" | "listenUnix" | "connectSocket" | "close" | "unlink" | "setNonBlocking"
>;

const IN_USE = errnoNumber("EADDRINUSE");
const NOBODY_LISTENS = errnoNumber("ECONNREFUSED");

/**
 * Binds the socket and listens: a descriptor, which waits in accept(2) as a program expects of a socket that it is handed, or a negative errno. The file of a Unix socket on which
 * nobody listens any more is replaced; whatever else has its name stays.
 */
export function bindSocket(kernel: BindCalls, socket: SocketSpec): Result {
  const fd = listenOn(kernel, socket);
  if (fd >= 0) kernel.setNonBlocking(fd, false);
  return fd;
}

function listenOn(kernel: BindCalls, { address, backlog }: SocketSpec): Result {
  if (address.kind === "tcp") return kernel.listenTcp(address.host, address.port, backlog);
  const { path, mode } = address;
  const fd = kernel.listenUnix(path, mode, backlog);
  if (fd !== IN_USE || !isLeft(kernel, path)) return fd;
  kernel.unlink(path);
  return kernel.listenUnix(path, mode, backlog);
}

/** Is it the file of a socket whose process is gone? */
function isLeft(kernel: BindCalls, path: string): boolean {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() !== true) return false;
  const client = kernel.connectSocket(path, "stream");
  if (client >= 0) kernel.close(client);
  return client === NOBODY_LISTENS;
}
