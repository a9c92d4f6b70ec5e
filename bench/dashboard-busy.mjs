// @ts-check
// What a second of watching costs: the dashboard, and the supervisor behind it, with services that write a line a second each; and htop over the same processes in a terminal of the same
// size, once a second too. First the supervisor alone. docs/benchmarks.md says what was measured.
//
//   node bench/dashboard-busy.mjs [SERVICES] [SECONDS]
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createClient } from "../packages/control/dist/index.js";
import { createScreenModel } from "../packages/testkit/dist/index.js";
import { compilePrograms } from "./compile.mjs";
import { childOf, cpuMs } from "./kernel-view.mjs";
import { until } from "./until.mjs";

const services = Number(process.argv[2] ?? 100);
const seconds = Number(process.argv[3] ?? 10);
const [columns, rows] = [200, 50];
const root = fileURLToPath(new URL("..", import.meta.url));
const command = join(root, "apps/supervise/bin/supervise.js");
const directory = mkdtempSync(join(tmpdir(), "supervise-bench-"));
process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
const { lines } = compilePrograms(directory);

const file = join(directory, "supervise.yaml");
writeFileSync(
  file,
  JSON.stringify({
    name: "bench",
    services: Object.fromEntries(
      Array.from({ length: services }, (_, index) => [
        `web-${String(index).padStart(5, "0")}`,
        { command: [lines, "100000", "1"] },
      ]),
    ),
  }),
);
const environment = { ...process.env, XDG_CACHE_HOME: directory, SUPERVISE_INIT: "" };
const supervisor = spawn(
  process.execPath,
  [command, "up", "--plain", "-f", file, "--runtime-dir", join(directory, "run")],
  { stdio: ["ignore", "ignore", "inherit"], env: environment },
);
const socketPath = join(directory, "run/control");
const client = createClient({ socketPath });
/** @type {(readonly [string, string, string])[]} */
const table = [["watched by", "processor, %", "the supervisor's, %"]];
try {
  await until(async () => (await client.services([])).every(({ state }) => state === "up"));
  const pids = (await client.services([])).map(({ pid }) => String(pid));
  await measure("nobody", null, /x/, "");
  const dashboard = [process.execPath, command, "dashboard", "--socket", socketPath];
  await measure("dashboard, table and overview", dashboard, /web-00000 +U up/, "");
  await measure("dashboard, log of all merged", dashboard, /web-00000 +U up/, "8\tm");
  const htop = ["htop", "-d", "10", "-p", pids.join(",")];
  await measure("htop, these processes", htop, /Load average/, "").catch(tellMissing);
  await measure("htop, all processes", ["htop", "-d", "10"], /Load average/, "").catch(tellMissing);
} finally {
  supervisor.kill("SIGTERM");
  await once(supervisor, "exit");
}
console.log(`${services} services, ${seconds} s each, load ${loadavg()[0]?.toFixed(1)}`);
for (const row of table) console.log(`| ${row.join(" | ")} |`);

/**
 * @param {string} who
 * @param {readonly string[] | null} words what is shown in a terminal; null: nothing
 * @param {RegExp} shows
 * @param {string} keys
 */
async function measure(who, words, shows, keys) {
  const one = words === null ? null : await open(words, shows);
  for (const key of keys) {
    one?.terminal.stdin?.write(key);
    await delay(500);
  }
  // Beyond the start: the first look reads what is kept later.
  await delay(2_000);
  const began = performance.now();
  const before = [one === null ? 0 : (cpuMs(one.pid) ?? 0), cpuMs(Number(supervisor.pid)) ?? 0];
  await delay(seconds * 1_000);
  const after = [one === null ? 0 : (cpuMs(one.pid) ?? 0), cpuMs(Number(supervisor.pid)) ?? 0];
  const tookMs = performance.now() - began;
  const [own = "", its = ""] = after.map((now, at) =>
    (((now - (before[at] ?? 0)) / tookMs) * 100).toFixed(1),
  );
  table.push([who, one === null ? "-" : own, its]);
  if (one === null) return;
  one.terminal.stdin?.write("q");
  await once(one.terminal, "exit");
}

/** @param {readonly string[]} words @param {RegExp} shows */
async function open(words, shows) {
  const screen = createScreenModel(columns, rows);
  const terminal = spawn(
    join(root, "packages/testkit/build/in-terminal"),
    [String(columns), String(rows), ...words],
    {
      stdio: ["pipe", "pipe", "ignore", "pipe"],
      env: { ...environment, TERM: "xterm-256color", LANG: "C.UTF-8", NO_COLOR: "" },
    },
  );
  terminal.stdout?.setEncoding("utf8").on("data", (text) => screen.write(text));
  await until(async () => {
    if (terminal.exitCode !== null) throw new Error(`${words[0]} has ended`);
    return shows.test(screen.lines().join("\n"));
  });
  return { terminal, pid: childOf(Number(terminal.pid)) };
}

/** @param {unknown} error */
function tellMissing(error) {
  table.push(["htop", String(error), "-"]);
}
