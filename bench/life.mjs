// @ts-check
// One life of one supervisor: from its execution until nothing of it is left.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { descendants } from "./kernel-view.mjs";
import { readStamps } from "./stamps.mjs";

/** Environment that every supervisor gets. Nothing that slows or alters Node, and no locale. */
const plainEnvironment = { PATH: process.env["PATH"] ?? "/usr/bin:/bin", LANG: "C" };

/** How long any one step may take, in milliseconds; only a supervisor that hangs meets it. */
const stepLimitMs = 120_000;

/**
 * @typedef {object} Plan how a peer is run
 * @property {string[]} command
 * @property {string} directory where it runs; it holds the file `stamps`
 * @property {Record<string, string>} [environment]
 * @property {{ signal: "SIGTERM" | "SIGHUP", command?: string }} stop what ends it with all its services
 * @property {() => void} [renew] done before each life, outside the time taken
 */

export class Life {
  /** @type {import("node:child_process").ChildProcess} */
  #driver;
  /** @type {AsyncIterator<string>} */
  #answers;
  /** @type {Plan} */
  #plan;

  /**
   * @param {string} driver path of the compiled driver
   * @param {Plan} plan
   * @param {number} count of services
   */
  constructor(driver, plan, count) {
    this.#plan = plan;
    const values = [this.#file("stamps"), String(count), String(stepLimitMs), this.#file("log")];
    this.#driver = spawn(driver, [...values, ...plan.command], {
      cwd: plan.directory,
      env: { ...plainEnvironment, HOME: plan.directory, ...plan.environment },
      stdio: ["pipe", "pipe", "inherit"],
    });
    if (this.#driver.stdout === null) throw new Error("internal error: driver without output");
    this.#answers = createInterface(this.#driver.stdout)[Symbol.asyncIterator]();
  }

  /**
   * Settles once every service has started.
   *
   * @returns {Promise<{ firstMs: number, lastMs: number }>} since the supervisor was executed
   */
  async started() {
    const answer = await this.#answer();
    const executedNs = BigInt(Number(answer["executed_ns"]));
    const { firstNs, lastNs } = readStamps(this.#file("stamps"));
    return {
      firstMs: Number(firstNs - executedNs) / 1e6,
      lastMs: Number(lastNs - executedNs) / 1e6,
    };
  }

  /**
   * Kills service `index` with SIGKILL.
   *
   * @param {number} index
   * @returns {Promise<number>} milliseconds until the first instruction of its next run
   */
  async restart(index) {
    this.#driver.stdin?.write(`restart ${index}\n`);
    return Number((await this.#answer())["ns"]) / 1e6;
  }

  /**
   * Ends the supervisor in its own way.
   *
   * @returns {Promise<number>} milliseconds until it and all that it started is gone
   */
  async stop() {
    const { signal, command } = this.#plan.stop;
    const words = [
      `stop ${constants.signals[signal]}`,
      ...(command === undefined ? [] : [command]),
    ];
    this.#driver.stdin?.write(`${words.join(" ")}\n`);
    return Number((await this.#answer())["ns"]) / 1e6;
  }

  /** The supervisor and its helpers: all descendants but the services. */
  supervisorPids() {
    const services = new Set(readStamps(this.#file("stamps")).pids);
    return descendants(this.#driver.pid ?? 0).filter((pid) => !services.has(pid));
  }

  /** Kills whatever still lives. Settles when all is gone. */
  async end() {
    if (this.#driver.exitCode !== null || this.#driver.signalCode !== null) return;
    const exited = new Promise((resolve) => this.#driver.once("exit", resolve));
    this.#driver.kill("SIGTERM");
    await exited;
  }

  /** @param {string} name */
  #file(name) {
    return join(this.#plan.directory, name);
  }

  async #answer() {
    const { value, done } = await this.#answers.next();
    const answer = /** @type {Record<string, unknown>} */ (
      done ? { error: "the driver has ended" } : JSON.parse(value)
    );
    const error = answer["error"];
    if (typeof error === "string") {
      const output = readFileSync(this.#file("log"), "utf8").trim().slice(-2000);
      throw new Error(`${error}${output === "" ? "" : `; it wrote: ${output}`}`);
    }
    return answer;
  }
}
