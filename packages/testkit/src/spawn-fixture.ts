import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import type { Readable } from "node:stream";
import { atEnd } from "./cleanup.js";
import type { TestScope } from "./cleanup.js";
import { waitForExit } from "./exit.js";
import type { Exit } from "./exit.js";
import { fixture } from "./fixtures.js";
import type { FixtureName } from "./fixtures.js";
import { lines } from "./lines.js";
import type { Lines } from "./lines.js";
import { isAlive, readProcess, readProcesses } from "./process-table.js";
import { until } from "./until.js";

export interface StartOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

/** A program that runs beside the test, in a session of its own. */
export interface Started {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly stdout: Lines;
  readonly stderr: Lines;
  /** Resolves when it has ended. */
  exit(): Promise<Exit>;
}

/**
 * Starts a program with its stdin empty and its output in `stdout` and `stderr`. At the test's end its whole process group gets SIGKILL and the
 * end of each of its processes is awaited; a process that left the group is the test's own affair.
 */
export function start(
  t: TestScope,
  command: string,
  args: readonly string[] = [],
  options: StartOptions = {},
): Started {
  const child = spawn(command, args, {
    ...options,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const { pid } = child;
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  const started = {
    child,
    pid: pid ?? -1,
    stdout: lines(output(child.stdout)),
    stderr: lines(output(child.stderr)),
    exit: () => waitForExit(child),
  };
  atEnd(t, async () => {
    if (pid === undefined) return;
    // Until Node has collected it the number is its own.
    const isCollected = child.exitCode !== null || child.signalCode !== null;
    if (!isCollected || isLeft(pid)) killGroup(pid);
    await ended;
    await until(() => !isLeft(pid), { what: `the end of process group ${pid}` });
    child.stdout?.destroy();
    child.stderr?.destroy();
  });
  return started;
}

/** Starts a fixture and waits for its "ready". */
export async function spawnFixture(
  t: TestScope,
  name: FixtureName,
  args: readonly string[] = [],
  options: StartOptions = {},
): Promise<Started> {
  const started = start(t, fixture(name), args, options);
  await started.stdout.match(/^ready$/, { log: () => started.stderr.all.join("\n") });
  return started;
}

function killGroup(pgid: number): void {
  try {
    process.kill(-pgid, "SIGKILL");
  } catch {
    // ESRCH: the group is already gone.
  }
}

/**
 * Has the group of a leader that is gone members which are no zombies? While it has, its number is given to nobody; a process with that number
 * leads another group, that of a stranger.
 */
function isLeft(pgid: number): boolean {
  try {
    process.kill(-pgid, 0);
  } catch {
    return false; // ESRCH: nobody is in it, which is usual.
  }
  return (
    readProcess(pgid) === null &&
    readProcesses().some((entry) => entry.pgid === pgid && isAlive(entry.pid))
  );
}

function output(stream: Readable | null): Readable {
  if (!stream) throw new Error("internal error: a child without its pipes");
  return stream;
}
