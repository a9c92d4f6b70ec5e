import { z } from "zod";
import type {
  DependencyFields,
  EnvFileFields,
  HealthFields,
  LoggingFields,
  ReadyFields,
  RestartDelayFields,
  ServiceFields,
} from "./fields.js";
import { decimal, flag, leaf, refuse, text, whole, word } from "./schema-leaf.js";
import {
  byteSize,
  capability,
  command,
  descriptor,
  duration,
  healthTest,
  httpUrl,
  limit,
  path,
  port,
  regularExpression,
  restartPolicy,
  shapeError,
  signal,
  umask,
  user,
} from "./schema-values.js";
import { limitNames } from "./capability-names.js";
import { suggestion } from "./suggest.js";

/**
 * The one source for validation, for the JSON schema and for the table of options: each key with its description, what is
 * allowed, and its default. The types in fields.ts are checked against it by the compiler.
 */
export const serviceShape: { readonly [K in keyof ServiceFields]: z.ZodType<ServiceFields[K]> } = {
  type: choice("service", ["service", "oneshot", "forking"]).describe(
    "service: runs until it is stopped. oneshot: does its work, ends, and is then done. forking: puts itself in the background and leaves a pidfile.",
  ),
  command: command()
    .optional()
    .describe(
      "What to run. A string is split into words as a POSIX shell splits words, and run without a shell. Required.",
    ),
  shell: flag()
    .prefault(false)
    .describe(
      "Give each command that is written as a string to /bin/sh -c instead of splitting it.",
    ),
  working_dir: path("a directory")
    .optional()
    .describe(
      "Working directory, relative to the directory of the first file. Default: that directory.",
    ),
  environment: environment()
    .prefault({})
    .describe(
      "Variables, as a map or as a list of NAME=value. A name without a value takes it from the environment.",
    ),
  env_file: envFile()
    .prefault([])
    .describe(
      "Files with variables; a later one wins over an earlier one, and environment over them all.",
    ),
  inherit_environment: flag()
    .prefault(true)
    .describe("Begin with the supervisor's own environment. false: only what is written here."),
  user: user()
    .optional()
    .describe("User (name or number), with an optional :group. Default: the supervisor's own."),
  group_add: list(
    text("a group name or number", (found) => (/^[^\s:]+$/.test(found) ? found : refuse())),
    "a list of groups",
  )
    .prefault([])
    .describe("Supplementary groups besides the user's own."),
  umask: umask()
    .optional()
    .describe("File mode creation mask, in octal digits. Default: the supervisor's own."),
  nice: whole("a whole number from -20 to 19", -20, 19)
    .optional()
    .describe("Nice value, from -20 (first) to 19 (last)."),
  oom_score_adj: whole("a whole number from -1000 to 1000", -1000, 1000)
    .optional()
    .describe(
      "Preference of the kernel's out-of-memory killer, from -1000 (never) to 1000 (first).",
    ),
  ulimits: record(limitName(), limit(), "a map from limits to numbers")
    .prefault({})
    .describe(
      "Resource limits (setrlimit(2)): a number, or a map with soft and hard; -1 is unlimited.",
    ),
  cap_add: list(capability(), "a list of capabilities")
    .prefault([])
    .describe("Capabilities to keep and raise, with or without CAP_, or ALL."),
  cap_drop: list(capability(), "a list of capabilities")
    .prefault([])
    .describe("Capabilities to take away, with or without CAP_, or ALL."),
  no_new_privileges: flag()
    .prefault(false)
    .describe("Forbid that exec gives more privileges (set-user-ID programs)."),
  root: path("a directory").optional().describe("Root directory of the process (chroot(2))."),
  depends_on: dependsOn()
    .prefault({})
    .describe(
      "Services that come first, as a list or as a map with condition, required and restart.",
    ),
  healthcheck: healthcheck()
    .optional()
    .describe("A probe that is repeated while the service is up."),
  ready: ready()
    .optional()
    .describe(
      "How the service shows that it can serve; what depends on it waits for that. Exactly one kind of check.",
    ),
  restart: restartPolicy()
    .prefault("no")
    .describe(
      "When to run it again after it ended: no, always, on-failure, on-failure:N (at most N times in a row) or unless-stopped.",
    ),
  restart_delay: restartDelay()
    .prefault({})
    .describe("Wait before the next run: one duration, or a map for a wait that grows."),
  restart_limit: restartLimit()
    .optional()
    .describe(
      "More than count restarts within window, and the service has failed. Default: no limit.",
    ),
  stop_signal: signal().prefault("SIGTERM").describe("First signal of a stop, by name or number."),
  stop_grace_period: duration()
    .prefault("10s")
    .describe("Wait between the stop signal and SIGKILL."),
  stop_command: command()
    .optional()
    .describe("Run instead of sending the stop signal; $MAINPID is the main process."),
  watchdog: duration(undefined, 1)
    .optional()
    .describe(
      "Without WATCHDOG=1 on the notify socket (sd_notify(3)) for this long the service counts as hung. Default: no watchdog.",
    ),
  reload_signal: signal()
    .optional()
    .describe("Signal that makes the service read its configuration again."),
  reload_command: command()
    .optional()
    .describe(
      "Command that makes the service read its configuration again; $MAINPID is the main process.",
    ),
  pidfile: path()
    .optional()
    .describe(
      "Path of the pidfile that a forking service writes. Required for type forking, and only there.",
    ),
  profiles: list(
    text("a profile name", (found) =>
      /^[a-zA-Z0-9][a-zA-Z0-9._-]*$/.test(found) ? found : refuse(),
    ),
    "a list of profiles",
  )
    .prefault([])
    .describe("The service exists only while one of these profiles is active."),
  scale: whole("a whole number from 0 to 10000", 0, 10_000)
    .prefault(1)
    .describe(
      "Number of equal copies; with more than one they are named NAME-1, NAME-2 and so on.",
    ),
  logging: logging()
    .prefault({ driver: "none" })
    .describe("Where output goes besides the terminal and the memory of the supervisor."),
};

