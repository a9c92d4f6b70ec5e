import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { resolve } from "node:path";
import { createKernel, errnoName } from "@supervise/sys";
import type { Kernel } from "@supervise/sys";
import { DaemonError } from "../daemon-error.js";
import { acquireLock } from "../lock.js";
import type { DaemonLock } from "../lock.js";
import { assertPidfileWritable, writePidfile } from "../pidfile.js";
import type { Pidfile } from "../pidfile.js";
import { codeOf } from "../trusted-file.js";
import { startAgain } from "./start-again.js";
import { READY_VARIABLE } from "./daemonize-options.js";
import type { DaemonizeOptions } from "./daemonize-options.js";
import { cannotOpen, openStdout } from "./launch.js";

/** The daemon, in its own process. */
export interface Daemon {
  readonly detached: boolean;
  readonly lock: DaemonLock | null;
  readonly pidfile: Pidfile | null;
  /** Says that it can serve: the starter ends with 0, and stdout and stderr go to their logs. A second call does nothing. */
  ready(): void;
}

/**
 * Makes a daemon of this program by the rules (docs/daemons.md). In the process that was started it starts the program again, with the same words, in a session that
 * nobody leads, and ends that process as soon as the daemon is ready or has failed, with the daemon's exit code; what the daemon writes to stderr until
 * then is shown there. So it resolves only in the daemon: call it first, before anything is opened, for nothing comes along but arguments, environment and the sockets that a manager passed (listenFds()). Throws a {@link DaemonError}
 * (code EBUSY: it runs already), which an uncaught exception shows at the starter's terminal.
 */
export async function daemonize(options: DaemonizeOptions = {}): Promise<Daemon> {
  const kernel = options.kernel ?? createKernel();
  const fd = options.foreground === true ? null : readyDescriptor(kernel);
  if (options.foreground !== true && fd === null) return await startAgain(kernel, options);
  // Resolved before the directory changes.
  const outputs = openOutputs(kernel, options, fd !== null);
  const lockfile = options.lockfile ?? (options.pidfile && `${options.pidfile}.lock`);
  if (options.pidfile !== undefined) assertPidfileWritable(kernel, resolve(options.pidfile));
  const lock = lockfile === undefined ? null : acquireLock(resolve(lockfile), { kernel });
  process.umask(options.umask ?? 0o022);
  const pidfile =
    options.pidfile === undefined ? null : writePidfile(resolve(options.pidfile), { kernel });
  process.chdir(options.workingDirectory ?? "/");
  let said = false;
  return {
    detached: fd !== null,
    lock,
    pidfile,
    ready() {
      if (said) return;
      said = true;
      for (const [target, ours] of outputs) replace(kernel, ours, target);
      if (fd === null) return;
      kernel.write(fd, Buffer.from("\n"), 0, 1);
      kernel.close(fd);
    },
  };
}

/** Ours, and no child's: the variable goes, the descriptor becomes close-on-exec. Null: this process was not started by `startAgain`. */
function readyDescriptor(kernel: Kernel): number | null {
  const text = process.env[READY_VARIABLE];
  delete process.env[READY_VARIABLE];
  if (text === undefined || !/^\d{1,4}$/.test(text)) return null;
  try {
    if (!fstatSync(Number(text)).isFIFO()) return null;
    kernel.setCloseOnExec(Number(text), true);
    return Number(text);
  } catch {
    // Of a starter of somebody else, who has closed it.
    return null;
  }
}

type Outputs = readonly (readonly [target: 1 | 2, ours: number])[];

/** Opened before the directory changes, and before anybody waits in vain. In the foreground what has no log stays as it is. */
function openOutputs(kernel: Kernel, options: DaemonizeOptions, detached: boolean): Outputs {
  const paths = [
    [1, options.stdout],
    [2, options.stderr ?? options.stdout],
  ] as const;
  return paths.flatMap(([target, path]) => {
    if (path === undefined && !detached) return [];
    return [[target, path === undefined ? openNull() : openStdout(kernel, resolve(path))]];
  });
}

function openNull(): number {
  try {
    return openSync("/dev/null", constants.O_WRONLY);
  } catch (error) {
    throw cannotOpen("/dev/null", codeOf(error));
  }
}

function replace(kernel: Kernel, ours: number, target: number): void {
  const errno = kernel.replaceDescriptor(ours, target);
  closeSync(ours);
  if (errno < 0)
    throw new DaemonError(
      `cannot replace descriptor ${target}: ${errnoName(errno)}`,
      errnoName(errno),
    );
}
