// @ts-check
// The driver of the inits, and what runs under them.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

const here = import.meta.dirname;
const common = ["-std=gnu17", "-O2", "-Wall", "-Wextra", "-static"];

/** @type {Record<string, string[]>} */
const programs = {
  driver: ["driver.c", "../driver/tree.c"],
  handler: ["handler.c"],
  orphans: ["orphans.c"],
  first: ["first.c", "-nostdlib", "-fno-builtin", "-fno-stack-protector"],
};

/**
 * @typedef {object} Programs
 * @property {string} directory where all is
 * @property {string} page the file that the driver and the programs share
 * @property {string} driver
 * @property {string} handler
 * @property {string} orphans
 * @property {string} first
 */

/**
 * @param {string} directory
 * @returns {Programs}
 */
export function compileInitPrograms(directory) {
  const path = (/** @type {string} */ name) => join(directory, name);
  for (const [name, words] of Object.entries(programs)) {
    const more = words.map((word) => (word.endsWith(".c") ? join(here, word) : word));
    execFileSync(process.env["CC"] ?? "cc", [...common, "-o", path(name), ...more], {
      stdio: ["ignore", "inherit", "inherit"],
    });
  }
  return {
    directory,
    page: path("page"),
    driver: path("driver"),
    handler: path("handler"),
    orphans: path("orphans"),
    first: path("first"),
  };
}

/** The environment of every init: the length of `PATH` alone would be a difference. */
export const plainEnvironment = { PATH: "/usr/local/bin:/usr/bin:/bin", LANG: "C" };

/**
 * Runs the driver to its end.
 *
 * @param {Programs} programs
 * @param {"start" | "signal"} what
 * @param {"pid-1" | "child"} mode
 * @param {number} rounds
 * @param {string[][]} commands
 * @returns {Promise<{ metric: string, index: number, us: number }[]>}
 */
export async function drive({ driver, page, directory }, what, mode, rounds, commands) {
  const words = commands.flatMap((command) => [...command, ";"]);
  const child = spawn(driver, [what, mode, page, String(rounds), ...words], {
    cwd: directory,
    env: plainEnvironment,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const figures = [];
  for await (const line of createInterface(child.stdout)) {
    const [metric = "", index, ns] = line.split(" ");
    figures.push({ metric, index: Number(index), us: Number(ns) / 1000 });
  }
  const [code] = await exited;
  if (code !== 0)
    throw new Error(`cannot measure the ${what} of inits: the driver ended with ${code}`);
  return figures;
}

/**
 * Starts all commands, each PID 1 of its own namespace, and keeps them until `body` has settled. Nothing is left afterwards.
 *
 * @template T
 * @param {Programs} programs
 * @param {string[][]} commands
 * @param {(pids: number[]) => Promise<T>} body gets the inits' numbers out here, once what runs under each has stamped
 * @returns {Promise<T>}
 */
export async function hold({ driver, page, directory }, commands, body) {
  const words = commands.flatMap((command) => [...command, ";"]);
  const child = spawn(driver, ["hold", "pid-1", page, join(directory, "log"), ...words], {
    cwd: directory,
    env: plainEnvironment,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  try {
    /** @type {number[]} */
    const pids = [];
    for await (const line of createInterface(child.stdout)) {
      pids.push(Number(line.split(" ")[2]));
      if (pids.length === commands.length) break;
    }
    if (pids.length < commands.length) throw new Error("cannot hold inits: the driver has ended");
    return await body(pids);
  } finally {
    child.stdin.end();
    await exited;
  }
}
