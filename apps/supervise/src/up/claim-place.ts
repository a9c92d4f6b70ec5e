import { existsSync, readlinkSync } from "node:fs";
import type { Configuration } from "@supervise/model";
import {
  isLive,
  lockProject,
  openProc,
  readStat,
  runtimeDirectory,
  type LockRefusal,
  type ProjectLock,
} from "@supervise/process";
import { errnoNumber, errnoText, type Kernel } from "@supervise/sys";

/** Why `up` could not begin, in the words of the house. */
export interface Refusal {
  readonly message: string;
  readonly hint: string | null;
}

/** Where a project keeps its files. */
export interface Place {
  /** Null: no writable place. */
  readonly directory: string | null;
  readonly lock: ProjectLock | null;
  readonly release: () => void;
}

export interface PlaceRequest {
  readonly kernel: Kernel;
  readonly configuration: Pick<Configuration, "name">;
  /** --runtime-dir, absolute. */
  readonly requestedDirectory: string | null;
  readonly environment: NodeJS.ProcessEnv;
}

/** So long is a lock waited for whose holder has been killed, in milliseconds. */
const DYING_MS = 2_000;
const LOOK_MS = 5;

/** The runtime directory and the lock in it, for as long as we live. */
export async function claimPlace({
  kernel,
  configuration,
  requestedDirectory,
  environment,
}: PlaceRequest): Promise<Place | Refusal> {
  if (isProcForeign())
    return {
      message: `cannot start project "${configuration.name}": "/proc" is that of another PID namespace`,
      hint: "mount its own: unshare --mount-proc, or mount -t proc proc /proc",
    };
  const found = runtimeDirectory({
    project: configuration.name,
    requested: requestedDirectory,
    uid: process.geteuid?.() ?? 0,
    env: environment,
  });
  if (found.kind === "none") return { directory: null, lock: null, release: () => undefined };
  if (found.kind === "refused")
    return {
      message: `cannot use runtime directory "${found.path}": ${found.why} (${found.errno})`,
      hint: null,
    };
  let lock = lockProject(kernel, found.path, process.pid);
  // A process that was killed gives its lock back with its last thread, a moment after everybody sees it dead.
  const untilMs = performance.now() + DYING_MS;
  while (isHeldByDead(kernel, lock) && performance.now() < untilMs) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    lock = lockProject(kernel, found.path, process.pid);
  }
  switch (lock.kind) {
    case "held": {
      const held = lock;
      return { directory: found.path, lock: held, release: () => held.release() };
    }
    case "busy":
      return {
        message: `cannot start project "${configuration.name}": it is supervised already${lock.holder === null ? "" : ` by pid ${lock.holder}`}`,
        hint: "see it with `supervise status`, end it with `supervise down`, or give this one another --project-name",
      };
    case "failed":
      return {
        message: `cannot lock "${lock.path}": ${errnoText(errnoNumber(lock.errno) ?? 0)} (${lock.errno})`,
        hint: "name another place with --runtime-dir",
      };
  }
}

/**
 * Its numbers are those of other processes, and would be taken for those of ours. Without any /proc it goes on: what that would tell is then unknown, and nothing is
 * mistaken.
 */
function isProcForeign(): boolean {
  try {
    return readlinkSync("/proc/self") !== String(process.pid);
  } catch {
    // There is none; or it is one in which we do not exist.
    return existsSync("/proc/uptime");
  }
}

function isHeldByDead(kernel: Kernel, lock: ProjectLock | LockRefusal): boolean {
  if (lock.kind !== "busy" || lock.holder === null) return false;
  const stat = readStat(openProc(kernel), lock.holder);
  return stat === null || !isLive(stat);
}
