import { closeSync, constants, openSync } from "node:fs";
import { constants as numbers } from "node:os";
import { errnoNumber, errnoText, signalName } from "@supervise/sys";
import type { Kernel, SpawnRequest, SpawnResult } from "@supervise/sys";
import { DaemonError } from "../daemon-error.js";
import { identityOf } from "../identity.js";
import { busy, findRunning, writeHolder } from "../lock-file.js";
import type { ListenFd } from "../listen-fds.js";
import { assertPidfileWritable, writePidfile } from "../pidfile.js";
import type { Pidfile } from "../pidfile.js";
import { codeOf } from "../trusted-file.js";
import { endDaemon } from "./end-daemon.js";
import { openReadyChannel, SETTLE_MS } from "./readiness.js";
import type { ReadyBy, ReadyChannel } from "./readiness.js";
import { openLog } from "./startup-errors.js";
import type { StartupErrors } from "./startup-errors.js";
import { watchStart } from "./watch-start.js";
import type { StartEnd } from "./watch-start.js";

/** A program that is to become a daemon, and how its start is watched. */
export interface LaunchRequest {
  /** Descriptors, session and lock are the launch's own affair. */
  readonly command: Omit<SpawnRequest, "descriptors" | "session" | "lock" | "env" | "sibling">;
  readonly environment: readonly (string | Uint8Array)[];
  /** Log that its stdout is appended to; null: /dev/null. */
  readonly stdout: string | null;
  /** Its stderr; null: /dev/null. The launch closes it. */
  readonly errors: StartupErrors | null;
  readonly ready: ReadyBy;
  /** Passed to it from 3 on, as sd_listen_fds(3) has it; they stay ours too. None unless told. */
  readonly sockets?: readonly ListenFd[];
  /** How many descriptors from 3 on it gets open, on /dev/null where no socket is passed, to put its own in their place; none unless told. */
  readonly reserve?: number;
  /** An open lock file ({@link openLockFile}), which stays the caller's; the daemon itself takes the lock. */
  readonly lock: { readonly path: string; readonly fd: number } | null;
  readonly pidfile: string | null;
  /** For the readiness. */
  readonly timeoutMs: number;
  /** Between SIGTERM and SIGKILL for a daemon that did not start. */
  readonly graceMs: number;
}

export type NotSpawned = Exclude<SpawnResult, { readonly pid: number }>;

export type Launched =
  | { readonly kind: "ready"; readonly pid: number }
  /** It has ended at once, and well: what it left behind, such as a daemon that it made itself, is left alone. */
  | { readonly kind: "over"; readonly pid: number }
  /** It ran, and is gone again. `why` is the rest of a sentence that begins with "it"; `exitCode` is what a shell would have. */
  | { readonly kind: "failed"; readonly why: string; readonly exitCode: number }
  /** It never ran. */
  | { readonly kind: "not spawned"; readonly result: NotSpawned };

/**
 * Starts a program as a daemon by the rules (docs/daemons.md) and resolves when it is ready or has failed; then nothing of it is left, and the pidfile is gone. Until
 * then we are its parent, and collect it; after that whoever takes our orphans is. Throws a {@link DaemonError} where it is not to be started at all: it runs
 * already, or the pidfile or a log can't be written.
 */
export async function launch(kernel: Kernel, request: LaunchRequest): Promise<Launched> {
  try {
    assertStartable(kernel, request);
    const channel = openReadyChannel(kernel, request.ready);
    try {
      return await launchWith(kernel, request, channel);
    } finally {
      channel.close();
    }
  } finally {
    request.errors?.close();
  }
}

/** Throws a {@link DaemonError} where the pidfile can't be written, or the lock is held already. */
export function assertStartable(
  kernel: Kernel,
  { pidfile, lock }: Pick<LaunchRequest, "pidfile" | "lock">,
): void {
  if (pidfile !== null) assertPidfileWritable(kernel, pidfile);
  if (lock !== null) refuseSecond(kernel, lock);
}

async function launchWith(
  kernel: Kernel,
  request: LaunchRequest,
  channel: ReadyChannel,
): Promise<Launched> {
  const { lock } = request;
  const watch = watchStart(kernel, channel);
  let pidfile: Pidfile | null = null;
  let started: number | null = null;
  try {
    const result = spawnDaemon(kernel, request, channel);
    if ("stage" in result) {
      // Another was quicker by a moment.
      if (result.stage === "lock" && lock !== null) refuseSecond(kernel, lock);
      return { kind: "not spawned", result };
    }
    const { pid } = result;
    started = pid;
    if (lock !== null) writeHolder(lock.fd, pid);
    if (request.pidfile !== null)
      pidfile = writePidfile(request.pidfile, { kernel, pid, removeAtExit: false });
    const end = await watch.until(pid, request.timeoutMs);
    if (end.kind === "ready") {
      started = null;
      return { kind: "ready", pid };
    }
    if (request.ready.kind === "settled" && end.kind === "ended" && end.child.code === 0) {
      started = null;
      pidfile?.remove();
      return { kind: "over", pid };
    }
    return { kind: "failed", ...explain(end, request, channel) };
  } finally {
    if (started !== null) {
      await endStarted(kernel, started, request.graceMs);
      pidfile?.remove();
    }
    watch.close();
  }
}

