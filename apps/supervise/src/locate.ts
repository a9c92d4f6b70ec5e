import { lstatSync, readdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { createClient } from "@supervise/control";
import type { ControlClient } from "@supervise/control";
import { runtimeDirectories } from "@supervise/process";
import { optionList, optionText } from "./common-options.js";
import { configurationOptions, loadFor } from "./configuration.js";
import type { Places } from "./verbs/supervisor-to-come.js";
import { CommandError, EXIT_CONFIGURATION } from "./verb.js";
import type { VerbContext } from "./verb.js";
import { CONTROL_SOCKET } from "./control-socket.js";

/** A supervisor that says nothing for so long is taken to be hung, in milliseconds. */
const ANSWER_MS = 2_000;

/** What finding a supervisor needs of a verb's context. */
export interface LocateContext extends Pick<VerbContext, "io" | "options" | "version"> {
  /** For tests: where root's directories are. */
  readonly runRoot?: string;
}

/** A client of the supervisor that the options, or the configuration here, name. Whether anybody listens shows at the first request. */
export async function findSupervisor(context: LocateContext): Promise<ControlClient> {
  return createClient({ socketPath: await findSocket(context) });
}

/**
 * --socket; else `control` in --runtime-dir; else in the runtime directory of the project that -p or the configuration names, or that runs with a configuration that has mistakes by now; else of the
 * only project that runs; where several do, `choose` says which by their names (absent: that is an error). Only a socket that was named is used whoever owns it: in a folder that anybody can write, a socket of
 * somebody else is no supervisor of ours.
 */
export async function findSocket(
  context: LocateContext,
  choose: (sockets: ReadonlyMap<string, string>) => Promise<string> = (sockets) =>
    Promise.resolve(onlyOne(sockets)),
): Promise<string> {
  const { io, options } = context;
  const named = optionText(options, "socket");
  if (named !== null) return resolve(io.workingDirectory, named);
  const directory = optionText(options, "runtime-dir");
  if (directory !== null) return resolve(io.workingDirectory, directory, CONTROL_SOCKET);
  const project = await projectName(context);
  if (project !== null) return socketOf(context, project);
  const found = await answering(allSockets(context));
  return found.size > 1 ? choose(found) : onlyOne(found);
}

/**
 * Where the control socket of the supervisor that is meant is or will be, and whether somebody listens there. Null: nothing says which project is
 * meant. Throws a `CommandError` where the configuration has mistakes.
 */
export async function socketPlaces(context: LocateContext): Promise<Places | null> {
  const { io, options } = context;
  const named = optionText(options, "socket");
  const directory = optionText(options, "runtime-dir");
  if (named !== null) return { paths: [resolve(io.workingDirectory, named)], answers };
  if (directory !== null)
    return { paths: [resolve(io.workingDirectory, directory, CONTROL_SOCKET)], answers };
  const project = await projectName(context);
  if (project === null) return null;
  return {
    paths: directories(context, project).map((path) => `${path}/${CONTROL_SOCKET}`),
    answers: async (path) => isOurSocket(path) && (await answers(path)),
  };
}

function onlyOne(found: ReadonlyMap<string, string>): string {
  const [first, ...others] = found;
  if (first === undefined) {
    throw new CommandError(
      "cannot find a supervisor: no project runs, and there is no configuration here",
      { hint: "start one with supervise up, or name a socket with --socket" },
    );
  }
  if (others.length > 0) {
    const names = [...found.keys()].toSorted().map((name) => `"${name}"`);
    throw new CommandError(`cannot choose a supervisor: ${names.join(", ")} run`, {
      hint: "choose one with --project-name",
    });
  }
  return first[1];
}

/** Where none of ours is, the place where it would be: connecting to it says that it is not there. */
async function socketOf(context: LocateContext, project: string): Promise<string> {
  const candidates = directories(context, project).map((path) => `${path}/${CONTROL_SOCKET}`);
  const ours = candidates.filter(isOurSocket);
  if (ours.length < 2) return ours[0] ?? candidates[0] ?? "";
  // One of them may be what a supervisor left that was killed.
  const live = await Promise.all(ours.map(answers));
  return ours[live.indexOf(true)] ?? ours[0] ?? "";
}

function directories({ io, runRoot }: LocateContext, project: string): readonly string[] {
  const uid = process.geteuid?.() ?? 0;
  const env = io.environment;
  return runtimeDirectories({ project, uid, env, ...(runRoot === undefined ? {} : { runRoot }) });
}

async function projectName(context: LocateContext): Promise<string | null> {
  const named = optionText(context.options, "project-name");
  if (named !== null) return named;
  const asked = optionList(context.options, "file").length > 0;
  let files: readonly string[];
  try {
    ({ files } = configurationOptions(context));
  } catch (error) {
    const absent = error instanceof CommandError && error.exitCode === EXIT_CONFIGURATION;
    if (!asked && absent) return null;
    throw error;
  }
  const { configuration } = await loadFor(context);
  if (configuration !== null) return configuration.name;
  const running = await projectWith(context, files);
  if (running !== null) return running;
  throw new CommandError("cannot tell the project: the configuration has mistakes", {
    exitCode: EXIT_CONFIGURATION,
    hint: "see them with supervise check, or name the project with --project-name",
  });
}

/**
 * The one project that runs with these files. A mistake that is in them by now keeps nobody from its supervisor, which is asked what it was started with. Null: none does, or
 * several do.
 */
async function projectWith(
  context: LocateContext,
  files: readonly string[],
): Promise<string | null> {
  const wanted = files.map((file) => resolve(context.io.workingDirectory, file)).join("\n");
  const told = await Promise.all(
    allSockets(context).map(([, socketPath]) =>
      createClient({ socketPath })
        .project(AbortSignal.timeout(ANSWER_MS))
        // Dead, hung or no supervisor: not this one.
        .catch(() => null),
    ),
  );
  const names = new Set(
    told
      .filter((project) => project?.configurationFiles.join("\n") === wanted)
      .map((project) => project?.name ?? ""),
  );
  const [name] = names;
  return names.size === 1 ? (name ?? null) : null;
}

/** Every control socket of ours where runtime directories are made: project and path, the first place first. */
function allSockets(context: LocateContext): readonly (readonly [project: string, path: string])[] {
  const bases = directories(context, "any").map((directory) => dirname(directory));
  return bases.flatMap((base) =>
    entriesOf(base)
      .map((name) => [name, `${base}/${name}/${CONTROL_SOCKET}`] as const)
      .filter(([, path]) => isOurSocket(path)),
  );
}

/** By project. A single one is not asked: its own error says more than that none was found. */
async function answering(
  sockets: readonly (readonly [project: string, path: string])[],
): Promise<ReadonlyMap<string, string>> {
  if (sockets.length < 2) return new Map(sockets);
  const live = await Promise.all(sockets.map(([, path]) => answers(path)));
  return new Map(sockets.filter((_, index) => live[index]).toReversed());
}

async function answers(path: string): Promise<boolean> {
  const { connect } = await import("node:net");
  return new Promise((settle) => {
    const socket = connect(path);
    const end = (answered: boolean): void => {
      socket.destroy();
      settle(answered);
    };
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
  });
}

function isOurSocket(path: string): boolean {
  try {
    const found = lstatSync(path);
    return found.isSocket() && (found.uid === 0 || found.uid === process.geteuid?.());
  } catch {
    // Not there, or in a folder that is closed to us.
    return false;
  }
}

function entriesOf(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    // Not there, or not ours to read: nothing of ours runs there.
    return [];
  }
}
