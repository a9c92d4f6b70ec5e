import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createKernel, type Kernel } from "@supervise/sys";

/** The kernel, through the addon of the package that this program was installed with: as a bundle it can't find it beside its own file. */
export function openKernel(): Kernel {
  const folder = dirname(dirname(createRequire(import.meta.url).resolve("@supervise/sys")));
  const compiled = join(folder, "build", "Release", "supervise_sys.node");
  return createKernel(existsSync(compiled) ? compiled : folder);
}
