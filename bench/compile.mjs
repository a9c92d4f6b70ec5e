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
 * Compiles what writes lines and what looks whether all are there.
 *
 * @param {string} directory
 */
export function compileLogPrograms(directory) {
  const [writer, check] = [join(directory, "log-writer"), join(directory, "log-check")];
  compile(writer, ["programs/log-writer.c"]);
  compile(check, ["programs/log-check.c"]);
  return { writer, check };
}

/**
 * Compiles the driver, the services and the C loop into `directory`, with the
 * system's compiler (`CC`, else `cc`).
 *
 * @param {string} directory
 * @returns {{ driver: string, stamp: string, cLoop: string, lines: string }} their paths
 */
export function compilePrograms(directory) {
  for (const [name, sources] of Object.entries(programs)) compile(join(directory, name), sources);
  return {
    driver: join(directory, "driver"),
    stamp: join(directory, "stamp"),
    cLoop: join(directory, "c-loop"),
    lines: join(directory, "lines"),
  };
}

/** @param {string} program @param {string[]} sources */
function compile(program, sources) {
  const flags = ["-std=gnu17", "-O2", "-Wall", "-Wextra", "-static", "-o", program];
  execFileSync(
    process.env["CC"] ?? "cc",
    [...flags, ...sources.map((source) => join(here, source))],
    { stdio: ["ignore", "inherit", "inherit"] },
  );
}
