// @ts-check
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import os from "node:os";

/** What a figure depends on and a reader of it must know. */
export function describeMachine() {
  const cpus = os.cpus();
  return {
    kernel: os.release(),
    architecture: os.arch(),
    processors: cpus.length,
    processor: cpus[0]?.model ?? "unknown",
    memoryMb: Math.round(os.totalmem() / 2 ** 20),
    node: process.version,
    packages: packageVersions(["runit", "s6", "daemontools", "supervisor"]),
  };
}

/** Processes that wanted a processor in the last minute, on average. */
export function load() {
  return Number(readFileSync("/proc/loadavg", "utf8").split(" ")[0]);
}

/**
 * Versions of the Debian packages among `names` that are installed; none where there is no dpkg.
 *
 * @param {string[]} names
 * @returns {Record<string, string>}
 */
function packageVersions(names) {
  /** @type {Record<string, string>} */
  const versions = {};
  for (const name of names) {
    try {
      const format = ["--showformat", "${Version}", name];
      versions[name] = execFileSync("dpkg-query", ["--show", ...format], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      });
    } catch {
      // Not installed, or another distribution: the figure then goes without a version.
    }
  }
  return versions;
}
