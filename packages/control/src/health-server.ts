import type { AddressInfo, Server } from "node:net";
import { createFront } from "./http-front.js";
import { DEFAULT_LIMITS, type ControlLimits } from "./limits.js";
import { listening } from "./socket-file.js";
import type { ControlTarget } from "./target.js";

export interface HealthOptions {
  /** Address or name to listen on. */
  readonly host: string;
  /** 0: one that is free. */
  readonly port: number;
  readonly onWarning: (message: string) => void;
  /** A socket that listens already, from whoever served it before; the server's from here on. Null: a new one is made. */
  readonly inherited?: number | null;
  /** Told once it listens: whose descriptor is to outlive this process is to be had from it. */
  readonly onListening?: (server: Server) => void;
  readonly limits?: Partial<ControlLimits>;
}

export interface HealthServer {
  /** Where it listens, for a client. */
  readonly url: string;
  /** Lets answers that are under way end, for a second, and cuts the rest. */
  close(): Promise<void>;
}

/** What anybody who reaches the port may know. */
const PATHS: ReadonlySet<string> = new Set(["/v1/health", "/metrics"]);

/** Nobody is known over TCP, and nothing that is served there asks who it is. */
const ANYBODY = { pid: 0, uid: -1 } as const;

/**
 * Serves `GET /v1/health` and `GET /metrics` over TCP, for whoever cannot reach the control socket: a kubelet, say. Rejects with the error of Node's
 * `listen` where the port can't be had. Nothing that a client does harms the target.
 */
export async function serveHealth(
  target: Pick<ControlTarget, "services" | "metrics">,
  options: HealthOptions,
): Promise<HealthServer> {
  const { host, port, onWarning } = options;
  const front = await createFront(target as ControlTarget, {
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    onWarning,
    callerOf: () => ANYBODY,
    paths: PATHS,
  });
  const { server } = front;
  const fd = options.inherited ?? null;
  await listening(server, () => server.listen(fd === null ? { host, port } : { fd }));
  options.onListening?.(server);
  server.on("error", (error) => onWarning(`Health port ${port}: ${error.message}`));
  return { url: urlOf(server), close: front.close };
}

function urlOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  const host = family === "IPv6" ? `[${address}]` : address;
  return `http://${host}:${port}/v1/health`;
}
