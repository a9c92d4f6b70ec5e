// Installs the dependencies of the lockfile, unless exactly these are installed already.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ifMain, readJson, rooms, root, run } from "./workspace.mjs";

const stamp = join(root, "node_modules", ".installed");

/** What decides which packages stand in node_modules: the lockfile and every manifest. */
function wantedState() {
  const hash = createHash("sha256");
  const manifests = rooms().map((room) => join(room.directory, "package.json"));
  for (const path of ["pnpm-lock.yaml", "pnpm-workspace.yaml", "package.json"]
    .map((name) => join(root, name))
    .concat(manifests)) {
    hash.update(path.slice(root.length)).update("\0").update(readFileSync(path)).update("\0");
  }
  return hash.update(process.version).digest("hex");
}

export function install() {
  const wanted = wantedState();
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  const manager = readJson(join(root, "package.json")).packageManager;
  console.log(`install: ${manager} install --frozen-lockfile`);
  if (!run("npx", ["--yes", manager, "install", "--frozen-lockfile"]).ok)
    throw new Error(`cannot install the dependencies: ${manager} failed`);
  writeFileSync(stamp, wanted);
}

await ifMain(import.meta.url, install);