function spawnDaemon(
  kernel: Kernel,
  { command, environment, stdout, errors, lock, sockets = [], reserve = 0 }: LaunchRequest,
  { passed, environment: told }: ReadyChannel,
): SpawnResult {
  const opened: number[] = [];
  try {
    const input = keep(opened, openSync("/dev/null", constants.O_RDWR));
    const output = stdout === null ? input : keep(opened, openStdout(kernel, stdout));
    const passedOn = sockets.map(({ fd }) => fd);
    const reserved = Array.from({ length: reserve - passedOn.length }, () => input);
    const descriptors = [input, output, errors?.child ?? input, ...passedOn, ...reserved];
    if (passed !== null) put(descriptors, passed.child, passed.ours);
    const lockAt = lock === null ? null : firstFree(descriptors);
    if (lock !== null && lockAt !== null) put(descriptors, lockAt, lock.fd);
    return kernel.spawn({
      ...command,
      env: [...told, ...tellSockets(sockets), ...environment],
      descriptors,
      session: "detached",
      ...(sockets.length === 0 ? {} : { listenPid: true }),
      ...(lockAt === null ? {} : { lock: lockAt }),
    });
  } finally {
    for (const fd of opened) closeSync(fd);
    if (passed !== null) kernel.close(passed.ours);
  }
}

/** Without LISTEN_PID, which only the daemon itself can know. */
export function tellSockets(sockets: readonly ListenFd[]): readonly string[] {
  if (sockets.length === 0) return [];
  const names = sockets.map(({ name }) => name).join(":");
  return [`LISTEN_FDS=${sockets.length}`, `LISTEN_FDNAMES=${names}`];
}

function keep(list: number[], fd: number): number {
  list.push(fd);
  return fd;
}

export function put(descriptors: number[], at: number, fd: number): void {
  while (descriptors.length < at) descriptors.push(-1);
  descriptors[at] = fd;
}

export function firstFree(descriptors: readonly number[]): number {
  const gap = descriptors.indexOf(-1);
  return gap < 0 ? descriptors.length : gap;
}

export function openStdout(kernel: Kernel, path: string): number {
  try {
    return openLog(kernel, path);
  } catch (error) {
    throw cannotOpen(path, codeOf(error));
  }
}

/** For a log that can't be opened. */
export function cannotOpen(path: string, code: string): DaemonError {
  const text = errnoText(errnoNumber(code) ?? -5);
  return new DaemonError(`cannot open log "${path}": ${text} (${code})`, code);
}

export function refuseSecond(kernel: Kernel, lock: NonNullable<LaunchRequest["lock"]>): void {
  const running = findRunning(kernel, lock.fd, lock.path);
  if (running.kind !== "none") throw busy(lock.path, running);
}

/** Ends what was started and is not ready, and collects it. */
async function endStarted(kernel: Kernel, pid: number, graceMs: number): Promise<void> {
  const identity = identityOf(pid);
  if (identity !== null) await endDaemon(kernel, identity, graceMs);
  kernel.reap((other) => other !== pid);
}

function explain(
  end: Exclude<StartEnd, { readonly kind: "ready" }>,
  request: LaunchRequest,
  channel: ReadyChannel,
): { readonly why: string; readonly exitCode: number } {
  const status = channel.status();
  const said = status === null ? "" : `; it said "${status}"`;
  const when =
    request.ready.kind === "settled"
      ? `within ${SETTLE_MS} ms of its start`
      : "before it was ready";
  switch (end.kind) {
    case "ended": {
      const { code, signal } = end.child;
      if (signal !== null)
        return {
          why: `was ended by ${signalName(signal) ?? signal} ${when}${said}`,
          exitCode: 128 + signal,
        };
      return {
        why: `ended ${when} (exit code ${code})${said}`,
        exitCode: code === 0 ? 1 : (code ?? 1),
      };
    }
    case "closed":
      return {
        why: "closed its readiness descriptor without a newline, and was stopped",
        exitCode: 1,
      };
    case "timeout":
      return {
        why: `was not ready within ${request.timeoutMs / 1_000} s, and was stopped${said}`,
        exitCode: 1,
      };
    case "interrupted":
      return {
        why: `was stopped, for ${end.signal} came before it was ready`,
        exitCode: 128 + numbers.signals[end.signal],
      };
  }
}
