import type { Clock } from "./clock.js";
import type { Connections } from "./connections.js";
import type { Listener } from "./listener.js";
import { formatRealtime } from "./log.js";
import type { Log } from "./log.js";
import type { Settings } from "./settings.js";
import { VERSION } from "./version.js";

export interface StatusRequest {
  readonly settings: Settings;
  readonly listener: Listener;
  readonly log: Log;
  readonly connections: Connections;
  readonly generation: number;
  readonly startedMicros: number;
  readonly clock: Clock;
}

/** The answer to GET /status. */
export function statusOf(request: StatusRequest): unknown {
  const { settings, listener, log, connections, generation, startedMicros, clock } = request;
  return {
    name: "daemond",
    version: VERSION,
    pid: process.pid,
    startedAt: formatRealtime(startedMicros),
    uptimeSeconds: Math.floor((clock.realtimeMicros() - startedMicros) / 1e6),
    generation,
    listener: {
      address: listener.address,
      port: listener.port,
      descriptor: listener.fd,
      inherited: listener.inherited,
    },
    log: { path: log.path, descriptor: log.fd },
    pidFile: settings.pidFile,
    idleTimeoutMs: settings.idleTimeoutMs,
    connections: { open: connections.size, accepted: connections.accepted },
    requests: connections.requests,
  };
}
