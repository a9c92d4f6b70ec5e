import { constants } from "node:os";
import type { ExecContext } from "@supervise/model";
import {
  createPlanContext,
  describeSpawnFailure,
  finishPlan,
  openProc,
  originalOpenFiles,
  planSpawn,
  readEnvironmentOf,
} from "@supervise/process";
import type { PlanContext } from "@supervise/process";
import { errnoName } from "@supervise/sys";
import type { EndedChild, Kernel, SpawnRequest, SpawnResult } from "@supervise/sys";
import { isTerminal } from "../is-terminal.js";
import { SOCKET } from "../common-options.js";
import { DROPPED_VARIABLES } from "../dropped-variables.js";
import { openKernel } from "../kernel.js";
import { findSupervisor } from "../locate.js";
import { CommandError, EXIT_USAGE } from "../verb.js";
import type { Verb, VerbContext } from "../verb.js";
import { isInit } from "./supervisor-end.js";

/** As a shell has it: the command is there and can't be run; it is not there. */
const EXIT_NOT_EXECUTABLE = 126;
const EXIT_NOT_FOUND = 127;

export const verb: Verb = {
  name: "exec",
  summary:
    "run a command as a service runs: its environment, directory, user, groups, limits and umask",
  usage: "NAME -- COMMAND [ARG...]",
  takesCommand: true,
  options: [SOCKET],
  run: async (context) => {
    const { name, command } = wordsOf(context);
    const client = await findSupervisor(context);
    const [setting, { pid, keeperPid }] = await Promise.all([
      client.execContext(name),
      client.project(),
    ]);
    const kernel = openKernel();
    const plan = planSpawn(
      { process: { ...setting, command: { words: command }, tty: false } },
      planContext(kernel, pid, keeperPid ?? null),
    );
    const what = `cannot run "${command[0]}" as service "${name}"`;
    if (plan.kind === "failure") {
      const { stage, errno } = plan.failure;
      throw new CommandError(`${what}: ${stage} (${errno})`, { exitCode: EXIT_NOT_EXECUTABLE });
    }
    const request = finishPlan(plan, {
      descriptors: [0, 1, 2],
      environment: terminalVariables(context, setting),
    });
    const atTerminal = isTerminal(0) || context.io.outIsTerminal || context.io.errIsTerminal;
    const result = await spawnAndWait(kernel, { ...request, session: "inherit" }, atTerminal);
    if (!("stage" in result)) return exitCodeOf(result);
    const { stage, errno } = describeSpawnFailure(result, plan);
    const absent = result.stage === "exec" && errnoName(result.errno) === "ENOENT";
    throw new CommandError(`${what}: ${stage} (${errno})`, {
      exitCode: absent ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE,
    });
  },
};

function wordsOf({ words, rest }: VerbContext): {
  readonly name: string;
  readonly command: readonly string[];
} {
  const [name, ...more] = words;
  const command = rest ?? more;
  if (name === undefined || command.length === 0 || (rest !== null && more.length > 0)) {
    throw new CommandError("cannot run a command: one service and a command must be named", {
      exitCode: EXIT_USAGE,
      hint: "supervise exec web -- env",
    });
  }
  return { name, command };
}

/**
 * Services inherit the environment that the keeper got, from which the supervisor's lacks what would change Node, or else the supervisor's; not that of whoever asks.
 * Without the right to read it, ours must do.
 */
function planContext(kernel: Kernel, supervisor: number, keeper: number | null): PlanContext {
  const proc = openProc(kernel);
  const own = createPlanContext(kernel, proc, {
    dropVariables: [...DROPPED_VARIABLES, ...TERMINAL_VARIABLES],
    openFiles: originalOpenFiles(proc),
  });
  const source = keeper !== null && isInit(proc, keeper) ? keeper : supervisor;
  return { ...own, environment: readEnvironmentOf(proc, source) ?? own.environment };
}

/** The terminal is the caller's, not the one that the supervisor was started at. */
const TERMINAL_VARIABLES = ["TERM", "COLORTERM"];

function terminalVariables({ io }: VerbContext, { environment }: ExecContext): readonly string[] {
  return TERMINAL_VARIABLES.flatMap((name) => {
    const value = io.environment[name];
    return value === undefined || Object.hasOwn(environment, name) ? [] : [`${name}=${value}`];
  });
}

type Spawned = EndedChild | Exclude<SpawnResult, { readonly pid: number }>;

/**
 * The command shares our terminal and process group: Ctrl-C and Ctrl-Z reach it without us. What is sent to us alone is passed on, and we
 * stay until it has ended.
 */
function spawnAndWait(
  kernel: Kernel,
  request: SpawnRequest,
  atTerminal: boolean,
): Promise<Spawned> {
  return new Promise((settle) => {
    let pid = 0;
    const passOn = (signal: NodeJS.Signals): void => {
      if (pid > 0) kernel.kill(pid, constants.signals[signal]);
    };
    const leave = (): void => undefined;
    const handlers: readonly (readonly [NodeJS.Signals, NodeJS.SignalsListener])[] = [
      ["SIGINT", atTerminal ? leave : passOn],
      ["SIGQUIT", atTerminal ? leave : passOn],
      ["SIGTERM", passOn],
      ["SIGHUP", passOn],
      ["SIGUSR1", passOn],
      ["SIGUSR2", passOn],
      ["SIGCHLD", () => collect()],
    ];
    // A signal handler alone does not hold the event loop open. Its time never comes.
    const hold = setInterval(leave, 2 ** 31 - 1);
    const end = (result: Spawned): void => {
      clearInterval(hold);
      for (const [signal, handler] of handlers) process.off(signal, handler);
      settle(result);
    };
    const collect = (): void => {
      const ended = kernel.reap(() => false).find((child) => child.pid === pid);
      if (ended !== undefined) end(ended);
    };
    // Before the spawn: a command may end at once.
    for (const [signal, handler] of handlers) process.on(signal, handler);
    const result = kernel.spawn(request);
    if ("stage" in result) end(result);
    else pid = result.pid;
  });
}

function exitCodeOf({ code, signal }: EndedChild): number {
  return code ?? 128 + (signal ?? 0);
}
