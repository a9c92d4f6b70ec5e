import { isAbsolute, resolve } from "node:path";
import type { ReadyBy } from "@supervise/daemon";
import { JSON_OUTPUT, optionGiven, optionList, optionText, QUIET } from "../common-options.js";
import { durationOption } from "../duration-option.js";
import { CommandError, EXIT_USAGE } from "../verb.js";
import type { OptionSpec, VerbContext } from "../verb.js";

/** What is to be done. */
export type DaemonAction = "start" | "foreground" | "stop" | "restart" | "reload" | "status";

export interface DaemonizeOptions {
  readonly action: DaemonAction;
  /** Empty where nothing is started. */
  readonly command: readonly string[];
  readonly pidfile: string | null;
  readonly lockfile: string | null;
  /** As `user:` in a configuration: "www-data", "33:33". */
  readonly user: string | null;
  readonly umask: number;
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly stdout: string | null;
  readonly stderr: string | null;
  readonly ready: ReadyBy;
  readonly timeoutMs: number;
  readonly graceMs: number;
  readonly quiet: boolean;
  readonly json: boolean;
}

const DEFAULT_UMASK = 0o022;
const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_GRACE_MS = 10_000;
/** Descriptors of a daemon that may say its readiness: below it would be its log, above it nobody's. */
const FIRST_READY_FD = 3;
const LAST_READY_FD = 1_023;

export const DAEMONIZE_OPTIONS: readonly OptionSpec[] = [
  option("pidfile", "FILE", "write its PID there, and hold FILE.lock for its life"),
  option("lockfile", "FILE", "hold this lock for its life (the pidfile with .lock)"),
  option("user", "USER", "run it as this user, with all groups of the user"),
  option("group", "GROUP", "run it in this group alone"),
  option("umask", "MODE", "umask, in octal (022)"),
  option("chdir", "DIR", "working directory (/)"),
  { ...option("env", "KEY=VALUE", "set a variable of its environment"), repeatable: true },
  option("stdout", "FILE", "append its stdout to this log (/dev/null)"),
  option("stderr", "FILE", "append its stderr to this log (that of --stdout, else /dev/null)"),
  option(
    "ready",
    "HOW",
    "wait for READY=1 of sd_notify (notify), for a newline on a descriptor (fd:3), or for exec alone (exec)",
  ),
  option("timeout", "DURATION", "longest wait for the readiness; then it is stopped (30s)"),
  option("grace", "DURATION", "time between TERM and KILL (10s)"),
  option("foreground", null, "do not detach: stay, pass signals on, exit as it does"),
  option("stop", null, "stop the daemon of the pidfile, and all of its session"),
  option("restart", null, "stop it if it runs, then start COMMAND"),
  option("reload", null, "send it SIGHUP"),
  option(
    "status",
    null,
    "say whether it runs: exit code 0 yes, 3 no, 1 no but its pidfile is left, 4 unknown",
  ),
  { ...JSON_OUTPUT, help: "of --status: print JSON" },
  QUIET,
];

const ACTIONS = ["foreground", "stop", "restart", "reload", "status"] as const;

export function readOptions({ io, options, words, rest }: VerbContext): DaemonizeOptions {
  const absolute = (text: string): string =>
    isAbsolute(text) ? resolve(text) : resolve(io.workingDirectory, text);
  const path = (long: string): string | null => {
    const text = optionText(options, long);
    return text === null ? null : absolute(text);
  };
  const [action = "start", second] = ACTIONS.filter((name) => optionGiven(options, name));
  if (second !== undefined) throw usage(`--${action} and --${second} exclude each other`);
  const pidfile = path("pidfile");
  const lockfile = path("lockfile") ?? (pidfile === null ? null : `${pidfile}.lock`);
  const command = commandOf(words, rest, absolute);
  const starts = action === "start" || action === "foreground" || action === "restart";
  if (starts && command.length === 0)
    throw usage(`--${action} needs a command`.replace("--start needs", "it needs"));
  if (!starts && command.length > 0) throw usage(`--${action} takes no command`);
  if ((!starts || action === "restart") && lockfile === null)
    throw usage(`--${action} needs --pidfile or --lockfile`);
  const stdout = path("stdout");
  return {
    action,
    command,
    pidfile,
    lockfile,
    user: userOf(optionText(options, "user"), optionText(options, "group")),
    umask: umaskOf(optionText(options, "umask")),
    directory: path("chdir") ?? "/",
    environment: environmentOf(optionList(options, "env")),
    stdout,
    stderr: path("stderr") ?? stdout,
    ready: readyOf(optionText(options, "ready")),
    timeoutMs: durationOption(options, "timeout") ?? DEFAULT_TIMEOUT_MS,
    graceMs: durationOption(options, "grace") ?? DEFAULT_GRACE_MS,
    quiet: optionGiven(options, "quiet"),
    json: optionGiven(options, "json"),
  };
}

function option(long: string, value: string | null, help: string): OptionSpec {
  return { long, short: null, value, help, repeatable: false };
}

function usage(why: string): CommandError {
  return new CommandError(`cannot daemonize: ${why}`, {
    exitCode: EXIT_USAGE,
    hint: "supervise daemonize --pidfile /run/x.pid -- COMMAND",
  });
}

/** A file that is named relative to here is another one in "/". */
function commandOf(
  words: readonly string[],
  rest: readonly string[] | null,
  absolute: (path: string) => string,
): readonly string[] {
  if (words.length > 0 && rest !== null) throw usage(`"${words[0]}" stands before the "--"`);
  const [program, ...others] = rest ?? words;
  if (program === undefined) return [];
  return [program.includes("/") ? absolute(program) : program, ...others];
}

function userOf(user: string | null, group: string | null): string | null {
  if (group === null) return user;
  if (user?.includes(":") === true) throw usage(`--user "${user}" names a group already`);
  return `${user ?? process.geteuid?.() ?? 0}:${group}`;
}

function umaskOf(text: string | null): number {
  if (text === null) return DEFAULT_UMASK;
  if (/^0?[0-7]{1,3}$/.test(text)) return Number.parseInt(text, 8);
  throw usage(`--umask must be an octal mode such as 027, found "${text}"`);
}

function environmentOf(entries: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    entries.map((entry) => {
      const equals = entry.indexOf("=");
      if (equals <= 0) throw usage(`--env must be KEY=VALUE, found "${entry}"`);
      return [entry.slice(0, equals), entry.slice(equals + 1)];
    }),
  );
}

function readyOf(text: string | null): ReadyBy {
  if (text === null) return { kind: "settled" };
  if (text === "exec") return { kind: "exec" };
  if (text === "notify") return { kind: "notify" };
  const fd = Number(/^fd:(\d{1,4})$/.exec(text)?.[1] ?? Number.NaN);
  if (fd >= FIRST_READY_FD && fd <= LAST_READY_FD) return { kind: "descriptor", fd };
  throw usage(
    `--ready must be notify, exec or fd:N with N from ${FIRST_READY_FD} to ${LAST_READY_FD}, found "${text}"`,
  );
}
