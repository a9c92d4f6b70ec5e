import type { ExitStatus, ServiceMachine, ServiceSpec } from "@supervise/model";
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
  /** A run of an earlier supervisor goes on: where it was on the way to its daemon follows from its machine. */
  resume(run: LiveRun, machine: Pick<ServiceMachine, "moved">): void;
  /** The run is to stop: a daemon that was not found until now is not looked for any more. */
  abandon(run: LiveRun): void;
}

export interface ForkingPort {
  /** What the daemon's pidfile still lacks. */
  readonly lacks: (run: LiveRun, detail: string) => void;
  /** The main process is another one now. */
  readonly moved: (run: LiveRun) => void;
}

/** Of /proc/PID/stat; the same on all architectures that Node runs on. */
const TICKS_PER_SECOND = 100;

/** How far it is from the command to the daemon. "guessed": found by the tree alone, and perhaps only a step on the way. */
type Stage = "seeking" | "guessed" | "found" | "abandoned";

/**
 * From the command of a `forking` service to its daemon: by the pidfile that the daemon writes, believed only if it names a process of the
 * run's own tree, else by the tree itself.
 *
 * A daemon can hide whose it is: nginx makes its own session, overwrites its environment with its title and closes our pipe. It is then an
 * orphan of ours that no run owns. Such a one is believed to be the run's if it appeared after the run's start and the run's pidfile names it.
 */
export function createForking(room: Room, trees: Trees, { lacks, moved }: ForkingPort): Forking {
  const stages = new Map<LiveRun, Stage>();
  /** When a service's latest run was about to be spawned, in clock ticks after boot. */
  const preparedAt = new Map<string, number>();

  const enter = (run: LiveRun, stage: Stage): void => {
    if (!stages.has(run)) run.undo.push(() => void stages.delete(run));
    stages.set(run, stage);
  };

  /** Orphans without an owner that appeared after the run's start: one of them may be its daemon. */
  const newcomers = (run: LiveRun): readonly number[] => {
    trees.refresh();
    return trees.unattributed().filter((pid) => {
      const stat = readStat(room.proc, pid);
      return (
        stat !== null &&
        stat.state !== "Z" &&
        stat.startTicks >= (preparedAt.get(run.name) ?? Number.POSITIVE_INFINITY)
      );
    });
  };

  const settle = (run: LiveRun, pid: number, stage: "guessed" | "found"): void => {
    enter(run, stage);
    room.live.moveMain(run, pid);
    trees.promote(run, pid);
    moved(run);
    room.post({ type: "mainMoved", name: run.name, run: run.run, pid });
  };

  const seekByPidfile = (run: LiveRun, path: string): void => {
    enter(run, "seeking");
    const probe = async (): Promise<ProbeResult> => {
      const members = trees.members(run);
      const hidden = newcomers(run);
      if (members.length === 0 && hidden.length === 0)
        return { ok: false, detail: "the daemon has ended" };
      const verdict = examinePidfile(room.proc, path, {
        expectTree: (pid) => members.includes(pid) || hidden.includes(pid),
      });
      if (verdict.kind !== "valid") return { ok: false, detail: describePidfile(verdict, path) };
      settle(run, verdict.pid, "found");
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
    settle(run, pid, "guessed");
    return true;
  };

  const prepare = (spec: ServiceSpec): void => {
    if (spec.type !== "forking" || spec.pidfile === null) return;
    preparedAt.set(spec.name, ticksAfterBoot(room));
    const verdict = examinePidfile(room.proc, spec.pidfile, { expectTree: () => false });
    if (verdict.kind === "absent") return;
    const worthless =
      verdict.kind === "stale" || verdict.kind === "reused" || verdict.kind === "malformed";
    const message = `${describePidfile(verdict, spec.pidfile)}; it is ${worthless ? "removed" : "left as it is, and not believed"}`;
    room.events.add({ service: spec.name, kind: "pidfile", message });
    room.hub.say(message, "warning");
    if (worthless) room.kernel.unlink(spec.pidfile);
  };

  const follow = (run: LiveRun, status: ExitStatus): boolean => {
    if (run.spec.type !== "forking") return false;
    const path = run.spec.pidfile;
    switch (stages.get(run)) {
      case "found":
      case "abandoned":
        return false;
      case "guessed":
        return followGuess(run);
      case "seeking":
        return run.orphans.size > 0 || newcomers(run).length > 0;
      case undefined:
        if (status.kind !== "code" || status.code !== 0) return false;
        if (path === null) return followGuess(run);
        if (run.orphans.size === 0 && newcomers(run).length === 0) return false;
        room.live.moveMain(run, 0);
        seekByPidfile(run, path);
        return true;
    }
  };

  return {
    prepare,
    follow,
    resume: (run, { moved: found }) => {
      const path = run.spec.pidfile;
      if (run.spec.type !== "forking" || run.mainEnded) return;
      const ageTicks = ((room.realtimeMs() - run.startedAtMs) * TICKS_PER_SECOND) / 1_000;
      preparedAt.set(run.name, Math.floor(ticksAfterBoot(room) - ageTicks));
      if (found) enter(run, path === null ? "guessed" : "found");
      else if (run.mainPid === 0 && path !== null) seekByPidfile(run, path);
    },
    abandon: (run) => {
      if (stages.get(run) === "seeking") enter(run, "abandoned");
    },
  };
}

/** Of the same clock, in the same unit and rounded as /proc/PID/stat tells a process's start; infinite where /proc does not say. */
function ticksAfterBoot(room: Room): number {
  const found = /^(\d+)\.(\d\d)/.exec(room.proc.text("uptime") ?? "");
  return found === null ? Number.POSITIVE_INFINITY : Number(`${found[1]}${found[2]}`);
}