/** Tokens of restart storms, shared by all services. */
export const restartBurst: z.ZodType<{
  readonly capacity: number;
  readonly refill_per_second: number;
}> = object(
  {
    capacity: whole("a whole number from 1 to 1000000", 1, 1_000_000)
      .prefault(50)
      .describe("Restarts that may come at once."),
    refill_per_second: decimal("a number over 0", 0.001, 1_000_000)
      .prefault(20)
      .describe("Restarts a second after that."),
  },
  "a map with capacity and refill_per_second",
).describe("Brake on restart storms, shared by all services.");

/** Name of a project. */
export const projectName: z.ZodType<string> = text(
  "lower case letters, digits, - and _, beginning with a letter or digit",
  (found) => (/^[a-z0-9][a-z0-9_-]*$/.test(found) ? found : refuse()),
).describe("Project name. Default: the name of the directory.");

function choice<const T extends string>(fallback: T, words: readonly T[]): z.ZodType<T> {
  const allowed =
    words.length === 1 ? (words[0] ?? "") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
  return word(allowed, words, (found) => suggestion(found, words)).prefault(fallback);
}

function object<T extends z.ZodRawShape>(shape: T, allowed: string): z.ZodObject<T> {
  return z.strictObject(shape, shapeError(Object.keys(shape), allowed));
}

function list<T>(item: z.ZodType<T>, allowed: string): z.ZodType<readonly T[]> {
  return z.array(item, { error: allowed });
}

function record<T>(
  key: z.ZodType<string>,
  value: z.ZodType<T>,
  allowed: string,
): z.ZodType<Readonly<Record<string, T>>> {
  return z.record(key as z.ZodType<string, string>, value, { error: allowed });
}

function environment(): z.ZodType<Readonly<Record<string, string | null>>> {
  const value = leaf<string | null>(
    "a string, a number or nothing",
    ["string", "number", "boolean"],
    { type: ["string", "number", "boolean", "null"] },
    (found) =>
      String(found).includes("\0")
        ? refuse("a NUL character cannot stand in the environment")
        : String(found),
  );
  const map = z.record(
    variableName() as z.ZodType<string, string>,
    z.union([z.null(), value], { error: "a string, a number or nothing" }),
    { error: "a map or a list of NAME=value" },
  );
  const pair = text(
    "NAME=value or NAME",
    (found) => (/^[^=\0]+(=[^\0]*)?$/s.test(found) ? found : refuse()),
    { type: "string" },
  );
  const pairs = z
    .array(pair, { error: "a list of NAME=value" })
    .transform((items) => Object.fromEntries(items.map(splitPair)));
  return z.union([map, pairs], { error: "a map of names to values, or a list of NAME=value" });
}

function splitPair(pair: string): [string, string | null] {
  const equals = pair.indexOf("=");
  return equals === -1 ? [pair, null] : [pair.slice(0, equals), pair.slice(equals + 1)];
}

function variableName(): z.ZodType<string> {
  return z.string().regex(/^[^=\0]+$/, { error: "a name without =" });
}

function limitName(): z.ZodType<string> {
  return z
    .string()
    .refine((found) => limitNames.includes(found), { error: `one of ${limitNames.join(", ")}` });
}

function envFile(): z.ZodType<readonly EnvFileFields[]> {
  const one = path("a path or a map with path and required").transform((found): EnvFileFields => ({
    path: found,
    required: true,
  }));
  const long = object(
    {
      path: path(),
      required: flag().prefault(true).describe("false: a missing file is no error."),
    },
    "a map with path and required",
  );
  const item = z.union([one, long], { error: "a path, or a map with path and required" });
  return z.union([one.transform((found) => [found]), z.array(item, { error: "a list of paths" })], {
    error: "a path or a list of paths",
  });
}

