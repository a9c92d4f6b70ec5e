import {
  explain,
  NotAttachableError,
  type ActionMessage,
  type ActionRequest,
  type Attachment,
  type AttachQuery,
  type Caller,
  type Cause,
  type EventEntry,
  type EventQuery,
  type ExecContext,
  type LogLine,
  type LogQuery,
  type ProcessRow,
  type ProjectStatus,
  type ReloadResult,
  type ScaleResult,
  type ServiceSpec,
  type ServiceStatus,
  type TerminalSize,
} from "@supervise/model";
import { matchNames, UnknownServiceError } from "@supervise/model";
import { actAndWatch } from "./acting.js";
import { metricsText } from "./metrics.js";
import { serviceUsages } from "./service-usage.js";
import { processRows } from "./process-rows.js";
import { sinkNotes } from "./sink-notes.js";
import { createReloading, type ReloadingPort } from "./reloading.js";
import { rotateAll, rotateLogs } from "./rotate-logs.js";
import { reloadService, signalServices } from "./signal-services.js";
import { explainContext, statusOf } from "./status.js";
import { survivorNotes } from "./survivor-notes.js";
import type { Core } from "./supervisor.js";
import type { Attaching } from "./terminals/attaching.js";
import { terminalNote } from "./terminals/terminal-note.js";

export interface TargetPort {
  readonly core: Core;
  readonly version: string;
  readonly startedAtMs: number;
  /** Reads the configuration anew; null: it has mistakes, which the diagnostics name. */
  readonly load: ReloadingPort["load"];
  readonly files: readonly string[];
  /** Number of the configuration that is in force at first. */
  readonly generation: number;
  /** See `ReloadingPort`. */
  readonly applied: ReloadingPort["applied"];
  /** Ends this supervisor, for its keeper to start the program as it is installed now. Called once the answer is on its way. */
  readonly upgrade: () => void;
}

/** What the control socket, and whoever else stands outside, may ask of a running supervisor. */
export interface Target {
  project(): ProjectStatus;
  services(names: readonly string[]): readonly ServiceStatus[];
  why(name: string): readonly string[];
  processes(names: readonly string[]): readonly ProcessRow[];
  act(request: ActionRequest, caller: Caller, signal: AbortSignal): AsyncIterable<ActionMessage>;
  reloadConfiguration(caller: Caller): Promise<ReloadResult>;
  previewConfiguration(texts: Readonly<Record<string, string>>): Promise<ReloadResult>;
  scale(counts: Readonly<Record<string, number>>, caller: Caller): Promise<ScaleResult>;
  shutDown(caller: Caller, now: boolean, signal: AbortSignal): AsyncIterable<ActionMessage>;
  events(query: EventQuery, signal: AbortSignal): AsyncIterable<EventEntry>;
  logs(query: LogQuery, signal: AbortSignal): AsyncIterable<LogLine>;
  execContext(name: string): ExecContext;
  /** Throws UnknownServiceError, NotAttachableError. It ends with `signal`. */
  attach(query: AttachQuery, signal: AbortSignal): Promise<Attachment>;
  /** False: nobody of that number is attached to the service. */
  resizeTerminal(name: string, attachment: number, size: TerminalSize): boolean;
  /** To be replaced by the program as it is installed now; the services go on. Null: accepted; else why not. */
  /** Changes all log files for new ones, because of a signal. Settles when that is done. */
  rotate(cause: Cause): Promise<void>;
  upgrade(caller: Caller): string | null;
  metrics(usage: boolean): string;
  /** Has a service read its configuration again. Null: done; else why not. */
  reloadService(name: string): Promise<string | null>;
  /** The same as `reloadConfiguration`, asked for by SIGHUP. */
  reload(cause: Cause): Promise<ReloadResult>;
}

