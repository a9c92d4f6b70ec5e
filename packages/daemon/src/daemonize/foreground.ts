import { closeSync } from "node:fs";
import { constants } from "node:os";
import type { EndedChild, Kernel } from "@supervise/sys";
import { writeHolder } from "../lock-file.js";
import { writePidfile } from "../pidfile.js";
import type { Pidfile } from "../pidfile.js";
import {
  assertStartable,
  firstFree,
  openStdout,
  put,
  refuseSecond,
  tellSockets,
} from "./launch.js";
import type { LaunchRequest, NotSpawned } from "./launch.js";

const FORWARDED = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGUSR1", "SIGUSR2"] as const;

export type ForegroundRequest = Pick<
  LaunchRequest,
  "command" | "environment" | "stdout" | "errors" | "sockets" | "lock" | "pidfile"
>;

export type Foreground =
  /** As a shell has it: 128+n for signal n. */
  | { readonly kind: "ended"; readonly exitCode: number }
  | { readonly kind: "not spawned"; readonly result: NotSpawned };

/**
 * Everything of a launch but the detaching: the program stays in our session and at our terminal, has our stdio where no log is named, gets the signals that we
 * get, and SIGTERM if we are killed. The lock is its own as well; the pidfile goes when it has ended. Throws a `DaemonError` as `launch` does.
 */
export async function runForeground(
  kernel: Kernel,
  request: ForegroundRequest,
): Promise<Foreground> {
  const { lock } = request;
  let pid = 0;
  let onEnd: (child: EndedChild) => void = () => undefined;
  const ended = new Promise<EndedChild>((resolve) => (onEnd = resolve));
  const onChild = (): void => {
    const [child] = kernel.reap((other) => other !== pid);
    if (child !== undefined) onEnd(child);
  };
  const forward = (_: NodeJS.Signals, number: number): void => void kernel.kill(pid, number);
  let pidfile: Pidfile | null = null;
  try {
    assertStartable(kernel, request);
    process.on("SIGCHLD", onChild);
    for (const name of FORWARDED) process.on(name, forward);
    const result = spawnHere(kernel, request);
    if ("stage" in result) {
      if (result.stage === "lock" && lock !== null) refuseSecond(kernel, lock);
      return { kind: "not spawned", result };
    }
    pid = result.pid;
    if (lock !== null) writeHolder(lock.fd, pid);
    if (request.pidfile !== null)
      pidfile = writePidfile(request.pidfile, { kernel, pid, removeAtExit: false });
    // Nothing else of ours holds the event loop: a signal watcher does not.
    const hold = setInterval(() => undefined, LONGEST_MS);
    const child = await ended.finally(() => clearInterval(hold));
    return { kind: "ended", exitCode: child.code ?? 128 + (child.signal ?? 0) };
  } finally {
    pidfile?.remove();
    request.errors?.close();
    process.off("SIGCHLD", onChild);
    for (const name of FORWARDED) process.off(name, forward);
  }
}

/** The longest period of a timer of Node, in milliseconds. */
const LONGEST_MS = 2 ** 31 - 1;

function spawnHere(
  kernel: Kernel,
  { command, environment, stdout, errors, sockets = [], lock }: ForegroundRequest,
): ReturnType<Kernel["spawn"]> {
  const output = stdout === null ? null : openStdout(kernel, stdout);
  const descriptors = [0, output ?? 1, errors?.child ?? 2, ...sockets.map(({ fd }) => fd)];
  const lockAt = lock === null ? null : firstFree(descriptors);
  if (lock !== null && lockAt !== null) put(descriptors, lockAt, lock.fd);
  try {
    return kernel.spawn({
      ...command,
      env: [...tellSockets(sockets), ...environment],
      descriptors,
      session: "inherit",
      ...(sockets.length === 0 ? {} : { listenPid: true }),
      parentDeathSignal: constants.signals.SIGTERM,
      ...(lockAt === null ? {} : { lock: lockAt }),
    });
  } finally {
    if (output !== null) closeSync(output);
  }
}
