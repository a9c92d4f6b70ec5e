import { resolve } from "node:path";
import type {
  CommandSpec,
  HealthSpec,
  ReadyCheck,
  ReadySpec,
  ServiceSpec,
  SocketSpec,
} from "@supervise/model";
import type { DiagnosticList } from "./diagnostics.js";
import type { Draft } from "./draft.js";
import { pathText } from "./explain.js";
import type { CommandText, ReadyFields } from "./fields.js";
import { loggingSpec } from "./logging-spec.js";
import { entry, keyPosition, valueAt } from "./tree.js";
import { splitWords } from "./words.js";

/** All of a spec that is the same for every replica of a service. */
export type ServiceBase = Omit<ServiceSpec, "name" | "replica" | "dependencies">;

/** Turns checked fields into a spec: commands become words, paths absolute. What does not fit together is reported. */
export class SpecBuilder {
  readonly #draft: Draft;
  readonly #directory: string;
  readonly #diagnostics: DiagnosticList;
  readonly #readsLogs: boolean;

  /** `readsLogs`: the lines of others go to this service. */
  constructor(draft: Draft, directory: string, diagnostics: DiagnosticList, readsLogs: boolean) {
    this.#draft = draft;
    this.#directory = directory;
    this.#diagnostics = diagnostics;
    this.#readsLogs = readsLogs;
  }

  /** The environment is already resolved. A command that is missing or wrong was reported and is an empty list here. */
  build(environment: Readonly<Record<string, string>>): ServiceBase {
    const { name, fields, tree } = this.#draft;
    if (this.#readsLogs)
      for (const key of ["tty", "stdin_open"] as const)
        if (fields[key] === true)
          this.#diagnostics.error(
            keyPosition(tree, [], key),
            `${key} has no meaning here: "${name}" reads the lines of other services as its standard input`,
          );
    const delay = fields.restart_delay;
    return {
      service: name,
      type: fields.type,
      process: {
        command: this.#mainCommand(),
        workingDirectory: resolve(this.#directory, fields.working_dir ?? ""),
        environment,
        inheritEnvironment: fields.inherit_environment,
        user: fields.user ?? null,
        groupAdd: fields.group_add,
        umask: fields.umask ?? null,
        nice: fields.nice ?? null,
        oomScoreAdj: fields.oom_score_adj ?? null,
        limits: Object.entries(fields.ulimits).map(([resource, limit]) => ({ resource, ...limit })),
        capAdd: fields.cap_add,
        capDrop: fields.cap_drop,
        noNewPrivileges: fields.no_new_privileges,
        rootDirectory: this.#path(fields.root),
        tty: fields.tty,
        stdinOpen: fields.stdin_open ?? fields.tty,
      },
      restart: fields.restart,
      restartDelay: {
        initialMs: delay.initial,
        factor: delay.factor,
        maxMs: delay.max,
        jitter: delay.jitter,
        resetAfterMs: delay.reset_after,
      },
      restartLimit:
        fields.restart_limit === undefined
          ? null
          : { count: fields.restart_limit.count, windowMs: fields.restart_limit.window },
      ready: this.#ready(fields.ready),
      health: this.#health(),
      stop: {
        signal: fields.stop_signal,
        gracePeriodMs: fields.stop_grace_period,
        command: this.#optionalCommand("stop_command", fields.stop_command),
      },
      watchdogMs: fields.watchdog ?? null,
      reload: this.#reload(),
      pidfile: this.#path(fields.pidfile),
      sockets: this.#sockets(),
      logging: loggingSpec(this.#draft, this.#directory, this.#diagnostics),
      readsLogs: this.#readsLogs,
      watch: fields.develop.watch.map((one) => ({
        ...one,
        path: resolve(this.#directory, one.path),
      })),
    };
  }

  #path(path: string | undefined): string | null {
    return path === undefined ? null : resolve(this.#directory, path);
  }

  #sockets(): readonly SocketSpec[] {
    const { fields, tree } = this.#draft;
    return Object.entries(fields.sockets).flatMap(([name, { tcp, unix, mode, backlog }]) => {
      if (tcp !== undefined && unix === undefined)
        return { name, address: { kind: "tcp", ...tcp }, backlog };
      if (unix !== undefined && tcp === undefined)
        return {
          name,
          address: { kind: "unix", path: resolve(this.#directory, unix), mode },
          backlog,
        };
      const found = tcp === undefined ? "none" : "both";
      this.#diagnostics.error(
        valueAt(tree, ["sockets", name]).at,
        `sockets.${name} must have exactly one of tcp and unix, found ${found}`,
      );
      return [];
    });
  }

  #mainCommand(): CommandSpec {
    const { name, keyAt, fields, broken, tree } = this.#draft;
    if (fields.command === undefined) {
      if (!broken.has("command"))
        this.#diagnostics.error(keyAt, `service "${name}" has no command`);
      return { words: [] };
    }
    if (fields.shell && typeof fields.command !== "string") {
      this.#diagnostics.error(
        keyPosition(tree, [], "shell"),
        "shell: true needs command as one string, found a list",
      );
    }
    return this.#command(["command"], fields.command);
  }

  #optionalCommand(key: string, command: CommandText | undefined): CommandSpec | null {
    return command === undefined ? null : this.#command([key], command);
  }

