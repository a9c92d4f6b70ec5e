import type { ServiceSpec, SignalName } from "@supervise/model";
import { errnoName, errnoText, signalNumber, type Result } from "@supervise/sys";
import { readStat } from "@supervise/process";
import { settingOf } from "./command-setting.js";
import type { LiveRun } from "./live-run.js";
import type { Room } from "./room.js";
import { signalMain } from "./signal-main.js";
import type { Trees } from "./trees.js";

const ESRCH = -3;
/** Rounds of SIGKILL after which a tree that keeps forking is left to the next deadline. */
const KILL_ROUNDS = 50;

export interface Stopping {
  /** The spec's stop command, or its stop signal to the main process (`useSignal` after a stop command that failed). */
  begin(run: LiveRun, useSignal: boolean): void;
  /** To every process of the tree. */
  signalTree(run: LiveRun, signal: SignalName): void;
  /** SIGKILL to every process of the tree, until no new one appears. */
  killTree(run: LiveRun): void;
  /** Who is left, zombies not counted. */
  survivors(run: LiveRun): readonly number[];
}

export function createStopping(room: Room, trees: Trees): Stopping {
  const tell = (pid: number, result: Result): void => {
    if (result < 0 && result !== ESRCH)
      room.warn(
        null,
        `Cannot signal pid ${pid}: ${errnoText(result)} (${errnoName(result)}); the stop goes on to SIGKILL at its deadline`,
      );
  };
  const send = (pid: number, signal: number): void => tell(pid, room.kernel.kill(pid, signal));

  /** The spec in force: how a service is stopped may have changed while it ran. */
  const specOf = (run: LiveRun): ServiceSpec => room.spec(run.name) ?? run.spec;

  const stopMain = (run: LiveRun): void => {
    if (run.mainEnded) return;
    // A stopped process would act on the signal only when somebody continues it.
    for (const signal of [numberOf(specOf(run).stop.signal), numberOf("SIGCONT")]) {
      if (run.mainPid > 0) tell(run.mainPid, signalMain(room, run, signal));
      // While a forking service's daemon is looked for there is no main process: all of its tree is told. (Number 0 would be our own process group.)
      else for (const pid of trees.members(run)) send(pid, signal);
    }
    room.keeping.stopBegun(run);
  };

  /** Stop commands that run: what gets SIGKILL has no more use for one. */
  const commands = new Map<LiveRun, AbortController>();

  const runCommand = async (run: LiveRun): Promise<void> => {
    const command = specOf(run).stop.command;
    if (command === null) return;
    const setting = settingOf(room, run.spec, [
      `MAINPID=${run.mainPid}`,
      `INVOCATION_ID=${run.invocationId}`,
    ]);
    room.keeping.stopBegun(run);
    const given = new AbortController();
    commands.set(run, given);
    const limitMs = specOf(run).stop.gracePeriodMs;
    const result = await room.commands.run(command, setting, limitMs, given.signal);
    commands.delete(run);
    if (result.ok || given.signal.aborted) return;
    const detail = `stop command: ${result.detail}${result.output === "" ? "" : `: ${result.output}`}`;
    room.warn(
      run.name,
      `The stop command of service "${run.name}" did not do it: ${result.detail}${result.output === "" ? "" : `: ${result.output}`}; the stop signal is sent`,
    );
    room.post({ type: "stopCommandFailed", name: run.name, run: run.run, detail });
  };

  /** Stops what is alive until no new process appears, so that nothing can fork away from the SIGKILL that follows. */
  const freeze = (run: LiveRun, killed: ReadonlySet<number>): ReadonlySet<number> => {
    const frozen = new Set<number>();
    for (let look = 0; look < KILL_ROUNDS; look += 1) {
      const fresh = trees.members(run).filter((pid) => !killed.has(pid) && !frozen.has(pid));
      if (fresh.length === 0) break;
      // A single process is killed at once; should it just have forked, the next round finds the child.
      if (frozen.size + fresh.length > 1) for (const pid of fresh) send(pid, numberOf("SIGSTOP"));
      for (const pid of fresh) frozen.add(pid);
    }
    return frozen;
  };

  const killTree = (run: LiveRun): void => {
    commands.get(run)?.abort();
    const killed = new Set<number>();
    for (let round = 0; round < KILL_ROUNDS; round += 1) {
      const frozen = freeze(run, killed);
      if (frozen.size === 0) return;
      // Those that fork and exit faster than they can be listed share a process group with one that was found.
      if ([...frozen].some((pid) => readStat(room.proc, pid)?.processGroup === run.session))
        send(-run.session, numberOf("SIGKILL"));
      for (const pid of frozen) {
        send(pid, numberOf("SIGKILL"));
        killed.add(pid);
      }
    }
  };

  return {
    begin: (run, useSignal) => {
      if (specOf(run).stop.command === null || useSignal || run.mainPid === 0) stopMain(run);
      else void runCommand(run);
    },
    signalTree: (run, signal) => {
      for (const pid of trees.members(run)) {
        send(pid, numberOf(signal));
        send(pid, numberOf("SIGCONT"));
      }
    },
    killTree,
    survivors: (run) => trees.members(run).filter((pid) => readStat(room.proc, pid)?.state !== "Z"),
  };
}

/** The configuration has only names that exist. */
function numberOf(name: SignalName): number {
  const number = signalNumber(name);
  if (number === null) throw new Error(`internal error: no such signal "${name}"`);
  return number;
}
