import type { Server } from "node:net";
import { createFront } from "./http-front.js";
import { DEFAULT_LIMITS, type ControlLimits } from "./limits.js";
import { callerOf, type Peer } from "./peer.js";
import { listenOn, listenOnInherited, removeOwn } from "./socket-file.js";
import type { ControlTarget } from "./target.js";

export interface ControlOptions {
  /** Path of the socket; its directory must exist. */
  readonly path: string;
  /** Peer credentials of a connected descriptor (unix(7), SO_PEERCRED); null: the kernel does not tell. */
  readonly peer: (fd: number) => Peer | null;
  /** Besides root only this user may ask. */
  readonly ownUid: number;
  readonly onWarning: (message: string) => void;
  /** A socket that listens at `path` already, from whoever served it before; the server's from here on. Null: a new one is made. */
  readonly inherited?: number | null;
  /** Told once it listens: whose descriptor is to outlive this process is to be had from it. */
  readonly onListening?: (server: Server) => void;
  readonly limits?: Partial<ControlLimits>;
}

export interface ControlServer {
  readonly path: string;
  /** Removes the socket if it is still ours; lets answers that are under way end, for a second, and cuts the rest. */
  close(): Promise<void>;
}

/**
 * Serves `target` on a Unix socket: HTTP/1.1 with JSON. Rejects where the socket can't be made: `SocketInUseError` where another server answers
 * there. Nothing that a client does harms the target.
 */
export async function serveControl(
  target: ControlTarget,
  options: ControlOptions,
): Promise<ControlServer> {
  const { onWarning } = options;
  const front = await createFront(target, {
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    onWarning,
    paths: null,
    callerOf: (socket) => {
      try {
        return callerOf(socket, options.peer, options.ownUid);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        onWarning(`Cannot tell who connects to control socket "${options.path}": ${why}`);
        return null;
      }
    },
  });
  const { server } = front;
  const file =
    (await listenOnInherited(server, options.path, options.inherited ?? null)) ??
    (await listenOn(server, options.path));
  options.onListening?.(server);
  server.on("error", (error) => onWarning(`Control socket "${options.path}": ${error.message}`));
  return {
    path: options.path,
    close: () => {
      removeOwn(options.path, file);
      return front.close();
    },
  };
}
