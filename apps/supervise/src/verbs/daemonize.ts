import { constants } from "node:os";
import { endDaemon, signalProcess } from "@supervise/daemon";
import { openProc, readPidfile, removePidfile, type Proc } from "@supervise/process";
import { errnoName, type Kernel } from "@supervise/sys";
import { openKernel } from "../kernel.js";
import { CommandError } from "../verb.js";
import type { Verb, VerbContext } from "../verb.js";
import { findDaemon } from "./daemonize-find.js";
import type { FoundDaemon } from "./daemonize-find.js";
import { DAEMONIZE_OPTIONS, readOptions } from "./daemonize-options.js";
import type { DaemonizeOptions } from "./daemonize-options.js";
import { runHere, startDaemon } from "./daemonize-start.js";

/** Those of the Linux Standard Base for a status. */
const STATUS_CODES = { running: 0, left: 1, down: 3, unproved: 4 } as const;

export const verb: Verb = {
  name: "daemonize",
  summary: "run a command as a daemon by the rules, and stop, restart or reload it",
  usage: "-- COMMAND [ARG...]",
  takesCommand: true,
  options: DAEMONIZE_OPTIONS,
  run: async (context) => {
    const options = readOptions(context);
    const kernel = openKernel();
    const proc = openProc(kernel);
    switch (options.action) {
      case "start":
        return start(context, kernel, proc, options);
      case "foreground":
        return runHere(context, kernel, proc, options);
      case "stop":
        return stop(context, kernel, proc, options);
      case "restart":
        await stop(context, kernel, proc, options);
        return start(context, kernel, proc, options);
      case "reload":
        return reload(context, kernel, proc, options);
      case "status":
        return status(context, findDaemon(kernel, proc, options), options);
    }
  },
};

async function start(
  context: VerbContext,
  kernel: Kernel,
  proc: Proc,
  options: DaemonizeOptions,
): Promise<number> {
  const { pid, over } = await startDaemon(context, kernel, proc, options);
  const rest = over ? ", which has ended already, with exit code 0" : "";
  if (!options.quiet) context.io.out(`started "${options.command[0]}" as process ${pid}${rest}\n`);
  return 0;
}

async function stop(
  { io }: VerbContext,
  kernel: Kernel,
  proc: Proc,
  options: DaemonizeOptions,
): Promise<number> {
  const found = findDaemon(kernel, proc, options);
  const say = (text: string): void => void (options.quiet || io.out(text));
  if (found.kind === "unproved") throw unproved("stop", found.why);
  if (found.kind === "down") {
    if (found.left) removeLeft(kernel, options);
    say(`nothing to stop: ${found.why}\n`);
    return 0;
  }
  const { pid } = found.identity;
  assertAllowed(kernel, "stop", pid);
  const { killed, survivors } = await endDaemon(kernel, found.identity, options.graceMs);
  if (survivors.length > 0)
    throw new CommandError(
      `cannot stop "${nameOf(options)}": still running after SIGKILL (pid ${survivors.join(", ")})`,
    );
  if (options.pidfile !== null) removePidfile(kernel, options.pidfile, pid);
  say(
    killed
      ? `stopped process ${pid}, with SIGKILL after ${options.graceMs / 1_000} s\n`
      : `stopped process ${pid}\n`,
  );
  return 0;
}

function reload(
  { io }: VerbContext,
  kernel: Kernel,
  proc: Proc,
  options: DaemonizeOptions,
): number {
  const found = findDaemon(kernel, proc, options);
  if (found.kind === "unproved") throw unproved("reload", found.why);
  if (found.kind === "down")
    throw new CommandError(`cannot reload "${nameOf(options)}": ${found.why}`);
  const { pid } = found.identity;
  assertAllowed(kernel, "reload", pid);
  if (!signalProcess(kernel, found.identity, constants.signals.SIGHUP))
    throw new CommandError(`cannot reload "${nameOf(options)}": process ${pid} has just ended`);
  if (!options.quiet) io.out(`sent SIGHUP to process ${pid}\n`);
  return 0;
}

/** For a program: what is known, by the words of the text. */
interface DaemonStatus {
  readonly status: "running" | "down" | "unknown";
  readonly pid: number | null;
  readonly why: string;
}

function status({ io }: VerbContext, found: FoundDaemon, options: DaemonizeOptions): number {
  const { text, code, ...told } = tell(found);
  if (options.json) io.out(`${JSON.stringify(told satisfies DaemonStatus)}\n`);
  else if (!options.quiet) io.out(`"${nameOf(options)}" ${text}: ${told.why}\n`);
  return code;
}

function tell(found: FoundDaemon): DaemonStatus & { readonly text: string; readonly code: number } {
  switch (found.kind) {
    case "running": {
      const { pid } = found.identity;
      const text = `runs as process ${pid}`;
      return { status: "running", pid, why: found.proof, text, code: STATUS_CODES.running };
    }
    case "down": {
      const code = found.left ? STATUS_CODES.left : STATUS_CODES.down;
      return { status: "down", pid: null, why: found.why, text: "does not run", code };
    }
    case "unproved":
      return {
        status: "unknown",
        pid: null,
        why: found.why,
        text: "is unknown",
        code: STATUS_CODES.unproved,
      };
  }
}

function unproved(action: string, why: string): CommandError {
  return new CommandError(`cannot ${action} a process that is not proved to be meant: ${why}`, {
    hint: "supervise pidfile FILE says more",
  });
}

/** Asked before anything is sent, so that a refusal is told as one. */
function assertAllowed(kernel: Kernel, action: string, pid: number): void {
  const errno = errnoName(kernel.kill(pid, 0));
  if (errno === "EPERM")
    throw new CommandError(`cannot ${action} process ${pid}: operation not permitted (EPERM)`);
}

/** The file of a daemon that is gone, with the number that was judged. */
function removeLeft(kernel: Kernel, { pidfile }: DaemonizeOptions): void {
  const content = pidfile === null ? null : readPidfile(pidfile, []);
  if (pidfile !== null && content?.kind === "number") removePidfile(kernel, pidfile, content.pid);
}

function nameOf({ pidfile, lockfile }: DaemonizeOptions): string {
  return pidfile ?? lockfile ?? "";
}
