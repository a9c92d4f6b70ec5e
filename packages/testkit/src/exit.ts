import type { ChildProcess } from "node:child_process";
import { beforeDeadline } from "./deadline.js";
import type { DeadlineOptions } from "./deadline.js";

/** How a child ended: one of the two is null. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Resolves when the child has ended (at once if it already has). Rejects at the deadline, and if it never started. */
export async function waitForExit(
  child: ChildProcess,
  options: Partial<DeadlineOptions> = {},
): Promise<Exit> {
  if (child.exitCode !== null || child.signalCode !== null)
    return { code: child.exitCode, signal: child.signalCode };
  const ended = new Promise<Exit>((resolve, reject) => {
    child.once("exit", (code, signal) => resolve({ code, signal }));
    child.once("error", reject);
  });
  return await beforeDeadline(
    ended,
    { what: `the end of process ${child.pid} (${child.spawnfile})`, ...options },
    () => "it still runs",
  );
}
