import cluster from "node:cluster";
import { createServer } from "node:net";
import type { Server, Socket } from "node:net";
import { createKernel, errnoName, errnoNumber, errnoText } from "@supervise/daemon";
import type { Settings } from "./settings.js";

/** How many clients may wait for their accept. */
export const BACKLOG = 128;

export interface Listener {
  readonly fd: number;
  /** "127.0.0.1:8402", "[::1]:8402", or the path of a Unix socket. */
  readonly address: string;
  /** Null: it is a Unix socket. */
  readonly port: number | null;
  /** Somebody else bound it, keeps it and hands it to the next one too. */
  readonly inherited: boolean;
  /**
   * No client is accepted any more, but the socket still listens: who comes waits for whoever serves it next, and is reset by `close` where nobody does. Returns the descriptor that holds it.
   */
  stopAccepting(): number;
  /** Gives back our last descriptor of the socket. */
  close(): void;
}

/**
 * Binds with SO_REUSEADDR, so that connections in TIME_WAIT are no obstacle, and listens; or serves the passed socket. Throws what is to be told to the operator.
 */
export async function openListener(
  { bind, port }: Pick<Settings, "bind" | "port">,
  inherited: number | null,
  onConnection: (socket: Socket) => void,
): Promise<Listener> {
  // listen() asks for this at its first call too: here it is loaded before the daemon begins.
  if (!cluster.isPrimary)
    throw new Error("cannot listen: NODE_UNIQUE_ID is set, so that Node would ask another process");
  const kernel = createKernel();
  const server = createServer({ allowHalfOpen: true }, onConnection);
  const fd = inherited ?? kernel.listenTcp(bind, port, BACKLOG);
  if (fd < 0) throw cannotListen(formatAddress(bind, port), fd);
  try {
    await listen(server, fd);
  } catch (error) {
    const code = String(Reflect.get(Object(error), "code"));
    throw cannotListen(`descriptor ${fd}`, errnoNumber(code) ?? -5);
  }
  const address = server.address();
  let held = -1;
  return {
    fd,
    address:
      address === null || typeof address === "string"
        ? (address ?? "a socket without a name")
        : formatAddress(address.address, address.port),
    port: address === null || typeof address === "string" ? null : address.port,
    inherited: inherited !== null,
    stopAccepting() {
      held = kernel.duplicate(fd);
      server.close();
      return held;
    },
    close: () => void kernel.close(held),
  };
}

function cannotListen(what: string, errno: number): Error {
  return new Error(`cannot listen on "${what}": ${errnoText(errno)} (${errnoName(errno)})`);
}

function listen(server: Server, fd: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ fd }, BACKLOG, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function formatAddress(address: string, port: number): string {
  return `${address.includes(":") ? `[${address}]` : address}:${port}`;
}
