// @ts-check
// The supervisor is killed under the keeper: how long until the next one has taken all services over and answers.
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { activity, proportionalSetKb } from "../kernel-view.mjs";
import { readStamps } from "../stamps.mjs";

/** @typedef {import("../life.mjs").Life} Life */

export const serviceCount = 100;
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
 * @param {(metric: string, value: number) => void} add
 */
export async function measureRecovery(
  { directory, init, node, stamp, live },
  lives,
  periodMs,
  add,
) {
  for (let turn = 0; turn < lives; turn++) {
    const own = mkdtempSync(join(directory, "keeper-"));
    const life = live(plan(own, init, node, stamp), serviceCount);
    try {
      await life.started();
      await delay(settleMs);
      const keeper = life.supervisorPids().find((pid) => commandOf(pid) === "supervise-init") ?? 0;
      add("pss", proportionalSetKb([keeper]) / 1024);
      if (turn === 0) {
        const before = activity([keeper]).switches;
        await delay(periodMs);
        add("switches", ((activity([keeper]).switches - before) * 10_000) / periodMs);
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
        add("unhindered", ms - waitedMs(next));
        add("recovered", ms);
        await delay(settleMs);
      }
    } finally {
      await life.end();
    }
  }
}

/**
 * @param {string} directory
 * @param {string} init
 * @param {string} node
 * @param {string} stamp
 * @returns {import("../life.mjs").Plan}
 */
function plan(directory, init, node, stamp) {
  const file = join(directory, "supervise.yaml");
  let text = "name: bench\nservices:\n";
  for (let index = 0; index < serviceCount; index++) {
    const command = JSON.stringify([stamp, join(directory, "stamps"), String(index)]);
    text += `  s${index}: { command: ${command}, restart: always }\n`;
  }
  writeFileSync(file, text);
  return {
    command: [init, "up", "-f", file, "--runtime-dir", join(directory, "run")],
    directory,
    environment: {
      SUPERVISE_NODE: node,
      SUPERVISE_COMMAND: join(import.meta.dirname, "../../apps/supervise/bin/supervise.js"),
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
