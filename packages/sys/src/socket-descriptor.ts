import type { Server, Socket } from "node:net";

/**
 * The descriptor under a Node socket or server, which stays Node's; null once it is closed. Node shows it nowhere but in the handle that
 * net.Socket has had since its first versions.
 */
export function socketDescriptor(socket: Socket | Server): number | null {
  const handle: unknown = Reflect.get(socket, "_handle");
  const fd: unknown =
    typeof handle === "object" && handle !== null ? Reflect.get(handle, "fd") : null;
  return typeof fd === "number" && fd >= 0 ? fd : null;
}