export function createTarget(port: TargetPort): Target {
  const { core } = port;
  const { engine, room } = core;
  const reloading = createReloading(core, port);
  const specs = (): readonly ServiceSpec[] =>
    [...engine.snapshots()].flatMap(({ name }) => engine.spec(name) ?? []);
  const match = (names: readonly string[]): readonly string[] => matchNames(names, specs());
  const context = (): ReturnType<typeof explainContext> =>
    explainContext(engine, room.monotonicMs());
  const causeOf = (caller: Caller): Cause => ({
    kind: "operator",
    by: `pid ${caller.pid}, uid ${caller.uid}`,
  });
  const reasonOf = (name: string): string => statuses([name])[0]?.reason ?? "it is gone";

  const statuses = (names: readonly string[]): readonly ServiceStatus[] => {
    const clocks = { monotonicMs: room.monotonicMs(), realtimeMs: room.realtimeMs() };
    return names.flatMap((name) => {
      const snapshot = engine.snapshot(name);
      const spec = engine.spec(name);
      if (snapshot === undefined || spec === undefined) return [];
      const status = statusOf(
        snapshot,
        spec,
        room.live.get(name),
        context(),
        clocks,
        core.lastStartedAtMs(name),
        core.readiness.detail(name),
      );
      return [hideIn(status, core.secrets.hide)];
    });
  };
  const acting = {
    request: (
      action: "start" | "stop" | "restart",
      names: readonly string[],
      cause: Cause,
    ): void => {
      const types = {
        start: "startService",
        stop: "stopService",
        restart: "restartService",
      } as const;
      core.postAll(names.map((name) => ({ type: types[action], name, cause })));
    },
    snapshot: (name: string) => engine.snapshot(name),
    reason: reasonOf,
    onChange: core.onChange,
  };

  async function* act(
    request: ActionRequest,
    caller: Caller,
    signal: AbortSignal,
  ): AsyncGenerator<ActionMessage> {
    const names = match(request.names);
    const cause = causeOf(caller);
    switch (request.action) {
      case "start":
      case "stop":
      case "restart":
        if (engine.shuttingDown && request.action !== "stop") {
          yield* refuse(names, "the supervisor is shutting down");
          return;
        }
        if (request.wait)
          yield* actAndWatch(acting, { ...request, action: request.action }, names, cause, signal);
        else acting.request(request.action, names, cause);
        return;
      case "signal":
      case "reload":
        yield* signalServices(core, request, names);
        return;
      case "rotate":
        yield* rotateLogs(core, names);
    }
  }

  async function* shutDown(
    caller: Caller,
    now: boolean,
    signal: AbortSignal,
  ): AsyncGenerator<ActionMessage> {
    const names = match([]);
    const request = { action: "stop", names: [], wait: true } as const;
    const cause: Cause = { kind: "shutdown", by: `pid ${caller.pid}, uid ${caller.uid}` };
    const shutting = {
      ...acting,
      request: () => room.post({ type: now ? "shutDownNow" : "shutDown", cause }),
    };
    yield* actAndWatch(shutting, request, names, cause, signal);
  }

  let attaching: Attaching | null = null;

  const keeperPid = (): number | null => {
    const { keeper } = core.options;
    return keeper?.connected === true ? keeper.hello.initPid : null;
  };

  return {
    act,
    shutDown,
    rotate: (cause) => rotateAll(core, cause),
    upgrade: (caller) => {
      if (keeperPid() === null) return "nothing above it would start it anew";
      if (engine.shuttingDown) return "it is shutting down";
      const by = `pid ${caller.pid}, uid ${caller.uid}`;
      room.events.add({
        service: null,
        kind: "configuration",
        message: `The supervisor ends for an upgrade, asked for by ${by}`,
      });
      port.upgrade();
      return null;
    },
    project: () => ({
      name: engine.configuration.name,
      pid: process.pid,
      version: port.version,
      startedAt: new Date(port.startedAtMs).toISOString(),
      generation: reloading.generation,
      runtimeDirectory: room.runtimeDirectory,
      configurationFiles: reloading.files,
      shuttingDown: engine.shuttingDown,
      keeperPid: keeperPid(),
      ...maskOf(specs()),
      ...(engine.configuration.scales === undefined ? {} : { scales: engine.configuration.scales }),
    }),
    services: (names) => statuses(match(names)),
    why: (name) => {
      const snapshot = engine.snapshot(name);
      if (snapshot === undefined)
        throw new UnknownServiceError(
          name,
          specs().map((spec) => spec.name),
        );
      const detail = core.readiness.detail(name);
      const failure = core.healthFailure(name);
      const adoption = core.adoption(name);
      const pidfile = core.pidfileNote(name);
      return [
        ...explain(snapshot, context()),
        ...(pidfile === null ? [] : [pidfile]),
        ...survivorNotes(core.options.proc, snapshot),
        ...(adoption === null ? [] : [adoption]),
        ...terminalNote(core, name, keeperPid() !== null),
        ...(detail === null || snapshot.ready ? [] : [`it still lacks this: ${detail}`]),
        ...(failure === null ? [] : [`its last healthcheck failed: ${failure}`]),
        ...sinkNotes(engine.spec(name)),
      ].map(core.secrets.hide);
    },
    processes: (names) => processRows(core, match(names)),
    reloadConfiguration: (caller) => reloading.reload(causeOf(caller)),
    previewConfiguration: (texts) => reloading.preview(texts),
    scale: async (counts, caller) => {
      if (!engine.shuttingDown) return reloading.scale(counts, causeOf(caller));
      const { generation } = reloading;
      const refused = "the supervisor is shutting down";
      return { applied: false, generation, changes: [], diagnostics: [], refused };
    },
    reload: (cause) => reloading.reload(cause),
    reloadService: (name) => reloadService(core, name),
    events: (query, signal) => room.events.read(query, signal),
    logs: (query, signal) => {
      const names = query.names.length === 0 ? null : match(query.names);
      return query.follow
        ? room.hub.follow(names, { lines: query.lines, signal })
        : fromArray(room.hub.tail(names, query.lines));
    },
    execContext: (name) => {
      const spec = engine.spec(match([name])[0] ?? name);
      if (spec === undefined)
        throw new UnknownServiceError(
          name,
          specs().map((one) => one.name),
        );
      const { command: _, ...setting } = spec.process;
      return setting;
    },
    attach: async (query, signal) => {
      const [name = query.name, ...others] = match([query.name]);
      if (others.length > 0)
        throw new NotAttachableError(
          query.name,
          `it stands for ${1 + others.length} services`,
          `name one of them, such as ${name}`,
          "ambiguous",
        );
      if (attaching === null) {
        const { createAttaching } = await import("./terminals/attaching.js");
        attaching ??= createAttaching(core);
      }
      return attaching.attach({ ...query, name }, signal);
    },
    resizeTerminal: (name, attachment, size) =>
      attaching?.resize(match([name])[0] ?? name, attachment, size) ?? false,
    metrics: (usage) =>
      metricsText({
        services: statuses(match([])),
        usages: usage ? serviceUsages(core, match([])) : null,
        orphansReaped: core.reaper.orphansReaped,
        syslog: core.syslog.counts,
        generation: reloading.generation,
        startedAtMs: port.startedAtMs,
      }),
  };
}

/** What programs and their failures have said, without secrets. */
function hideIn(status: ServiceStatus, hide: (text: string) => string): ServiceStatus {
  const { reason, lastExit } = status;
  const exit = lastExit === null ? null : { ...lastExit, text: hide(lastExit.text) };
  return { ...status, reason: hide(reason), lastExit: exit };
}

/** All services have the same. */
function maskOf([first]: readonly ServiceSpec[]): Pick<ProjectStatus, "mask"> {
  return first?.logging.mask === undefined ? {} : { mask: first.logging.mask };
}

function* refuse(names: readonly string[], message: string): Generator<ActionMessage> {
  for (const name of names)
    yield { type: "outcome", outcome: { name, ok: false, message, unchanged: true } };
  yield { type: "end", ok: false };
}

async function* fromArray<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}
