// @ts-check
// The supervisor is killed under the keeper: how long until the next one has taken all services over and answers.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { activity, proportionalSetKb } from "../kernel-view.mjs";
import { readStamps } from "../stamps.mjs";
import { ours } from "./inits.mjs";
import { plainEnvironment } from "./programs.mjs";

/** @typedef {import("../life.mjs").Life} Life */

export const serviceCount = 100;
/** A row of the tables. */
export const bareNode = "bare Node";
/** More within a minute, and the keeper gives up. */
const killsInALife = 5;
/** Each supervisor has some time to come to rest, as one that is killed in service has. */
const settleMs = 2000;
const limitMs = 30_000;

/**
 * @param {object} ground
 * @param {string} ground.directory
 * @param {string} ground.init
 * @param {string} ground.node
 * @param {string} ground.stamp
 * @param {(plan: import("../life.mjs").Plan, count: number) => Life} ground.live
 * @param {number} lives
 * @param {number} periodMs of idleness
 * @param {(metric: string, peer: string, value: number) => void} add
 */
export async function measureRecovery(
  { directory, init, node, stamp, live },
  lives,
  periodMs,
  add,
) {
  const command = copyCommand(directory);
  for (let turn = 0; turn < lives; turn++) {
    const own = mkdtempSync(join(directory, "keeper-"));
    const life = live(plan(own, init, node, command, stamp), serviceCount);
    try {
      await life.started();
      await delay(settleMs);
      const keeper = life.supervisorPids().find((pid) => commandOf(pid) === "supervise-init") ?? 0;
      add("pss", ours, proportionalSetKb([keeper]) / 1024);
      if (turn === 0) {
        const before = activity([keeper]).switches;
        await delay(periodMs);
        add("switches", ours, ((activity([keeper]).switches - before) * 10_000) / periodMs);
      }
      const services = new Set(readStamps(join(own, "stamps")).pids);
      for (let kill = 0; kill < killsInALife; kill++) {
        const supervisor = life.supervisorPids().find((pid) => pid !== keeper);
        if (supervisor === undefined) throw new Error("there is no supervisor under the keeper");
        const begin = performance.now();
        process.kill(supervisor, "SIGKILL");
        await allServices(join(own, "run/control"), services, begin + limitMs);
        const ms = performance.now() - begin;
        const next = life.supervisorPids().find((pid) => pid !== keeper) ?? 0;
        add("unhindered", ours, ms - waitedMs(next));
        add("recovered", ours, ms);
        const floor = await measureBareNode(node, join(own, "bare"));
        add("unhindered", bareNode, floor.unhindered);
        add("recovered", bareNode, floor.ms);
        await delay(settleMs);
      }
    } catch (cause) {
      const wrote = readFileSync(join(own, "log"), "utf8").trim().slice(-2000);
      throw new Error(`the keeper or its supervisor has failed; they wrote: ${wrote}`, { cause });
    } finally {
      await life.end();
    }
  }
}

/**
 * What a supervisor that comes back loads, in a folder where no build replaces it meanwhile.
 *
 * @param {string} directory
 * @returns {string} the command
 */
function copyCommand(directory) {
  const to = join(directory, "supervise");
  const app = join(import.meta.dirname, "../../apps/supervise");
  const addon = join(import.meta.dirname, "../../packages/sys");
  for (const name of ["package.json", "bin", "dist/image"])
    cpSync(join(app, name), join(to, name), { recursive: true });
  for (const name of ["package.json", "dist/index.js", "build/Release/supervise_sys.node"])
    cpSync(join(addon, name), join(to, "node_modules/@supervise/sys", name), { recursive: true });
  return join(to, "bin/supervise.js");
}

/**
 * The least that it could be: Node, started, answers on a Unix socket.
 *
 * @param {string} node
 * @param {string} socketPath
 */
async function measureBareNode(node, socketPath) {
  rmSync(socketPath, { force: true });
  const begin = performance.now();
  const program =
    'require("node:http").createServer((_, response) => response.end("{}")).listen(process.argv[1])';
  const child = spawn(node, ["-e", program, socketPath], {
    env: plainEnvironment,
    stdio: "ignore",
  });
  const exited = once(child, "exit");
  try {
    for (;;) {
      try {
        await get(socketPath, "/");
        const ms = performance.now() - begin;
        return { ms, unhindered: ms - waitedMs(child.pid ?? 0) };
      } catch {
        // Not listening yet.
      }
      if (performance.now() > begin + limitMs) throw new Error("bare Node does not answer");
      await delay(1);
    }
  } finally {
    child.kill("SIGTERM");
    await exited;
  }
}

/**
 * @param {string} directory
 * @param {string} init
 * @param {string} node
 * @param {string} command
 * @param {string} stamp
 * @returns {import("../life.mjs").Plan}
 */
function plan(directory, init, node, command, stamp) {
  const file = join(directory, "supervise.yaml");
  let text = "name: bench\nservices:\n";
  for (let index = 0; index < serviceCount; index++) {
    const words = JSON.stringify([stamp, join(directory, "stamps"), String(index)]);
    text += `  s${index}: { command: ${words}, restart: always }\n`;
  }
  writeFileSync(file, text);
  return {
    command: [init, "up", "-f", file, "--runtime-dir", join(directory, "run")],
    directory,
    environment: {
      SUPERVISE_NODE: node,
      SUPERVISE_COMMAND: command,
      XDG_CACHE_HOME: join(directory, "cache"),
    },
    stop: { signal: "SIGTERM" },
  };
}

/**
 * Settles once the control socket tells of exactly these processes, each of a service that is up.
 *
 * @param {string} socketPath
 * @param {Set<number>} pids
 * @param {number} deadlineMs
 */
async function allServices(socketPath, pids, deadlineMs) {
  for (let cause = "nothing"; ;) {
    try {
      /** @type {{ services: { state: string, pid: number | null }[] }} */
      const { services } = JSON.parse(await get(socketPath, "/v1/services"));
      const up = services.filter(({ state, pid }) => state === "up" && pids.has(pid ?? 0));
      if (up.length === pids.size) return;
      cause = `${up.length} services`;
    } catch (error) {
      // The old supervisor may have taken the connection before it was gone.
      cause = error instanceof Error ? error.message : String(error);
    }
    if (performance.now() > deadlineMs) throw new Error(`no supervisor came back: ${cause}`);
    await delay(1);
  }
}

/**
 * @param {string} socketPath
 * @param {string} path
 * @returns {Promise<string>}
 */
function get(socketPath, path) {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path, agent: false }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (chunk) => (text += chunk));
      answer.on("end", () => resolve(text));
      answer.on("error", reject);
    });
    asked.on("error", reject);
    asked.end();
  });
}

/**
 * How long the main thread of this process was ready to run and other processes of the machine ran instead.
 *
 * @param {number} pid
 */
const waitedMs = (pid) =>
  Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, "utf8").split(" ")[1]) / 1e6;

/** @param {number} pid */
const commandOf = (pid) => readFileSync(`/proc/${pid}/comm`, "utf8").trim();
