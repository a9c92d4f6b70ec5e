import { writeSync } from "node:fs";
import { resolve } from "node:path";
import type { Kernel } from "@supervise/sys";
import { listenFdsWithNames } from "../listen-fds.js";
import { alreadyRunning } from "../lock.js";
import { busy } from "../lock-file.js";
import { READY_VARIABLE } from "./daemonize-options.js";
import type { DaemonizeOptions } from "./daemonize-options.js";
import { launch } from "./launch.js";
import type { Launched } from "./launch.js";
import { openPipeErrors } from "./startup-errors.js";

/** The first that is not reserved or a passed socket. */
const FIRST_FD = 3;
const TIMEOUT_MS = 30_000;
const GRACE_MS = 10_000;

/** Starts this program anew as a daemon, shows its stderr until it is ready, and ends this process with its exit code. */
export async function startAgain(kernel: Kernel, options: DaemonizeOptions): Promise<never> {
  const lockfile = options.lockfile ?? (options.pidfile && `${options.pidfile}.lock`);
  if (lockfile !== undefined) {
    const path = resolve(lockfile);
    const found = alreadyRunning(path, { kernel });
    if (found.running) throw busy(path, { pid: found.pid, lives: true });
  }
  const { reserve = 0 } = options;
  // Read before the environment is: they are passed to the daemon as they were passed to us, with LISTEN_PID its own.
  const sockets = listenFdsWithNames({ kernel });
  const readyFd = FIRST_FD + Math.max(reserve, sockets.length);
  const launched = await launch(kernel, {
    command: {
      files: [process.execPath],
      argv: [process.argv0, ...process.execArgv, ...process.argv.slice(1)],
    },
    environment: [
      ...Object.entries(process.env).map(([name, value]) => `${name}=${value ?? ""}`),
      `${READY_VARIABLE}=${readyFd}`,
    ],
    stdout: null,
    errors: openPipeErrors(kernel, (bytes) => void writeSync(2, bytes)),
    ready: { kind: "descriptor", fd: readyFd },
    sockets,
    reserve,
    lock: null,
    pidfile: null,
    timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
    graceMs: options.graceMs ?? GRACE_MS,
  });
  process.exit(exitCode(launched));
}

function exitCode(launched: Launched): number {
  switch (launched.kind) {
    case "ready":
    case "over":
      return 0;
    case "failed":
      writeSync(2, `cannot start the daemon: it ${launched.why}\n`);
      return launched.exitCode;
    case "not spawned":
      writeSync(2, `cannot start the daemon: ${launched.result.stage} failed\n`);
      return 1;
  }
}