function dependsOn(): z.ZodType<Readonly<Record<string, DependencyFields>>> {
  const conditions = [
    "service_started",
    "service_healthy",
    "service_completed_successfully",
  ] as const;
  const dependency = object(
    {
      condition: choice("service_started", conditions).describe(
        "What has to be reached: started (and ready, where it says so), healthy, or ended with success.",
      ),
      required: flag()
        .prefault(true)
        .describe("false: go on without it where it is absent or has failed."),
      restart: flag()
        .prefault(false)
        .describe(
          "true: stop and restart this service when the other is stopped or restarted on command.",
        ),
    },
    "a map with condition, required and restart",
  );
  const names = z.array(text("the name of a service", undefined, { type: "string" }), {
    error: "a list of services",
  });
  const short = names.transform((items) =>
    Object.fromEntries(
      items.map((name) => [
        name,
        { condition: "service_started" as const, required: true, restart: false },
      ]),
    ),
  );
  return z.union([short, z.record(z.string(), dependency, { error: "a map of services" })], {
    error: "a list of services, or a map from services to conditions",
  });
}

function healthcheck(): z.ZodType<HealthFields> {
  return object(
    {
      test: healthTest()
        .optional()
        .describe("A string for the shell, [CMD, word...], [CMD-SHELL, string] or [NONE]."),
      interval: duration(undefined, 1).prefault("30s").describe("Time between two probes."),
      timeout: duration(undefined, 1)
        .prefault("30s")
        .describe("A probe that takes longer has failed."),
      retries: whole("a whole number, 1 or more", 1, 1_000_000)
        .prefault(3)
        .describe("So many failures in a row make the service unhealthy."),
      start_period: duration()
        .prefault("0s")
        .describe("Failures this soon after the start do not count."),
      start_interval: duration(undefined, 1)
        .prefault("5s")
        .describe("Time between two probes during the start period."),
      disable: flag().prefault(false).describe("true: no probe at all."),
      on_unhealthy: choice("restart", ["restart", "none"]).describe(
        "What an unhealthy service triggers.",
      ),
    },
    "a map with test",
  );
}

function ready(): z.ZodType<ReadyFields> {
  const yes = leaf<true>("true", ["string", "boolean"], { const: true }, (value) =>
    String(value) === "true" ? true : refuse(),
  );
  return object(
    {
      notify: yes.optional().describe("READY=1 on the notify socket (sd_notify(3))."),
      fd: descriptor().optional().describe("A newline written to this descriptor."),
      log: regularExpression()
        .optional()
        .describe("A line of output that this regular expression matches."),
      tcp: port()
        .optional()
        .describe("A TCP port that accepts connections: host:port, or a port on 127.0.0.1."),
      http: httpUrl().optional().describe("A URL that answers with a status from 200 to 399."),
      unix: path().optional().describe("A Unix socket that accepts connections."),
      file: path().optional().describe("A file that exists."),
      command: command().optional().describe("A command that ends with 0."),
      timeout: duration(undefined, 1)
        .prefault("60s")
        .describe("Not ready by then: the start has failed."),
      interval: duration(undefined, 1).prefault("50ms").describe("Time between two probes."),
    },
    "a map with one of notify, fd, log, tcp, http, unix, file, command",
  );
}

function restartDelay(): z.ZodType<RestartDelayFields> {
  const fixed = duration().transform((ms): RestartDelayFields => ({
    initial: ms,
    factor: 1,
    max: ms,
    jitter: 0,
    reset_after: 10_000,
  }));
  const growing = object(
    {
      initial: duration().prefault("100ms").describe("First wait."),
      factor: decimal("a number from 1 to 100", 1, 100)
        .prefault(2)
        .describe("Each wait is so many times the one before."),
      max: duration().prefault("30s").describe("Longest wait."),
      jitter: decimal("a number from 0 to 1", 0, 1)
        .prefault(0.1)
        .describe("Spread of each wait, as a part of it."),
      reset_after: duration()
        .prefault("10s")
        .describe("A run that stayed up so long starts the series anew."),
    },
    "a duration, or a map with initial, factor, max, jitter and reset_after",
  );
  return z.union([fixed, growing], {
    error: "a duration, or a map with initial, factor, max, jitter and reset_after",
  });
}

function restartLimit(): z.ZodType<{ readonly count: number; readonly window: number }> {
  return object(
    {
      count: whole("a whole number, 1 or more", 1, 1_000_000).describe("Restarts allowed."),
      window: duration(undefined, 1).describe("Within this time."),
    },
    "a map with count and window",
  );
}

function logging(): z.ZodType<LoggingFields> {
  const options = object(
    {
      path: path()
        .optional()
        .describe(
          "File, relative to the directory of the first file. With scale over 1, -N is put before its extension.",
        ),
      "max-size": byteSize()
        .optional()
        .describe("The file is rotated before it grows over this size. Default: never."),
      "max-file": whole("a whole number from 1 to 1000", 1, 1000)
        .prefault(5)
        .describe("Files kept, the current one included."),
    },
    "a map with path, max-size and max-file",
  );
  const driver = leaf<"file" | "none">(
    "file or none",
    ["string"],
    { enum: ["file", "none"] },
    (value) => {
      if (value === "file" || value === "none") return value;
      if (value === "syslog" || value === "json-file" || value === "journald")
        return refuse(`"${value}" is not supported yet`);
      return refuse(null, suggestion(String(value), ["file", "none"]));
    },
  );
  return object(
    {
      driver: driver.describe("file or none."),
      options: options.optional().describe("For the file driver."),
    },
    "a map with driver and options",
  );
}
