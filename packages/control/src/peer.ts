import type { Socket } from "node:net";

export interface Peer {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/** The descriptor of a connected socket; null where Node has closed it, or hides it. */
export function descriptorOf(socket: Socket): number | null {
  // Node has no public way to a socket's descriptor; `_handle.fd` has been there since the first versions.
  const handle = (socket as unknown as { readonly _handle?: { readonly fd?: unknown } | null })._handle;
  const fd = handle?.fd;
  return typeof fd === "number" && fd >= 0 ? fd : null;
}
