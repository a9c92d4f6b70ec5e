import { NotAttachableError } from "@supervise/model";
import type { ActionMessage, ActionRequest, LogLine, ServiceStatus } from "@supervise/model";
import type { ControlTarget } from "@supervise/control";
import { plainProcess } from "@supervise/testkit";

/** The error that a target throws for a name that it does not know. */
export class UnknownService extends Error {
  readonly code = "unknown-service";
  readonly hint = "the services are web, db";
}

export interface FakeTarget extends ControlTarget {
  /** What was asked, in order: "act start web", ... */
  readonly asked: string[];
}

export function serviceStatus(name: string, more: Partial<ServiceStatus> = {}): ServiceStatus {
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
    reason: "it runs",
    pid: 12,
    run: 1,
    restarts: 0,
    since: "2026-01-02T03:04:05.000Z",
    startedAt: "2026-01-02T03:04:05.000Z",
    lastExit: null,
    statusText: null,
    dependsOn: [],
    ...more,
  };
}

export function logLine(seq: number, text: string): LogLine {
  const time = "2026-01-02T03:04:05.000Z";
  return { service: "web", run: 1, stream: "stdout", seq, time, text, partial: false };
}

/** Two services, "web" and "db", that are up; `more` replaces methods. */
export function fakeTarget(more: Partial<ControlTarget> = {}): FakeTarget {
  const asked: string[] = [];
  const all = ["web", "db"];
  const match = (names: readonly string[]): readonly string[] => {
    for (const name of names) {
      if (!all.includes(name)) throw new UnknownService(`cannot find service "${name}"`);
    }
    return names.length === 0 ? all : names;
  };
  async function* act(request: ActionRequest): AsyncGenerator<ActionMessage> {
    const names = match(request.names);
    asked.push([request.action, ...names, request.signal ?? "", request.wait].join(" "));
    if (!request.wait) return;
    for (const name of names) {
      yield { type: "outcome", outcome: { name, ok: true, message: "done", unchanged: false } };
    }
    yield { type: "end", ok: true };
  }
  return {
    asked,
    project: () => ({
      name: "shop",
      pid: 7,
      version: "0.1.0",
      startedAt: "2026-01-02T03:04:05.000Z",
      generation: 1,
      runtimeDirectory: "/run/supervise/shop",
      configurationFiles: ["/srv/supervise.yaml"],
      shuttingDown: false,
      keeperPid: null,
    }),
    services: (names) => match(names).map((name) => serviceStatus(name)),
    why: (name) => match([name]).map((one) => `service "${one}" is up`),
    processes: (names) =>
      match(names).map((service) => ({
        service,
        uid: 0,
        pid: 12,
        ppid: 7,
        pgid: 12,
        sid: 12,
        tty: "?",
        stat: "Ss",
        command: "sleep 60",
        main: true,
      })),
    act,
    reloadConfiguration: (caller) => {
      asked.push(`reload by ${caller.uid}`);
      return Promise.resolve({ applied: true, generation: 2, changes: [], diagnostics: [] });
    },
    previewConfiguration: (texts) => {
      asked.push(`preview of ${Object.keys(texts).join(" ")}`);
      return Promise.resolve({ applied: false, generation: 1, changes: [], diagnostics: [] });
    },
    scale: (counts, caller) => {
      asked.push(`scale ${JSON.stringify(counts)} by ${caller.uid}`);
      const refused = Object.hasOwn(counts, "nobody") ? 'no service is called "nobody"' : null;
      const applied = refused === null;
      return Promise.resolve({ applied, generation: 2, changes: [], diagnostics: [], refused });
    },
    async *shutDown(caller, now) {
      asked.push(`shutdown ${now} by ${caller.uid}`);
      yield { type: "end", ok: true };
    },
    async *events(query) {
      asked.push(`events ${query.after} ${query.follow}`);
      for (const seq of [1, 2, 3].filter((one) => one > query.after)) {
        yield {
          seq,
          time: "2026-01-02T03:04:05.000Z",
          service: "web",
          kind: "state",
          message: "up",
          state: "up",
          pid: 12,
          run: 1,
        };
      }
    },
    async *logs(query) {
      asked.push(`logs ${match(query.names).join(" ")} ${query.lines} ${query.follow}`);
      yield { ...logLine(4, "listening"), skipped: 3 };
    },
    execContext: (name) => {
      match([name]);
      return {
        ...plainProcess,
        environment: { PORT: "80" },
        inheritEnvironment: false,
        workingDirectory: "/srv",
        umask: 18,
      };
    },
    attach: () => Promise.reject(new NotAttachableError("db", "it is not running", null)),
    resizeTerminal: () => false,
    upgrade: () => (asked.push("upgrade"), null),
    metrics: () => "supervise_up 1\n",
    ...more,
  };
}
