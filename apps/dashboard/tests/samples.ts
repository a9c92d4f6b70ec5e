import type { ServiceStatus } from "@supervise/model";

const TIME = "2026-01-02T03:04:05.000Z";

/** A service that is up, but for what is said of it. */
export function service(name: string, more: Partial<ServiceStatus> = {}): ServiceStatus {
  return {
    name,
    service: name,
    replica: 1,
    type: "service",
    state: "up",
    stage: null,
    wanted: "up",
    ready: true,
    health: "none",
    reason: "run 1 (pid 12)",
    pid: 12,
    run: 1,
    restarts: 0,
    since: TIME,
    startedAt: TIME,
    lastExit: null,
    statusText: null,
    dependsOn: [],
    ...more,
  };
}
