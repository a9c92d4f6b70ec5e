// @ts-check
// The inits that are compared, each as a file of its own: memory of a file that other programs of this machine run too would be counted
// only in part.
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { missingPackage } from "../peers/peer.mjs";

export const ours = "supervise-init";
export const withGlibc = "supervise-init, glibc";
export const withMusl = "supervise-init, musl";

const room = join(import.meta.dirname, "../../packages/init");

/**
 * @typedef {object} Init
 * @property {string} name
 * @property {string} path
 * @property {string[]} pid1 words before the command where it is PID 1
 * @property {string[] | undefined} child the same where it is an ordinary process; undefined: it will not be one
 */

/** A peer's package has its name. `child` is undefined where it refuses. */
const peers = [
  { name: "tini", pid1: ["--"], child: ["-s", "--"] },
  { name: "dumb-init", pid1: ["--"], child: ["--"] },
  { name: "catatonit", pid1: ["--"], child: undefined },
];

/**
 * Copies and builds the inits into `directory`.
 *
 * @param {string} directory
 * @param {(line: string) => void} say told of each one that is left out, with the reason
 * @returns {Init[]} in the order of the tables' rows
 */
export function gatherInits(directory, say) {
  const built = join(room, "bin/supervise-init");
  if (!existsSync(built)) throw new Error("supervise-init is not built: npm run build");
  const own = { pid1: ["--"], child: ["--"] };
  /** @type {Init[]} */
  const found = [{ name: ours, path: copy(built, directory, ours), ...own }];
  for (const [name, compiler] of /** @type {const} */ ([
    [withGlibc, process.env["CC"] ?? "cc"],
    [withMusl, "musl-gcc"],
  ])) {
    const path = join(directory, name.replace(/\W+/g, "-"));
    if (build(path, compiler)) found.push({ name, path, ...own });
    else say(`left out: ${name}: ${compiler} cannot build it`);
  }
  for (const { name, pid1, child } of peers) {
    const reason = missingPackage(name, name);
    if (reason === undefined)
      found.push({ name, path: copy(where(name), directory, name), pid1, child });
    else say(`left out: ${reason}`);
  }
  return found;
}

/** @param {Init} init */
export const fileKb = ({ path }) => statSync(path).size / 1000;

/** @param {string} name */
const where = (name) =>
  execFileSync("sh", ["-c", 'command -v "$1"', "sh", name], { encoding: "utf8" }).trim();

/**
 * @param {string} from
 * @param {string} directory
 * @param {string} name
 */
function copy(from, directory, name) {
  const path = join(directory, name);
  copyFileSync(from, path);
  return path;
}

/**
 * @param {string} path
 * @param {string} compiler
 * @returns {boolean} whether it could be built
 */
function build(path, compiler) {
  const script = join(room, "scripts/build.mjs");
  try {
    execFileSync(process.execPath, [script, "--libc", "static", "--out", path], {
      env: { ...process.env, CC: compiler },
      stdio: "ignore",
    });
    return true;
  } catch {
    return false;
  }
}
