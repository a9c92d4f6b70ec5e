import type {
  Configuration,
  Dependency,
  DependencyCondition,
  HealthSpec,
  ReadySpec,
  ServiceSpec,
} from "@supervise/model";

const plain: Omit<ServiceSpec, "name" | "service"> = {
  replica: 1,
  type: "service",
  process: {
    command: { words: ["/bin/true"] },
    workingDirectory: "/",
    environment: {},
    inheritEnvironment: true,
    user: null,
    groupAdd: [],
    umask: null,
    nice: null,
    oomScoreAdj: null,
    limits: [],
    capAdd: [],
    capDrop: [],
    noNewPrivileges: false,
    rootDirectory: null,
    tty: false,
    stdinOpen: false,
  },
  dependencies: [],
  restart: { kind: "no" },
  restartDelay: { initialMs: 100, factor: 2, maxMs: 1000, jitter: 0, resetAfterMs: 5000 },
  restartLimit: null,
  ready: null,
  health: null,
  stop: { signal: "SIGTERM", gracePeriodMs: 1000, command: null },
  watchdogMs: null,
  reload: null,
  pidfile: null,
  sockets: [],
  logging: { driver: "none" },
  readsLogs: false,
  watch: [],
};

/** A spec that asks for nothing special, but for what is given. */
export function makeSpec(name: string, given: Partial<ServiceSpec> = {}): ServiceSpec {
  return { ...plain, name, service: name, ...given };
}

export function makeConfiguration(...services: ServiceSpec[]): Configuration {
  return {
    name: "test",
    services,
    restartBucket: { capacity: 1000, refillPerSecond: 1000 },
    syslogPath: null,
  };
}

export function dependsOn(
  name: string,
  condition: DependencyCondition = "service_started",
  given: Partial<Dependency> = {},
): Dependency {
  return { name, condition, required: true, restart: false, ...given };
}

export const readyByNotify: ReadySpec = { check: { kind: "notify" }, timeoutMs: 500 };

export const healthcheck: HealthSpec = {
  test: { words: ["/bin/true"] },
  intervalMs: 1000,
  timeoutMs: 100,
  retries: 1,
  startPeriodMs: 0,
  startIntervalMs: 100,
  onUnhealthy: "restart",
};
