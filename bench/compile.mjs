// @ts-check
// The small C programs are compiled anew for each run of the bench, static, so
// that a service costs no dynamic loading and shares no library with a supervisor.
import { execFileSync } from "node:child_process";
import { join } from "node:path";

const here = import.meta.dirname;

/** @type {Record<string, string[]>} */
const programs = {
  driver: ["driver/driver.c", "driver/tree.c"],
  stamp: ["programs/stamp.c"],
  "c-loop": ["programs/c-loop.c"],
  lines: ["programs/lines.c"],
};

/**
 * Compiles the driver, the services and the C loop into `directory`, with the
 * system's compiler (`CC`, else `cc`).
 *
 * @param {string} directory
 * @returns {{ driver: string, stamp: string, cLoop: string, lines: string }} their paths
 */
export function compilePrograms(directory) {
  const compiler = process.env["CC"] ?? "cc";
  for (const [name, sources] of Object.entries(programs)) {
    const flags = ["-std=gnu17", "-O2", "-Wall", "-Wextra", "-static", "-o", join(directory, name)];
    execFileSync(compiler, [...flags, ...sources.map((source) => join(here, source))], {
      stdio: ["ignore", "inherit", "inherit"],
    });
  }
  return {
    driver: join(directory, "driver"),
    stamp: join(directory, "stamp"),
    cLoop: join(directory, "c-loop"),
    lines: join(directory, "lines"),
  };
}
