// @ts-check
// Side by side with other supervisors: docs/benchmarks.md says what is measured and how.
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compilePrograms } from "./compile.mjs";
import { haveStrace, runIdle } from "./idle.mjs";
import { benchInit } from "./init/main.mjs";
import { Life } from "./life.mjs";
import { runLives } from "./lives.mjs";
import { describeMachine, load } from "./machine.mjs";
import { allPeers } from "./peers/all.mjs";
import { readOptions, usage } from "./options.mjs";
import { installPm2 } from "./peers/pm2.mjs";
import { Samples } from "./samples.mjs";
import { figureTables, targetTable } from "./tables.mjs";
import { judge } from "./targets.mjs";
import { UsageError } from "./usage-error.mjs";

const idleCount = 100;

const directory = mkdtempSync(join(tmpdir(), "supervise-bench-"));
process.once("exit", () => rmSync(directory, { recursive: true, force: true }));

/** @type {Set<Life>} */
const lives = new Set();
let interrupted = false;
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
  process.once(signal, () => {
    interrupted = true;
    void Promise.all([...lives].map((life) => life.end())).then(() => process.exit(1));
  });
}

try {
  const words = process.argv.slice(2);
  if (words[0] === "init") await benchInit(words.slice(1), say);
  else await main(readOptions(words));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n\n${usage}`);
  process.exitCode = 64;
}

/** @param {import("./options.mjs").Options} options */
async function main(options) {
  if (options.installPm2) installPm2();
  const wanted = allPeers.filter((peer) => options.peers?.includes(peer.name) ?? true);
  const missing = wanted.flatMap((peer) => peer.missing() ?? []);
  const peers = wanted.filter((peer) => peer.missing() === undefined);
  for (const line of new Set(missing)) say(`left out: ${line}`);

  const programs = compilePrograms(directory);
  // A copy, whose pages no other Node on this machine shares: else the memory of a
  // supervisor in Node would depend on how many others run.
  const node = join(directory, "node");
  copyFileSync(process.execPath, node);

  const samples = new Samples();
  /** @type {(peer: import("./peers/peer.mjs").Peer, count: number, use: string) => import("./lives.mjs").Contender} */
  const contender = (peer, count, use) => {
    const own = join(directory, `${peer.name.replace(/\W+/g, "-")}-${use}-${count}`);
    mkdirSync(own);
    const ground = { directory: own, count, stamp: programs.stamp, cLoop: programs.cLoop, node };
    const plan = peer.prepare({ ...ground, stamps: join(own, "stamps") });
    return { name: peer.name, startOnly: peer.startOnly ?? false, plan };
  };
  /** @type {(count: number) => import("./lives.mjs").Course} */
  const course = (count) => {
    const rounds = options.rounds(count);
    const kills = options.kills(rounds);
    return {
      driver: programs.driver,
      count,
      rounds,
      kills,
      scenarios: options.scenarios,
      samples,
      say,
      live,
    };
  };

  const begin = { at: new Date().toISOString(), load: load() };
  if (["start", "restart", "stop", "memory"].some((scenario) => options.scenarios.has(scenario))) {
    for (const count of options.sizes) {
      await runLives(
        peers.map((peer) => contender(peer, count, "lives")),
        course(count),
      );
    }
  }
  if (options.scenarios.has("idle")) {
    if (options.strace && !haveStrace())
      throw new Error("cannot count system calls: strace is not installed");
    const idlePeers = peers.filter((peer) => peer.startOnly !== true);
    await runIdle(
      idlePeers.map((peer) => contender(peer, idleCount, "idle")),
      { ...course(idleCount), periodMs: options.idleMs, strace: options.strace },
    );
  }
  report(
    samples,
    peers.map((peer) => peer.name),
    options,
    begin,
  );
}

/**
 * Begins a life that an interrupt of the bench ends too.
 *
 * @param {import("./life.mjs").Plan} plan
 * @param {number} count
 * @param {string} driver
 */
function live(plan, count, driver) {
  if (interrupted) throw new Error("interrupted");
  const life = new Life(driver, plan, count);
  lives.add(life);
  return life;
}

/**
 * @param {Samples} samples
 * @param {string[]} peers
 * @param {import("./options.mjs").Options} options
 * @param {{ at: string, load: number }} begin
 */
function report(samples, peers, options, begin) {
  const verdicts = judge(samples, options.scenarios);
  const machine = { ...describeMachine(), loadBefore: begin.load, loadAfter: load() };
  const counts = [...new Set([...options.sizes, idleCount])].sort((a, b) => a - b);
  process.stdout.write(
    `${figureTables(samples, peers, counts)}\n**targets**\n\n${targetTable(verdicts)}`,
  );
  for (const { peer, count, message } of samples.failures) {
    process.stdout.write(`\n${peer} failed with ${count} services: ${message}\n`);
  }
  const results = join(import.meta.dirname, "results");
  mkdirSync(results, { recursive: true });
  const file = join(results, `${begin.at.replaceAll(":", "-")}.json`);
  const content = {
    begin: begin.at,
    machine,
    figures: samples.figures(),
    verdicts,
    failures: samples.failures,
  };
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`);
  say(`written: ${file}`);
  if (samples.failures.length > 0) process.exitCode = 1;
}

/** @param {string} text */
function say(text) {
  process.stderr.write(`${text}\n`);
}
