// The rooms of the workspace as their manifests tell them, and the one way to run a tool.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, realpathSync } from "node:fs";
import { delimiter, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of this checkout. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

export const readJson = (path) => JSON.parse(readFileSync(path, "utf8"));

/**
 * Every package and app below `from`, in the order of their folders:
 * `{ name, folder, directory, manifest }`, `folder` being relative ("packages/model").
 */
export function rooms(from = root) {
  const found = [];
  for (const kind of ["packages", "apps"]) {
    const parent = join(from, kind);
    if (!existsSync(parent)) continue;
    for (const entry of readdirSync(parent).toSorted()) {
      const directory = join(parent, entry);
      const path = join(directory, "package.json");
      if (!existsSync(path)) continue;
      const manifest = readJson(path);
      found.push({ name: manifest.name, folder: `${kind}/${entry}`, directory, manifest });
    }
  }
  return found;
}

/** Absolute paths of the files below `directory` whose name ends so; none if there is no such directory. */
export function filesBelow(directory, ...endings) {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !relative(directory, path).includes("node_modules"))
    .toSorted();
}

/** The environment with the workspace's own tools first in the search path. */
export function toolEnvironment() {
  return {
    ...process.env,
    PATH: [join(root, "node_modules", ".bin"), process.env.PATH].join(delimiter),
  };
}

/**
 * Runs a tool to its end, in the root unless told otherwise. `output` is "inherit" to let it print, or "capture" to get its text back.
 * Returns `{ ok, text }`; a tool that cannot be started throws.
 */
export function run(
  command,
  args,
  { cwd = root, output = "inherit", env = toolEnvironment() } = {},
) {
  const stdio = output === "inherit" ? "inherit" : ["ignore", "pipe", "pipe"];
  const ended = spawnSync(command, args, { cwd, env, stdio, encoding: "utf8", maxBuffer: 1 << 28 });
  if (ended.error) throw new Error(`cannot run "${command}": ${ended.error.message}`);
  return { ok: ended.status === 0, text: `${ended.stdout ?? ""}${ended.stderr ?? ""}` };
}

/** Runs `main` if this module is the script that node was told to run. What it throws is for people: one line, exit code 1. */
export async function ifMain(url, main) {
  if (process.argv[1] === undefined || fileURLToPath(url) !== realpathSync(process.argv[1])) return;
  try {
    await main();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

/** For a script that lists faults: prints them and ends with 1 if there are any. */
export function report(faults) {
  for (const line of faults) console.error(line);
  process.exitCode = faults.length === 0 ? 0 : 1;
}
