import type { Server } from "node:net";
import type { Keeper } from "@supervise/process";
import { socketDescriptor } from "@supervise/sys";

/** What a server of the supervisor needs for its listening socket to outlive it. */
export interface KeptSocket {
  /** The socket that the supervisor before listened on; null: there is none. */
  readonly inherited: number | null;
  /** To be told once the server listens. */
  readonly onListening: (server: Server) => void;
}

/** The socket that is left with the keeper under this name: who connects while no supervisor lives waits in its backlog for the next one. */
export function keptSocket(keeper: Keeper | null, name: string): KeptSocket {
  return {
    inherited: keeper?.take(name)?.[0] ?? null,
    onListening: (server) => {
      const fd = socketDescriptor(server);
      if (fd !== null) keeper?.deposit(name, [fd]);
    },
  };
}
