import { existsSync, readdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { createClient, type ControlClient } from "@supervise/control";
import { runtimeDirectories } from "@supervise/process";
import { optionList, optionText } from "./common-options.js";
import { configurationOptions, loadFor } from "./configuration.js";
import { CommandError, EXIT_CONFIGURATION, type VerbContext } from "./verb.js";

/** Name of the control socket in a runtime directory. */
export const CONTROL_SOCKET = "control";

/** A client of the supervisor that the options, or the configuration here, name. Whether anybody listens shows at the first request. */
export async function findSupervisor(context: VerbContext): Promise<ControlClient> {
  return createClient({ socketPath: await findSocket(context) });
}

/**
 * --socket; else `control` in --runtime-dir; else in the runtime directory of the project that -p or the configuration names; else of the only
 * project that runs.
 */
export async function findSocket(context: VerbContext): Promise<string> {
  const { io, options } = context;
  const named = optionText(options, "socket");
  if (named !== null) return resolve(io.workingDirectory, named);
  const directory = optionText(options, "runtime-dir");
  if (directory !== null) return resolve(io.workingDirectory, directory, CONTROL_SOCKET);
  const project = await projectName(context);
  if (project !== null) return socketOf(context, project);
  const running = runningProjects(context);
  const [only] = running;
  if (running.length === 1 && only !== undefined) return socketOf(context, only);
  throw new CommandError(
    running.length === 0 ? "cannot find a supervisor: no project runs, and there is no configuration here" : `cannot choose a supervisor: ${running.join(", ")} run`,
    { hint: running.length === 0 ? "start one with supervise up, or name a socket with --socket" : "choose one with --project-name" },
  );
}

function socketOf(context: VerbContext, project: string): string {
  const candidates = directories(context, project).map((directory) => `${directory}/${CONTROL_SOCKET}`);
  return candidates.find((path) => existsSync(path)) ?? candidates[0] ?? "";
}

function directories({ io }: VerbContext, project: string): readonly string[] {
  return runtimeDirectories({ project, uid: process.geteuid?.() ?? 0, env: io.environment });
}

async function projectName(context: VerbContext): Promise<string | null> {
  const named = optionText(context.options, "project-name");
  if (named !== null) return named;
  const asked = optionList(context.options, "file").length > 0;
  try {
    configurationOptions(context);
  } catch (error) {
    if (!asked && error instanceof CommandError && error.exitCode === EXIT_CONFIGURATION) return null;
    throw error;
  }
  const { configuration } = await loadFor(context);
  if (configuration === null) {
    throw new CommandError("cannot tell the project: the configuration has mistakes", { exitCode: EXIT_CONFIGURATION, hint: "see them with supervise check, or name the project with --project-name" });
  }
  return configuration.name;
}

/** Projects with a control socket in one of the places where runtime directories are made. */
function runningProjects(context: VerbContext): readonly string[] {
  const found = new Set<string>();
  for (const directory of directories(context, "any")) {
    const base = dirname(directory);
    for (const name of entriesOf(base)) if (existsSync(`${base}/${name}/${CONTROL_SOCKET}`)) found.add(name);
  }
  return [...found].toSorted();
}

function entriesOf(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    // Not there, or not ours to read: nothing of ours runs there.
    return [];
  }
}
