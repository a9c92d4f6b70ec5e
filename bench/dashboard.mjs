// @ts-check
// How long the dashboard takes from a key to the changed screen, and what a second of it costs, with many services of a real supervisor. The screen is that of a real
// terminal: bytes are taken for shown once the screen model has the row. docs/dashboard.md says what was measured.
//
//   node bench/dashboard.mjs [SERVICES] [ROUNDS]
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createClient } from "../packages/control/dist/index.js";
import { createScreenModel } from "../packages/testkit/dist/index.js";
import { childOf, cpuMs } from "./kernel-view.mjs";
import { summarize } from "./statistics.mjs";
import { until } from "./until.mjs";

const services = Number(process.argv[2] ?? 1000);
const rounds = Number(process.argv[3] ?? 40);
const [columns, rows] = [200, 50];
/** How long the cost is counted, in milliseconds. */
const costMs = 5_000;
/** A screen that has not changed by then never will, in milliseconds. */
const limitMs = 10_000;
const root = fileURLToPath(new URL("..", import.meta.url));
const command = join(root, "apps/supervise/bin/supervise.js");
const directory = mkdtempSync(join(tmpdir(), "supervise-bench-"));
process.once("exit", () => rmSync(directory, { recursive: true, force: true }));

/** @param {number} index */
const nameOf = (index) => `web-${String(index).padStart(5, "0")}`;

const file = join(directory, "supervise.yaml");
writeFileSync(
  file,
  JSON.stringify({
    name: "bench",
    services: Object.fromEntries(
      Array.from({ length: services }, (_, index) => [
        nameOf(index),
        { command: ["sleep", "600"] },
      ]),
    ),
  }),
);
const environment = { ...process.env, XDG_CACHE_HOME: directory, SUPERVISE_INIT: "" };
const supervisor = spawn(
  process.execPath,
  [command, "up", "-f", file, "--runtime-dir", join(directory, "run")],
  { stdio: ["ignore", "ignore", "inherit"], env: environment },
);
const socketPath = join(directory, "run/control");
const client = createClient({ socketPath });
try {
  await until(async () => (await client.services([])).every(({ state }) => state === "up"));
  await measure();
} finally {
  supervisor.kill("SIGTERM");
  await once(supervisor, "exit");
}

async function measure() {
  const screen = createScreenModel(columns, rows);
  const terminal = spawn(
    join(root, "packages/testkit/build/in-terminal"),
    [String(columns), String(rows), process.execPath, command, "dashboard", "--socket", socketPath],
    {
      stdio: ["pipe", "pipe", "ignore", "pipe"],
      env: { ...environment, TERM: "xterm-256color", LANG: "C.UTF-8", NO_COLOR: "" },
    },
  );
  const { stdin, stdout } = terminal;
  if (stdin === null || stdout === null) throw new Error("the terminal has no pipes");
  let changed = () => {};
  stdout.setEncoding("utf8").on("data", (text) => {
    screen.write(text);
    changed();
  });
  /** @param {() => boolean} is */
  const shown = async (is) => {
    const timer = setTimeout(() => {
      throw new Error(`the screen did not change:\n${screen.lines().join("\n")}`);
    }, limitMs);
    while (!is()) await new Promise((resolve) => void (changed = () => resolve(undefined)));
    clearTimeout(timer);
  };
  /** @param {string} text */
  const has = (text) => screen.lines().some((line) => line.includes(text));
  await shown(() => has(`${nameOf(0)} `));
  const pid = childOf(Number(terminal.pid));
  /** @type {Record<string, number[]>} */
  const times = {
    "to the last row and back": [],
    "filter typed, one key": [],
    "another order of the rows": [],
  };
  /** @param {string} what @param {string} key @param {() => boolean} is */
  const press = async (what, key, is) => {
    const before = performance.now();
    stdin.write(key);
    await shown(is);
    times[what]?.push(performance.now() - before);
  };
  for (let round = 0; round < rounds; round += 1) {
    await press("to the last row and back", "G", () => has(`${nameOf(services - 1)} `));
    await press("to the last row and back", "g", () => has(`${nameOf(0)} `));
    const last = nameOf(services - 1).slice(-1);
    stdin.write("/");
    await shown(() => has("show only:"));
    await press("filter typed, one key", last, () => has(`show only: ${last}`));
    stdin.write("\u0003");
    await shown(() => !has("show only:"));
    await press(
      "another order of the rows",
      round % 2 === 0 ? "<" : ">",
      () => !has(round % 2 === 0 ? "NAME▴" : "REASON▴"),
    );
  }
  for (const [what, samples] of Object.entries(times)) {
    const found = summarize(samples);
    console.log(
      `${what}: median ${found?.median.toFixed(1)} ms, worst ${found?.max.toFixed(1)} ms of ${found?.count}`,
    );
  }
  const [dashboard, supervision] = [cpuMs(pid), cpuMs(Number(supervisor.pid))];
  await delay(costMs);
  const percent = (/** @type {number | null} */ now, /** @type {number | null} */ then) =>
    ((((now ?? 0) - (then ?? 0)) / costMs) * 100).toFixed(1);
  console.log(
    `shown, one look a second: the dashboard takes ${percent(cpuMs(pid), dashboard)} % of a processor, the supervisor ${percent(cpuMs(Number(supervisor.pid)), supervision)} %`,
  );
  stdin.write("q");
  await once(terminal, "exit");
}
