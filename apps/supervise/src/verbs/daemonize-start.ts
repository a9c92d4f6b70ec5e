import { closeSync } from "node:fs";
import {
  DaemonError,
  findRunning,
  launch,
  listenFdsWithNames,
  assertPidfileWritable,
  openLockFile,
  openStartupErrors,
  runForeground,
} from "@supervise/daemon";
import type { LaunchRequest, ListenFd, NotSpawned } from "@supervise/daemon";
import {
  createPlanContext,
  describeSpawnFailure,
  examinePidfile,
  originalOpenFiles,
  planSpawn,
  type Proc,
  type SpawnPlan,
} from "@supervise/process";
import { errnoNumber, errnoText, type Kernel } from "@supervise/sys";
import { DROPPED_VARIABLES } from "../dropped-variables.js";
import { CommandError, EXIT_USAGE, type VerbContext } from "../verb.js";
import { findDaemon } from "./daemonize-find.js";
import type { DaemonizeOptions } from "./daemonize-options.js";

const EXIT_NOT_EXECUTABLE = 126;
const EXIT_NOT_FOUND = 127;

/** Starts the command as a daemon. Returns its PID when it is ready, and whether it has ended well since; throws a `CommandError` with its exit code where it is not. */
export async function startDaemon(
  { io }: VerbContext,
  kernel: Kernel,
  proc: Proc,
  options: DaemonizeOptions,
): Promise<{ readonly pid: number; readonly over: boolean }> {
  const { stderr, ready } = options;
  const plan = planCommand(kernel, proc, options);
  const sockets = passedSockets(io, kernel, ready);
  const waits = ready.kind === "notify" || ready.kind === "descriptor";
  const decoder = new TextDecoder();
  let held = "";
  // What comes by the time that exec has succeeded is chance; in its first moment it is of interest only where that is its last.
  const show = (bytes: Uint8Array): void => {
    const text = decoder.decode(bytes, { stream: true });
    if (waits) io.err(text);
    else if (ready.kind === "settled") held += text;
  };
  return withLock(kernel, proc, options, async (lock) => {
    const launched = await launch(kernel, {
      command: plan.request,
      environment: plan.environment,
      stdout: options.stdout,
      errors: stderr === null && !waits ? null : openErrors(kernel, stderr, show),
      ready,
      sockets,
      lock,
      pidfile: options.pidfile,
      timeoutMs: options.timeoutMs,
      graceMs: options.graceMs,
    });
    if (launched.kind === "ready") return { pid: launched.pid, over: false };
    if (launched.kind === "over") return { pid: launched.pid, over: true };
    if (launched.kind === "not spawned") throw notSpawned(launched.result, plan, options);
    io.err(held);
    throw new CommandError(`cannot start "${options.command[0]}": it ${launched.why}`, {
      exitCode: launched.exitCode,
      hint:
        options.stderr !== null
          ? `its own words are in "${options.stderr}"`
          : waits
            ? null
            : "its own words went to /dev/null: name a log with --stderr",
    });
  });
}

/** Of whoever started us, and who wants to hear from the daemon itself. */
const READINESS = ["NOTIFY_SOCKET", "WATCHDOG_USEC"];

/** Everything but the detaching. Returns the exit code of the command, 128+n for signal n. */
export async function runHere(
  { io }: VerbContext,
  kernel: Kernel,
  proc: Proc,
  options: DaemonizeOptions,
): Promise<number> {
  const plan = planCommand(kernel, proc, options);
  const sockets = passedSockets(io, kernel, { kind: "exec" });
  const told = READINESS.flatMap((name) => {
    const value = io.environment[name];
    return value === undefined ? [] : [`${name}=${value}`];
  });
  return withLock(kernel, proc, options, async (lock) => {
    const ended = await runForeground(kernel, {
      command: plan.request,
      environment: [...told, ...plan.environment],
      stdout: options.stdout,
      errors: options.stderr === null ? null : openErrors(kernel, options.stderr, () => undefined),
      sockets,
      lock,
      pidfile: options.pidfile,
    });
    if (ended.kind === "not spawned") throw notSpawned(ended.result, plan, options);
    return ended.exitCode;
  });
}

/** What our own manager has passed to us by LISTEN_FDS is meant for the command, which gets it under the same numbers; all other descriptors are closed. */
function passedSockets(
  io: VerbContext["io"],
  kernel: Kernel,
  ready: DaemonizeOptions["ready"],
): readonly ListenFd[] {
  const sockets = listenFdsWithNames({ environment: { ...io.environment }, kernel });
  const taken = ready.kind === "descriptor" && sockets.some(({ fd }) => fd === ready.fd);
  if (ready.kind !== "descriptor" || !taken) return sockets;
  throw new CommandError(
    `cannot daemonize: --ready fd:${ready.fd} is a socket that was passed here (LISTEN_FDS=${sockets.length})`,
    { exitCode: EXIT_USAGE, hint: `--ready fd:${sockets.length + FIRST_SOCKET} is free` },
  );
}

