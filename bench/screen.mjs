// @ts-check
// How well `supervise up` at a terminal keeps up with services that write much: is every line in the screen's history, once and in order, how long after
// it was written did the terminal have it, and what does that cost. docs/benchmarks.md says what was measured.
//
//   node bench/screen.mjs [SERVICES] [LINES_A_SECOND] [SECONDS]
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compilePrograms } from "./compile.mjs";
import { childOf, cpuMs } from "./kernel-view.mjs";
import { historyOf } from "./screen-history.mjs";

const services = Number(process.argv[2] ?? 20);
const rate = Number(process.argv[3] ?? 1000);
const seconds = Number(process.argv[4] ?? 10);
const [columns, rows] = [120, 50];
const root = fileURLToPath(new URL("..", import.meta.url));
const directory = mkdtempSync(join(tmpdir(), "supervise-bench-"));
process.once("exit", () => rmSync(directory, { recursive: true, force: true }));

const { lines } = compilePrograms(directory);
const count = rate * seconds;
/** @param {number} index */
const nameOf = (index) => `web-${String(index + 1).padStart(2, "0")}`;
const file = join(directory, "supervise.yaml");
writeFileSync(
  file,
  JSON.stringify({
    name: "bench",
    services: Object.fromEntries(
      Array.from({ length: services }, (_, index) => [
        nameOf(index),
        { command: [lines, String(count), String(rate)] },
      ]),
    ),
  }),
);

// It ends by itself once the services have written all and ended.
const { CI: _ci, ...environment } = process.env;
const terminal = spawn(
  join(root, "packages/testkit/build/in-terminal"),
  [
    String(columns),
    String(rows),
    process.execPath,
    join(root, "apps/supervise/bin/supervise.js"),
    "up",
    "-f",
    file,
    "--runtime-dir",
    join(directory, "run"),
  ],
  {
    stdio: ["pipe", "pipe", "ignore", "pipe"],
    env: { ...environment, XDG_CACHE_HOME: directory, TERM: "xterm-256color", LANG: "C.UTF-8" },
  },
);
/** What came, and when: looked at only afterwards, since it would take the time of what is measured. @type {{ bytes: Buffer, at: number }[]} */
const chunks = [];
let cpu = 0;
const supervisor = childOf(Number(terminal.pid));
terminal.stdout?.on("data", (bytes) => {
  chunks.push({ bytes, at: Number(process.hrtime.bigint()) });
  if (chunks.length % 64 === 0) cpu = cpuMs(supervisor) ?? cpu;
});
await once(terminal, "close");
tell();

function tell() {
  const { history, deepest, unknown } = historyOf(chunks);
  /** @type {Map<string, number>} */
  const last = new Map();
  /** @type {number[]} */
  const behindDue = [];
  /** @type {number[]} */
  const behindWrite = [];
  /** Of the first second, while the screen is loaded. @type {number[]} */
  const behindAtStart = [];
  const start = (chunks[0]?.at ?? 0) + 1e9;
  /** @type {Map<string, string>} */
  const missing = new Map();
  /** @type {string[]} */
  const wrong = [];
  for (const { text, at } of history) {
    const found = /^(web-\d+) +\| line (\d+) due (\d+) at (\d+)$/.exec(text);
    if (found === null) {
      if (/\bline \d+ due/.test(text)) wrong.push(text);
      continue;
    }
    const [, name = "", number, due, written] = found;
    const expected = (last.get(name) ?? 0) + 1;
    if (Number(number) !== expected) missing.set(name, `${expected} is not followed by ${number}`);
    last.set(name, Number(number));
    behindDue.push((at - Number(due)) / 1e6);
    (Number(written) < start ? behindAtStart : behindWrite).push((at - Number(written)) / 1e6);
  }
  const whole = Array.from({ length: services }, (_, index) => last.get(nameOf(index)) ?? 0);
  const complete =
    missing.size === 0 && wrong.length === 0 && whole.every((number) => number === count);
  const bytes = chunks.reduce((sum, one) => sum + one.bytes.length, 0);
  console.log(
    `${services} services, ${rate} lines a second each for ${seconds} s, terminal of ${columns}x${rows}: ${behindDue.length} of ${services * count} lines in its history, ${
      complete ? "each once and in order" : "NOT all of them in order"
    }; ${(bytes / 2 ** 20).toFixed(1)} MiB, the table at most ${deepest} lines high`,
  );
  for (const text of [
    ...[...missing].map(([name, what]) => `${name}: ${what}`),
    ...wrong,
    ...unknown,
  ].slice(0, 10))
    console.log(`  ${JSON.stringify(text)}`);
  console.log(`behind the write of a line in the first second: ${spread(behindAtStart)}`);
  console.log(`behind the write of a line afterwards: ${spread(behindWrite)}`);
  console.log(`behind the time when it was due: ${spread(behindDue)}`);
  console.log(
    `the supervisor with its screen takes ${(cpu / 10 / seconds).toFixed(0)} % of a processor`,
  );
  const worst = Math.max(...percentiles(behindDue).slice(-1));
  process.exitCode = complete && worst < 1000 ? 0 : 1;
}

/** Median, 99 %, 99.9 % and the last. @param {number[]} samples */
function percentiles(samples) {
  const sorted = Float64Array.from(samples).sort();
  return [0.5, 0.99, 0.999, 1].map(
    (part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0,
  );
}

/** @param {number[]} samples milliseconds */
function spread(samples) {
  const [median, most, nearly, worst] = percentiles(samples).map((ms) => ms.toFixed(1));
  return `median ${median} ms, 99 % ${most} ms, 99.9 % ${nearly} ms, worst ${worst} ms`;
}
