import {
  diffSpecs,
  type Cause,
  type Configuration,
  type Diagnostic,
  type ReloadResult,
} from "@supervise/model";
import { loggedService } from "./logged-service.js";
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
  /** Grows by one with each applied configuration, from 1. */
  readonly generation: number;
  readonly files: readonly string[];
}

export interface ReloadingPort {
  readonly load: () => Promise<Loaded>;
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

  const reload = async (cause: Cause): Promise<ReloadResult> => {
    const loaded = await port.load();
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
    for (const spec of next.services)
      room.hub.configure(loggedService(spec, core.options.planContext));
    core.syslog.serve(next.syslogPath);
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

  return {
    reload: (cause) => {
      const mine = last.then(() => reload(cause));
      last = mine.catch(() => undefined);
      return mine;
    },
    get generation() {
      return generation;
    },
    get files() {
      return files;
    },
  };
}

function causeText(cause: Cause): string {
  switch (cause.kind) {
    case "operator":
      return cause.by;
    case "signal":
      return cause.by === undefined ? cause.signal : `${cause.signal} from ${cause.by}`;
    default:
      return cause.kind;
  }
}