/** SD_LISTEN_FDS_START of sd_listen_fds(3). */
const FIRST_SOCKET = 3;

/** The lock file, open for as long as `use` goes on; what {@link DaemonError} says becomes an error for people. */
async function withLock<T>(
  kernel: Kernel,
  proc: Proc,
  options: DaemonizeOptions,
  use: (lock: LaunchRequest["lock"]) => Promise<T>,
): Promise<T> {
  const { lockfile, pidfile } = options;
  let fd: number | null = null;
  try {
    // A refused pidfile leaves no lock file behind.
    if (pidfile !== null) assertPidfileWritable(kernel, pidfile);
    if (lockfile !== null) fd = openLockFile(kernel, lockfile);
    const lock = lockfile === null || fd === null ? null : { path: lockfile, fd };
    if (lock === null || findRunning(kernel, lock.fd, lock.path).kind === "none")
      refuseNamed(kernel, proc, options);
    return await use(lock);
  } catch (error) {
    if (!(error instanceof DaemonError)) throw error;
    throw new CommandError(`cannot start "${options.command[0]}": ${error.message}`, {
      hint: error.holder === null ? null : "supervise daemonize --stop or --restart ends it",
      cause: error,
    });
  } finally {
    if (fd !== null) closeSync(fd);
  }
}

/** A daemon that was not started here has no lock of ours, but its pidfile may be valid all the same: it is not replaced. */
function refuseNamed(kernel: Kernel, proc: Proc, options: DaemonizeOptions): void {
  const { pidfile } = options;
  if (pidfile === null) return;
  const verdict = examinePidfile(proc, pidfile);
  if (verdict.kind !== "valid" || findDaemon(kernel, proc, options).kind === "down") return;
  throw new CommandError(
    `cannot start "${options.command[0]}": pidfile "${pidfile}" is valid: it runs already as process ${verdict.pid}`,
    {
      hint: `supervise pidfile ${pidfile} says more; remove the file if that process is not meant`,
    },
  );
}

/** The same as for a service of a supervisor: user, environment, search in PATH, the limit of open files as it was before Node. */
function planCommand(kernel: Kernel, proc: Proc, options: DaemonizeOptions): SpawnPlan {
  const context = createPlanContext(kernel, proc, {
    dropVariables: DROPPED_VARIABLES,
    openFiles: originalOpenFiles(proc),
  });
  const plan = planSpawn(
    {
      process: {
        command: { words: options.command },
        workingDirectory: options.directory,
        environment: options.environment,
        inheritEnvironment: true,
        user: options.user,
        groupAdd: [],
        umask: options.umask,
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
    },
    context,
  );
  if (plan.kind === "plan")
    return { ...plan, request: { ...plan.request, argv: argvOf(proc, options.command) } };
  throw new CommandError(
    `cannot start "${options.command[0]}": ${plan.failure.stage} (${plan.failure.errno})`,
  );
}

/** Our own last words byte for byte, which Node has read as UTF-8. The first may have been made absolute. */
function argvOf(proc: Proc, command: readonly string[]): readonly (string | Uint8Array)[] {
  const line = Buffer.from(proc.bytes("self/cmdline") ?? []);
  const given = line.toString("latin1").split("\0").slice(0, -1).slice(-command.length);
  return command.map((word, index) => {
    const bytes = Buffer.from(given[index] ?? "", "latin1");
    return given.length === command.length && bytes.toString() === word ? bytes : word;
  });
}

/** As a shell has it: 127 not found, 126 not executable; 1 for what stands before the exec. */
function notSpawned(result: NotSpawned, plan: SpawnPlan, options: DaemonizeOptions): CommandError {
  const { stage, errno } = describeSpawnFailure(result, plan);
  const exitCode =
    result.stage !== "exec" ? 1 : errno === "ENOENT" ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
  return new CommandError(`cannot start "${options.command[0]}": ${stage} (${errno})`, {
    exitCode,
  });
}

/** A log in memory where none is named and the start is waited for; null: nobody reads along. */
function openErrors(
  kernel: Kernel,
  path: string | null,
  show: (bytes: Uint8Array) => void,
): LaunchRequest["errors"] {
  try {
    return openStartupErrors(kernel, path, show);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "EIO";
    throw new CommandError(
      `cannot open log "${path}": ${errnoText(errnoNumber(code) ?? -5)} (${code})`,
      { cause: error },
    );
  }
}