  #command(path: readonly string[], command: CommandText): CommandSpec {
    const { tree, fields } = this.#draft;
    const value = valueAt(tree, path);
    const name = pathText(path[0] ?? "", path.slice(1));
    if (typeof command !== "string") {
      if (command[0] === "")
        this.#diagnostics.error(
          value.at,
          `${name} must begin with the name of a program, found ""`,
        );
      return { words: command };
    }
    if (fields.shell) return { words: ["/bin/sh", "-c", command] };
    const placeOf = (offset: number) =>
      value.kind === "scalar" ? value.positionOf(offset) : value.at;
    const split = splitWords(command);
    if (!split.ok) {
      this.#diagnostics.error(
        placeOf(split.offset),
        `${name} cannot be split into words: ${split.message}`,
        "shell: true gives the command to a shell",
      );
      return { words: [] };
    }
    if (split.operator !== null) {
      const { text, offset } = split.operator;
      this.#diagnostics.warning(
        placeOf(offset),
        `${name} passes "${text}" to the program as a word, because no shell reads it`,
        "shell: true gives the command to a shell; quotes silence this",
      );
    }
    if ((split.words[0] ?? "") === "")
      this.#diagnostics.error(value.at, `${name} must begin with the name of a program`);
    return { words: split.words };
  }

  #ready(ready: ReadyFields | undefined): ReadySpec | null {
    if (ready === undefined) return null;
    const { tree } = this.#draft;
    const value = valueAt(tree, ["ready"]);
    const written = value.kind === "map" ? [...value.entries.keys()] : [];
    const kinds = written.filter((key) => key !== "timeout" && key !== "interval");
    const [kind, second] = kinds;
    if (kind === undefined || second !== undefined) {
      const at = second === undefined ? value.at : keyPosition(value, [], second);
      const what = kind === undefined ? "found none" : `found ${kinds.join(" and ")}`;
      this.#diagnostics.error(
        at,
        `ready must have exactly one of notify, fd, log, tcp, http, unix, file and command, ${what}`,
      );
      return null;
    }
    if (
      (kind === "notify" || kind === "fd" || kind === "log") &&
      entry(value, "interval") !== undefined
    ) {
      this.#diagnostics.error(
        keyPosition(tree, ["ready"], "interval"),
        `ready.interval has no meaning with ${kind}, which is not a probe`,
      );
    }
    const check = this.#check(ready);
    return check === null ? null : { check, timeoutMs: ready.timeout };
  }

  #check(ready: ReadyFields): ReadyCheck | null {
    const intervalMs = ready.interval;
    if (ready.notify !== undefined) return { kind: "notify" };
    if (ready.fd !== undefined) return { kind: "fd", fd: ready.fd };
    if (ready.log !== undefined) return { kind: "log", pattern: ready.log };
    if (ready.tcp !== undefined) return { kind: "tcp", ...ready.tcp, intervalMs };
    if (ready.http !== undefined) return { kind: "http", url: ready.http, intervalMs };
    if (ready.unix !== undefined)
      return { kind: "unix", path: resolve(this.#directory, ready.unix), intervalMs };
    if (ready.file !== undefined)
      return { kind: "file", path: resolve(this.#directory, ready.file), intervalMs };
    if (ready.command !== undefined)
      return {
        kind: "command",
        command: this.#command(["ready", "command"], ready.command),
        intervalMs,
      };
    return null;
  }

  #health(): HealthSpec | null {
    const health = this.#draft.fields.healthcheck;
    if (health === undefined || health.disable) return null;
    const test = this.#healthTest(health.test);
    if (test === null) return null;
    return {
      test,
      intervalMs: health.interval,
      timeoutMs: health.timeout,
      retries: health.retries,
      startPeriodMs: health.start_period,
      startIntervalMs: health.start_interval,
      onUnhealthy: health.on_unhealthy,
    };
  }

  #healthTest(test: string | readonly string[] | undefined): CommandSpec | null {
    if (test === undefined) {
      const at = valueAt(this.#draft.tree, ["healthcheck"]).at;
      this.#diagnostics.error(at, "healthcheck needs test", "disable: true switches it off");
      return null;
    }
    if (typeof test === "string") return { words: ["/bin/sh", "-c", test] };
    const [kind, ...words] = test;
    if (kind === "NONE") return null;
    return { words: kind === "CMD-SHELL" ? ["/bin/sh", "-c", ...words] : words };
  }

  #reload(): ServiceSpec["reload"] {
    const { fields, tree } = this.#draft;
    if (fields.reload_command !== undefined) {
      if (fields.reload_signal !== undefined) {
        this.#diagnostics.error(
          keyPosition(tree, [], "reload_command"),
          "reload_signal and reload_command exclude each other",
        );
      }
      return { kind: "command", command: this.#command(["reload_command"], fields.reload_command) };
    }
    return fields.reload_signal === undefined
      ? null
      : { kind: "signal", signal: fields.reload_signal };
  }
}
