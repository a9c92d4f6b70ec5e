import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { createKernel, type Kernel } from "@supervise/sys";

const ADDON = "node_modules/@supervise/sys/build/Release/supervise_sys.node";

/** The kernel, through the addon of the package that this program was installed with: as a bundle it can't find it beside its own file. */
export function openKernel(): Kernel {
  return createKernel(compiledAddon(import.meta.dirname) ?? packageFolder());
}

/** As Node looks for packages, but without asking each what it exports, which takes 4 ms. */
function compiledAddon(from: string): string | null {
  for (let folder = from; ; folder = dirname(folder)) {
    const path = join(folder, ADDON);
    if (existsSync(path)) return path;
    if (folder === dirname(folder)) return null;
  }
}

/** Where a prebuilt addon may be. Mostly there is a compiled one, and a start need not load node:module. */
function packageFolder(): string {
  const { createRequire } = process.getBuiltinModule("node:module");
  return dirname(dirname(createRequire(import.meta.url).resolve("@supervise/sys")));
}
