import type { z } from "zod";
import type { ServiceFields } from "./fields.js";
import { dependsOn, environment, envFile, ulimits } from "./schema-environment.js";
import { decimal, flag, leaf, refuse, text, whole } from "./schema-leaf.js";
import { healthcheck, ready, restartDelay, restartLimit } from "./schema-lifecycle.js";
import { develop } from "./schema-develop.js";
import { logging } from "./schema-logging.js";
import { sockets } from "./schema-sockets.js";
import { choice, list, object } from "./schema-shapes.js";
import {
  capability,
  command,
  duration,
  ownPort,
  path,
  restartPolicy,
  signal,
  umask,
  user,
} from "./schema-values.js";

/** Where syslog(3) looks for its daemon. */
const DEV_LOG = "/dev/log";

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
  port: ownPort()
    .optional()
    .describe(
      "The variable PORT: a port, or auto: 5000 for the first service with auto, 5100 for the second, and so on. Replicas count on from it.",
    ),
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
  ulimits: ulimits()
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
  tty: flag()
    .prefault(false)
    .describe(
      "A terminal of its own as standard input, output and error, for debuggers, REPLs and shells; see `supervise attach`.",
    ),
  stdin_open: flag()
    .optional()
    .describe(
      "Input may be sent to it with `supervise attach`: typed at its terminal, or without tty into a pipe that stays open. Default: as tty.",
    ),
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
    .describe(
      "Run instead of sending the stop signal; the variable MAINPID is the number of the main process.",
    ),
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
      "Command that makes the service read its configuration again; the variable MAINPID is the number of the main process.",
    ),
  pidfile: path()
    .optional()
    .describe(
      "Path of the pidfile that a forking service writes. Without it the main process is found by the tree.",
    ),
  sockets: sockets()
    .prefault({})
    .describe(
      "Listening sockets, from names to addresses, that the supervisor binds, keeps and passes on from descriptor 3 on, as sd_listen_fds(3) has it.",
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
    .describe(
      "Where output goes besides the terminal and the memory of the supervisor: one place, or a list of several.",
    ),
  develop: develop()
    .prefault({})
    .describe(
      "Files whose change restarts or reloads the service, while `supervise up` is in the foreground.",
    ),
};

/** Tokens of restart storms, shared by all services. */
export const restartBurst: z.ZodType<{
  readonly capacity: number;
  readonly refill_per_second: number;
}> = object(
  {
    capacity: whole("a whole number from 1 to 1000000", 1, 1_000_000)
      .prefault(200)
      .describe("Restarts that may come at once."),
    refill_per_second: decimal("a number over 0", 0.001, 1_000_000)
      .prefault(100)
      .describe("Restarts a second after that."),
  },
  "a map with capacity and refill_per_second",
).describe("Brake on restart storms, shared by all services.");

/** Name of a project. */
export const projectName: z.ZodType<string> = text(
  "lower case letters, digits, - and _, beginning with a letter or digit",
  (found) => (/^[a-z0-9][a-z0-9_-]*$/.test(found) ? found : refuse()),
).describe("Project name. Default: the name of the directory.");

/** The path of the stream socket for syslog messages, as it is written. */
export const syslogStream: z.ZodType<string> = leaf(
  "the path of a socket",
  ["string"],
  { type: "string" },
  (value) => {
    const named = String(value);
    return named === "" || named.includes("\0") ? refuse() : named;
  },
).describe(
  "Serve syslog messages over a stream socket too, for programs that insist on one; relative to the directory of the first file.",
);

/** The path of the syslog socket, as it is written; null: none. */
export const syslogSocket: z.ZodType<string | null> = leaf(
  "true, false or the path of a socket",
  ["boolean", "string"],
  { type: ["boolean", "string"] },
  (value) => {
    if (value === true || value === "true") return DEV_LOG;
    if (value === false || value === "false") return null;
    const named = String(value);
    return named === "" || named.includes("\0") ? refuse() : named;
  },
).describe(
  "Serve a syslog socket to the services: true is /dev/log, a path is relative to the directory of the first file.",
);
