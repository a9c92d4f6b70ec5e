import type { ExitStatus, ServiceSpec } from "@supervise/model";
import { describePidfile, examinePidfile, readStat } from "@supervise/process";
import type { LiveRun } from "./live-run.js";
import type { Room } from "./room.js";
import { startProbeSeries, type ProbeResult } from "./readiness/probe.js";
import type { Trees } from "./trees.js";

/** How often a pidfile that is not there yet is looked for, in milliseconds: nobody says when it appears. */
const LOOK_EVERY_MS = 20;
/** A daemon whose pidfile is later than this has failed to start, in milliseconds. */
const PIDFILE_LIMIT_MS = 60_000;

export interface Forking {
  /** Before a spawn: a pidfile that is left from before is told, and removed where it names nobody. */
  prepare(spec: ServiceSpec): void;
  /** The main process of a forking service's run has ended. True: the run goes on with the daemon that it left. */
  follow(run: LiveRun, status: ExitStatus): boolean;
}

export interface ForkingPort {
  /** What the daemon's pidfile still lacks. */
  readonly lacks: (run: LiveRun, detail: string) => void;
  /** The main process is another one now. */
  readonly moved: (run: LiveRun) => void;
}

/**
 * From the command of a `forking` service to its daemon: by the pidfile that the daemon writes, believed only if it names a process of the
 * run's own tree, else by the tree itself.
 */
export function createForking(room: Room, trees: Trees, { lacks, moved }: ForkingPort): Forking {
  /** Runs whose main process was guessed from the tree: it may turn out to be a step on the way to the daemon. */
  const guessed = new Set<LiveRun>();
  const found = new Set<LiveRun>();

  const settle = (run: LiveRun, pid: number): void => {
    found.add(run);
    room.live.moveMain(run, pid);
    trees.promote(pid);
    moved(run);
    room.post({ type: "mainMoved", name: run.name, run: run.run, pid });
  };

  const seekByPidfile = (run: LiveRun, path: string): void => {
    const probe = async (): Promise<ProbeResult> => {
      const members = trees.members(run);
      if (members.length === 0) return { ok: false, detail: "the daemon has ended" };
      const verdict = examinePidfile(room.proc, path, {
        expectTree: (pid) => members.includes(pid),
      });
      if (verdict.kind !== "valid") return { ok: false, detail: describePidfile(verdict, path) };
      settle(run, verdict.pid);
      return { ok: true };
    };
    const giveUp = setTimeout(() => {
      room.post({
        type: "readinessFailed",
        name: run.name,
        run: run.run,
        detail: `no valid pidfile within ${PIDFILE_LIMIT_MS / 1_000} s: ${last}`,
      });
    }, PIDFILE_LIMIT_MS);
    let last = `"${path}" was not looked at`;
    const stop = startProbeSeries({
      probe,
      intervalMs: LOOK_EVERY_MS,
      onReady: () => clearTimeout(giveUp),
      onDetail: (detail) => {
        last = detail;
        lacks(run, detail);
      },
    });
    run.undo.push(() => {
      stop();
      clearTimeout(giveUp);
      found.delete(run);
    });
  };

  /** The oldest process that was left behind: the daemon, or its parent, which then leaves the daemon in its turn. */
  const guess = (run: LiveRun): number | null => {
    let best: { readonly pid: number; readonly startTicks: number } | null = null;
    for (const pid of run.orphans) {
      const stat = readStat(room.proc, pid);
      if (
        stat !== null &&
        stat.state !== "Z" &&
        (best === null || stat.startTicks < best.startTicks)
      )
        best = { pid, startTicks: stat.startTicks };
    }
    return best?.pid ?? null;
  };

  const followGuess = (run: LiveRun): boolean => {
    const pid = guess(run);
    if (pid === null) return false;
    guessed.add(run);
    run.undo.push(() => void guessed.delete(run));
    settle(run, pid);
    return true;
  };

  const prepare = (spec: ServiceSpec): void => {
    if (spec.type !== "forking" || spec.pidfile === null) return;
    const verdict = examinePidfile(room.proc, spec.pidfile, { expectTree: () => false });
    if (verdict.kind === "absent") return;
    const worthless =
      verdict.kind === "stale" || verdict.kind === "reused" || verdict.kind === "malformed";
    const message = `${describePidfile(verdict, spec.pidfile)}; it is ${worthless ? "removed" : "left as it is, and not believed"}`;
    room.events.add({ service: spec.name, kind: "pidfile", message });
    room.hub.say(message, "warning");
    if (worthless) room.kernel.unlink(spec.pidfile);
  };

  return {
    prepare,
    follow: (run, status) => {
      if (run.spec.type !== "forking") return false;
      if (found.has(run)) return guessed.has(run) && followGuess(run);
      if (status.kind !== "code" || status.code !== 0) return false;
      if (run.orphans.size === 0) return false;
      if (run.spec.pidfile === null) return followGuess(run);
      room.live.moveMain(run, 0);
      seekByPidfile(run, run.spec.pidfile);
      return true;
    },
  };
}
