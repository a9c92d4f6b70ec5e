import {
  diffSpecs,
  type Cause,
  type Configuration,
  type Diagnostic,
  type ReloadResult,
  type ScaleResult,
  type Scales,
} from "@supervise/model";
import { loggedService } from "./logged-service.js";
import { planScale } from "./scaling.js";
import type { Core } from "./supervisor.js";

export interface Loaded {
  /** Null: it has mistakes. */
  readonly configuration: Configuration | null;
  readonly files: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface Reloading {
  /** Compares the configuration on disk with the running one and touches only what changed; a bad one changes nothing. One at a time. */
  reload(cause: Cause): Promise<ReloadResult>;
  /** What a reload would do; `texts` stand in place of the files of these paths. Nothing is changed. */
  preview(texts: Readonly<Record<string, string>>): Promise<ReloadResult>;
  /** So many replicas of each of these services, by their configured names, until the file gives them another number than it does now. */
  scale(counts: Readonly<Record<string, number>>, cause: Cause): Promise<ScaleResult>;
  /** Grows by one with each applied configuration, from 1. */
  readonly generation: number;
  readonly files: readonly string[];
}

/** How the configuration is to be read. */
export interface LoadAsked {
  /** Numbers of replicas that an operator asked for. */
  readonly scales: Scales;
  /** Texts in place of those of the files, by absolute path; null: none. */
  readonly texts: Readonly<Record<string, string>> | null;
}

export interface ReloadingPort {
  readonly load: (asked: LoadAsked) => Promise<Loaded>;
  readonly files: readonly string[];
  /** Number of the configuration that is in force at first. */
  readonly generation: number;
  /** Told before the engine takes it, with the services that are restarted for it, and after that with none. */
  readonly applied: (
    configuration: Configuration,
    generation: number,
    restart: readonly string[],
  ) => void;
}

export function createReloading(core: Core, port: ReloadingPort): Reloading {
  const { engine, room } = core;
  let { generation, files } = port;
  let last: Promise<unknown> = Promise.resolve();

  const asked = (texts: LoadAsked["texts"]): LoadAsked => ({
    scales: engine.configuration.scales ?? {},
    texts,
  });
  const reload = async (cause: Cause): Promise<ReloadResult> => {
    let loaded: Loaded;
    try {
      loaded = await port.load(asked(null));
    } catch (error) {
      // No mistake in it: there are no descriptors left, say. A signal has nobody else to tell it to.
      room.warn(null, `Cannot read the configuration: ${String(error)}`);
      throw error;
    }
    return apply(loaded, cause);
  };
  const preview = async (texts: Readonly<Record<string, string>>): Promise<ReloadResult> => {
    const { configuration, diagnostics } = await port.load(asked(texts));
    const changes = configuration === null ? [] : diffSpecs(engine.configuration, configuration);
    return { applied: false, generation, changes, diagnostics };
  };
  const scale = async (
    counts: Readonly<Record<string, number>>,
    cause: Cause,
  ): Promise<ScaleResult> => {
    const { configuration } = engine;
    const plan = await planScale({ load: port.load, configuration, generation }, counts);
    return "result" in plan ? plan.result : { ...apply(plan.loaded, cause), refused: null };
  };
  const apply = (loaded: Loaded, cause: Cause): ReloadResult => {
    const next = loaded.configuration;
    if (next === null) {
      for (const { file, line, column, message } of loaded.diagnostics)
        room.warn(
          null,
          // A mistake of the file as a whole, a missing one say, has line 0.
          `Cannot read "${file}"${line === 0 ? "" : `, line ${line}, column ${column}`}: ${message}`,
        );
      room.warn(null, "Configuration not applied: nothing was changed");
      return { applied: false, generation, changes: [], diagnostics: loaded.diagnostics };
    }
    const changes = diffSpecs(engine.configuration, next);
    if (engine.shuttingDown)
      return { applied: false, generation, changes: [], diagnostics: loaded.diagnostics };
    generation += 1;
    files = loaded.files;
    core.secrets.use(next.services);
    for (const spec of next.services)
      room.hub.configure(loggedService(spec, core.options.planContext));
    core.keepInputs(next.services);
    core.syslog.serve(next);
    core.configureSockets(next.services);
    const restart = changes.filter(({ kind }) => kind === "restart").map(({ name }) => name);
    port.applied(next, generation, restart);
    room.post({ type: "applyConfiguration", configuration: next, restart, generation });
    if (restart.length > 0) port.applied(next, generation, []);
    for (const { name, kind, fields } of changes)
      if (kind === "reload" && fields.some((field) => field.startsWith("healthcheck")))
        core.restartHealth(name);
    const touched = changes.filter(({ kind }) => kind !== "same");
    const message =
      touched.length === 0
        ? "nothing changed"
        : touched.map(({ name, kind }) => `${name}: ${kind}`).join(", ");
    room.events.add({
      service: null,
      kind: "configuration",
      message: `Generation ${generation} applied, asked for by ${causeText(cause)}: ${message}`,
    });
    room.hub.say(`Configuration applied (generation ${generation}): ${message}`, "info");
    return { applied: true, generation, changes, diagnostics: loaded.diagnostics };
  };

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine;
  };
  return {
    reload: (cause) => inTurn(() => reload(cause)),
    preview: (texts) => inTurn(() => preview(texts)),
    scale: (counts, cause) => inTurn(() => scale(counts, cause)),
    get generation() {
      return generation;
    },
    get files() {
      return files;
    },
  };
}

/** Who asked, in a few words. */
export function causeText(cause: Cause): string {
  switch (cause.kind) {
    case "operator":
      return cause.by;
    case "signal":
      return cause.by === undefined ? cause.signal : `${cause.signal} from ${cause.by}`;
    default:
      return cause.kind;
  }
}
