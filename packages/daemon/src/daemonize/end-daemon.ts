import { readdirSync } from "node:fs";
import { constants } from "node:os";
import type { Kernel } from "@supervise/sys";
import { identityOf, sameIdentity, statFields } from "../identity.js";
import type { DaemonIdentity } from "../identity.js";
import { readable } from "./watch.js";

const { SIGTERM, SIGKILL, SIGCONT } = constants.signals;

export type EndCalls = Pick<
  Kernel,
  "pidfdOpen" | "pidfdSendSignal" | "kill" | "close" | "createPoller" | "monotonicMs"
>;

export interface EndedDaemon {
  /** Signals that it took: TERM alone, or KILL for what outlived its grace. */
  readonly killed: boolean;
  /** Processes that are still there after SIGKILL (in uninterruptible sleep, say); empty: all are gone. */
  readonly survivors: readonly number[];
}

/** How long the kernel may take to end what was killed, in milliseconds. */
const KILL_MS = 5_000;

/**
 * SIGTERM to exactly this process, and SIGKILL to it and its session once the grace is over; then whatever else is left of its session goes the same way. A
 * session is signalled only where it is the daemon's own: its leader is the daemon itself or gone, and it is not ours.
 */
export async function endDaemon(
  kernel: EndCalls,
  daemon: DaemonIdentity,
  graceMs: number,
): Promise<EndedDaemon> {
  const deadline = kernel.monotonicMs() + graceMs;
  const session = ownSession(daemon.pid);
  let killed = false;
  const left = (): readonly DaemonIdentity[] => [
    ...(sameIdentity(daemon, identityOf(daemon.pid)) ? [daemon] : []),
    ...members(session).filter((one) => one.pid !== daemon.pid),
  ];
  const end = async (signal: number, ms: number): Promise<boolean> => {
    for (const one of left()) signalProcess(kernel, one, signal);
    return await allEnded(kernel, left, kernel.monotonicMs() + ms);
  };
  signalProcess(kernel, daemon, SIGTERM);
  signalProcess(kernel, daemon, SIGCONT);
  if (await ended(kernel, daemon, graceMs)) {
    // What a daemon leaves behind has had its own SIGTERM yet to come.
    if (left().length > 0 && !(await end(SIGTERM, deadline - kernel.monotonicMs()))) {
      killed = true;
      await end(SIGKILL, KILL_MS);
    }
  } else {
    killed = true;
    await end(SIGKILL, KILL_MS);
  }
  return { killed, survivors: left().map(({ pid }) => pid) };
}

/** Sends to the process that is meant, never to another that has its number: bound by a pidfd first, compared after that. True: sent. */
export function signalProcess(
  kernel: Pick<EndCalls, "pidfdOpen" | "pidfdSendSignal" | "kill" | "close">,
  process: DaemonIdentity,
  signal: number,
): boolean {
  const pidfd = kernel.pidfdOpen(process.pid);
  const same = sameIdentity(process, identityOf(process.pid));
  // Linux before 5.3 has no pidfds: the two follow each other directly.
  if (pidfd < 0) return same && kernel.kill(process.pid, signal) === 0;
  const sent = same && kernel.pidfdSendSignal(pidfd, signal) === 0;
  kernel.close(pidfd);
  return sent;
}

async function allEnded(
  kernel: EndCalls,
  left: () => readonly DaemonIdentity[],
  deadline: number,
): Promise<boolean> {
  for (;;) {
    const [first] = left();
    if (first === undefined) return true;
    const ms = deadline - kernel.monotonicMs();
    if (ms <= 0 || !(await ended(kernel, first, ms))) return false;
  }
}

/** A zombie counts as ended: its number is its parent's to give back. */
async function ended(kernel: EndCalls, one: DaemonIdentity, ms: number): Promise<boolean> {
  const pidfd = kernel.pidfdOpen(one.pid);
  if (pidfd < 0) return !sameIdentity(one, identityOf(one.pid));
  const gone = !sameIdentity(one, identityOf(one.pid)) || (await readable(kernel, pidfd, ms));
  kernel.close(pidfd);
  return gone;
}

/** Null: the daemon's session is not its own alone. */
function ownSession(pid: number): number | null {
  const session = statFields(pid)?.session ?? 0;
  if (session <= 1 || session === statFields(process.pid)?.session) return null;
  return session === pid || identityOf(session) === null ? session : null;
}

function members(session: number | null): readonly DaemonIdentity[] {
  if (session === null) return [];
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name) || statFields(Number(name))?.session !== session) return [];
    return identityOf(Number(name)) ?? [];
  });
}
