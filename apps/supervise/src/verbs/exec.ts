import { spawn } from "node:child_process";
import { constants } from "node:os";
import { resolveCredentials } from "@supervise/process";
import type { ExecContext } from "@supervise/model";
import type { Kernel } from "@supervise/sys";
import { openKernel } from "../kernel.js";
import { findSupervisor } from "../locate.js";
import { CommandError, EXIT_USAGE, type Verb } from "../verb.js";

export const verb: Verb = {
  name: "exec",
  summary: "run a command as a service runs: its environment, directory, user and umask",
  usage: "NAME -- COMMAND [ARG...]",
  options: [],
  run: async (context) => {
    const { io, words, rest } = context;
    const [name, ...more] = words;
    const command = rest ?? more;
    const [file, ...args] = command;
    if (name === undefined || file === undefined || (rest !== null && more.length > 0)) {
      throw new CommandError("cannot run a command: a service and a command must be named", { exitCode: EXIT_USAGE, hint: "supervise exec web -- env" });
    }
    const client = await findSupervisor(context);
    const setting = await client.execContext(name);
    const user = credentialsOf(openKernel(), setting);
    if (setting.umask !== null) process.umask(setting.umask);
    const inherited = setting.inheritEnvironment ? io.environment : {};
    const child = spawn(file, args, {
      cwd: setting.workingDirectory,
      env: { ...inherited, ...setting.environment },
      stdio: "inherit",
      ...user,
    });
    // The terminal gives Ctrl-C to the command too; it decides.
    const ignore = (): void => undefined;
    for (const signal of ["SIGINT", "SIGQUIT"] as const) process.on(signal, ignore);
    return new Promise((resolve) => {
      child.once("error", (error: NodeJS.ErrnoException) => {
        io.err(`supervise: cannot execute "${file}": ${error.code ?? error.message}\n`);
        resolve(error.code === "ENOENT" ? 127 : 126);
      });
      child.once("exit", (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
    });
  },
};

function credentialsOf(kernel: Kernel, setting: ExecContext): { readonly uid?: number; readonly gid?: number } {
  if (setting.user === null) return {};
  const found = resolveCredentials(kernel, setting.user, setting.groupAdd, {
    uid: process.geteuid?.() ?? 0,
    gid: process.getegid?.() ?? 0,
    groups: process.getgroups?.() ?? [],
  });
  if ("unknownUser" in found) throw new CommandError(`cannot look up user "${found.unknownUser}": no such user`);
  if ("unknownGroup" in found) throw new CommandError(`cannot look up group "${found.unknownGroup}": no such group`);
  return { ...(found.uid === null ? {} : { uid: found.uid }), ...(found.gid === null ? {} : { gid: found.gid }) };
}
