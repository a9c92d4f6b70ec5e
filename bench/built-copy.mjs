// @ts-check
// A copy of what is built, for a run that takes long: a build meanwhile must not change the programs under its hands.
import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const parts = ["package.json", "bin", "build", "dist", "fixtures", "node_modules"];

/**
 * Copies all packages and apps to a directory, as far as they are needed to run. Links among them stay within the copy.
 * @param {string} directory
 */
export function copyBuilt(directory) {
  for (const kind of ["packages", "apps"])
    for (const name of readdirSync(join(root, kind)))
      for (const part of parts) {
        const from = join(root, kind, name, part);
        if (!existsSync(from)) continue;
        mkdirSync(join(directory, kind, name), { recursive: true });
        cpSync(from, join(directory, kind, name, part), {
          recursive: true,
          verbatimSymlinks: true,
        });
      }
  cpSync(join(root, "package.json"), join(directory, "package.json"));
  symlinkSync(join(root, "node_modules"), join(directory, "node_modules"));
}
