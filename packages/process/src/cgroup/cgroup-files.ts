import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { errnoOf } from "../errno-text.js";

/** Processes of a cgroup and of all cgroups below it, zombies included. Empty where it is gone. */
export function readCgroupProcs(path: string): readonly number[] {
  const pids: number[] = [];
  visit(path, (directory) => {
    for (const line of readOrEmpty(join(directory, "cgroup.procs")).split("\n")) {
      // "0": a process of a PID namespace that is not ours to see.
      if (line !== "" && line !== "0") pids.push(Number(line));
    }
  });
  return pids;
}

/** Is there a live process in it or below? False where it is gone. */
export function isPopulated(path: string): boolean {
  return /^populated 1$/m.test(readOrEmpty(join(path, "cgroup.events")));
}

/**
 * SIGKILL to everything in it and below, at once, forks under way included (cgroup.kill, Linux 5.14). False: this kernel has no such file, or the cgroup is
 * gone.
 */
export function killCgroup(path: string): boolean {
  return writeControl(join(path, "cgroup.kill"), "1") === null;
}

/** Null, or the errno. */
export function writeControl(path: string, value: string): string | null {
  try {
    writeFileSync(path, value, { flag: "r+" });
    return null;
  } catch (error) {
    return errnoOf(error);
  }
}

/** Directories below first, so that they can be removed in this order. */
export function visit(path: string, each: (directory: string) => void): void {
  for (const name of directoriesIn(path)) visit(join(path, name), each);
  each(path);
}

function directoriesIn(path: string): readonly string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch {
    // Removed meanwhile: nothing is below it.
    return [];
  }
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    // Removed meanwhile: nothing is in it.
    return "";
  }
}
