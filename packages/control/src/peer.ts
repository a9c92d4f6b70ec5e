import type { Socket } from "node:net";
import type { Caller } from "@supervise/model";

/** Who is at the other end of a Unix socket, as the kernel knows it (unix(7), SO_PEERCRED). */
export interface Peer {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/** Root, or the user itself, at the other end of a connected socket; null: somebody else, or nobody knows. */
export function callerOf(
  socket: Socket,
  peerOf: (fd: number) => Peer | null,
  ownUid: number,
): Caller | null {
  const fd = descriptorOf(socket);
  const peer = fd === null ? null : peerOf(fd);
  if (peer === null || (peer.uid !== 0 && peer.uid !== ownUid)) return null;
  return { pid: peer.pid, uid: peer.uid };
}

/** The descriptor of a connected socket; null where Node has closed it, or hides it. */
function descriptorOf(socket: Socket): number | null {
  // Node has no public way to a socket's descriptor; `_handle.fd` has been there since the first versions.
  const handle: unknown = Reflect.get(socket, "_handle");
  const fd: unknown =
    typeof handle === "object" && handle !== null ? Reflect.get(handle, "fd") : null;
  return typeof fd === "number" && fd >= 0 ? fd : null;
}
