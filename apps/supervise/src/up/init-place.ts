import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { DEFAULT_PATH } from "@supervise/process";

/** Names the init; empty: none is used. */
export const INIT_VARIABLE = "SUPERVISE_INIT";

const NAME = "supervise-init";

/** Seen from a folder above this file: in a checkout, and in `node_modules`. */
const PLACES = [`packages/init/bin/${NAME}`, `node_modules/@supervise/init/bin/${NAME}`];

/** The init, and what it has to be told to find us. */
export interface InitPlace {
  readonly path: string;
  /** Variables that it needs besides the environment: it finds Node and this command by itself where they are in the usual places. */
  readonly variables: readonly string[];
}

/** Where the init is; null: it was not built, or is not wanted. */
export function findInit(environment: NodeJS.ProcessEnv): InitPlace | null {
  const named = environment[INIT_VARIABLE];
  if (named !== undefined) {
    const path = named !== "" && isProgram(named) ? named : null;
    return path === null ? null : { path, variables: variables(environment, true) };
  }
  const near = nearby(import.meta.dirname);
  if (near !== null) return { path: near, variables: variables(environment, false) };
  const path = inPath(NAME, environment);
  return path === null ? null : { path, variables: variables(environment, true) };
}

/** Where the init was looked for, for people. */
export function whereInit(environment: NodeJS.ProcessEnv): string {
  const named = environment[INIT_VARIABLE];
  if (named === undefined) return `no program "${NAME}" beside this one or in PATH`;
  return named === "" ? `${INIT_VARIABLE} is empty` : `${INIT_VARIABLE}="${named}" is no program`;
}

function nearby(from: string): string | null {
  for (let folder = from; ; folder = dirname(folder)) {
    const found = PLACES.map((place) => join(folder, place)).find(isProgram);
    if (found !== undefined) return found;
    if (folder === dirname(folder)) return null;
  }
}

function inPath(name: string, environment: NodeJS.ProcessEnv): string | null {
  const folders = (environment["PATH"] ?? DEFAULT_PATH).split(":");
  return folders.map((folder) => join(folder || ".", name)).find(isProgram) ?? null;
}

/** `far`: we are not where it looks for us. */
function variables(environment: NodeJS.ProcessEnv, far: boolean): readonly string[] {
  const found = inPath("node", environment);
  const sameNode = found !== null && realpathSync(found) === realpathSync(process.execPath);
  const command = process.argv[1] ?? "";
  const isSet = (name: string): boolean => (environment[name] ?? "") !== "";
  return [
    ...(isSet("SUPERVISE_NODE") || sameNode ? [] : [`SUPERVISE_NODE=${process.execPath}`]),
    ...(isSet("SUPERVISE_COMMAND") || !far ? [] : [`SUPERVISE_COMMAND=${realpathSync(command)}`]),
  ];
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    // Not there, or not for us to run.
    return false;
  }
}
