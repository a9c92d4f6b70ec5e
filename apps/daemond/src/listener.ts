import { createServer } from "node:net";
import type { ListenOptions, Server, Socket } from "node:net";
import { createKernel, errnoNumber, errnoText, socketDescriptor } from "@supervise/daemon";
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
 * Binds (libuv sets SO_REUSEADDR, so that connections in TIME_WAIT are no obstacle) and listens, or serves the passed socket. Throws what is to be told to the operator.
 */
export async function openListener(
  { bind, port }: Pick<Settings, "bind" | "port">,
  inherited: number | null,
  onConnection: (socket: Socket) => void,
): Promise<Listener> {
  const server = createServer({ allowHalfOpen: true }, onConnection);
  const where =
    inherited === null ? { host: bind, port, ipv6Only: bind.includes(":") } : { fd: inherited };
  try {
    await listen(server, { ...where, backlog: BACKLOG });
  } catch (error) {
    const code = String(Reflect.get(Object(error), "code"));
    const what = inherited === null ? formatAddress(bind, port) : `passed descriptor ${inherited}`;
    throw new Error(`cannot listen on "${what}": ${errnoText(errnoNumber(code) ?? -5)} (${code})`, {
      cause: error,
    });
  }
  const fd = socketDescriptor(server) ?? -1;
  const kernel = createKernel();
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

function listen(server: Server, options: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(options, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function formatAddress(address: string, port: number): string {
  return `${address.includes(":") ? `[${address}]` : address}:${port}`;
}
