import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const ADDON =
  "node_modules/@supervise/daemon/node_modules/@supervise/sys/build/Release/supervise_sys.node";

/** The addon of the kit that this program was installed with: the file where this workspace has it, else the folder of its package, where a prebuilt one may be. */
export function findAddon(): string {
  // As Node looks for packages, but without asking each what it exports, which takes 4 ms.
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    const path = join(folder, ADDON);
    if (existsSync(path)) return path;
    if (folder === dirname(folder)) break;
  }
  const kit = createRequire(import.meta.url).resolve("@supervise/daemon");
  return dirname(dirname(createRequire(kit).resolve("@supervise/sys")));
}
