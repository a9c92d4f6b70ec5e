// @ts-check
// How long `supervise logs -n 100` takes on gigabytes of rotated files, beside `supervise --version`: what is read must not depend on what is there. Then the other readings that
// search: the newest errors, a time, a run. With --verify also the proof over all of it. docs/logs.md says what was measured.
//
//   node bench/log-tail.mjs [GIGABYTES] [ROUNDS] [--verify]
import { spawnSync } from "node:child_process";
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { summarize } from "./statistics.mjs";

const words = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const gigabytes = Number(words[0] ?? 1);
const rounds = Number(words[1] ?? 10);
const command = fileURLToPath(new URL("../apps/supervise/bin/supervise.js", import.meta.url));

const rowBytes = 100;
const chunkRows = 10_000;
const fileBytes = 100_000_000;
/** All numbers have ten digits, so that every row is as long as the others. */
const firstSeq = 1_000_000_000;
const startMicros = Date.UTC(2026, 0, 2) * 1000;
/** A chunk of rows is a second of output. */
const chunkMicros = 1_000_000;

const directory = mkdtempSync(join(tmpdir(), "supervise-bench-"));
process.once("exit", () => rmSync(directory, { recursive: true, force: true }));

/** @param {number} micros */
const stamp = (micros) =>
  `${new Date(Math.floor(micros / 1000)).toISOString().slice(0, -1)}${String(micros % 1000).padStart(3, "0")}Z`;

const head = `${stamp(startMicros)} web ${firstSeq} out `;
const chunk = Buffer.alloc(chunkRows * rowBytes, `${head.padEnd(rowBytes - 1, "x")}\n`);
let rows = 0;

/** The next rows, in place. */
function nextChunk() {
  const micros = startMicros + (rows / chunkRows) * chunkMicros;
  const time = Buffer.from(stamp(micros));
  for (let at = 0; at < chunk.length; at += rowBytes) {
    time.copy(chunk, at);
    let number = firstSeq + rows;
    for (let digit = at + time.length + " web ".length + 9; number > 0; digit -= 1) {
      chunk[digit] = 0x30 + (number % 10);
      number = Math.floor(number / 10);
    }
    rows += 1;
  }
  return chunk;
}

function writeFiles() {
  mkdirSync(join(directory, "logs"));
  const path = join(directory, "logs/web.log");
  const files = Math.max(2, Math.round((gigabytes * 1e9) / fileBytes));
  for (let file = 0; file < files; file += 1) {
    const name = stamp(
      startMicros + ((rows + fileBytes / rowBytes) / chunkRows) * chunkMicros,
    ).replaceAll(/[-:]/g, "");
    const isLast = file === files - 1;
    const to = isLast ? path : `${path}.${name}`;
    if (file === 0) {
      // One is compressed: a reading that need not open it must not.
      const chunks = Array.from({ length: fileBytes / chunk.length }, () =>
        Buffer.from(nextChunk()),
      );
      writeFileSync(`${to}.gz`, gzipSync(Buffer.concat(chunks), { level: 1 }));
      continue;
    }
    const fd = openSync(to, "w");
    for (let written = 0; written < fileBytes; written += chunk.length) writeSync(fd, nextChunk());
    closeSync(fd);
  }
  writeFileSync(
    join(directory, "supervise.yaml"),
    "name: bench-log-tail\nservices:\n  web: { command: [/bin/true], logging: { driver: file, options: { path: logs/web.log } } }\n",
  );
  return { files, bytes: rows * rowBytes };
}

/** @param {readonly string[]} args @param {number} lines */
function run(args, lines) {
  const started = performance.now();
  const result = spawnSync(process.execPath, [command, ...args], {
    cwd: directory,
    encoding: "utf8",
    maxBuffer: 1e9,
    env: { ...process.env, XDG_CACHE_HOME: join(directory, "cache") },
  });
  const tookMs = performance.now() - started;
  if (result.status !== 0) throw new Error(`${args.join(" ")}: ${result.stderr}`);
  const found = result.stdout.split("\n").length - 1;
  if (found !== lines) throw new Error(`${args.join(" ")}: ${found} lines instead of ${lines}`);
  return tookMs;
}

/** @param {readonly number[] | undefined} samples */
function medianOf(samples) {
  return summarize(samples ?? [])?.median ?? Number.NaN;
}

const { files, bytes } = writeFiles();
console.log(`${(bytes / 1e9).toFixed(1)} GB in ${files} files, ${rows} lines`);
const middle = new Date(
  (startMicros + ((rows / chunkRows) * chunkMicros) / 2) / 1000,
).toISOString();
const half = new Date(Date.parse(middle) + 10).toISOString();
/** @type {readonly (readonly [readonly string[], number])[]} */
const readings = [
  [["--version"], 1],
  [["logs", "-n", "100"], 100],
  [["logs", "-n", "1000", "--json"], 1000],
  [["logs", "--since", middle, "--until", half], rows % (2 * chunkRows) === 0 ? chunkRows : 0],
  [["logs", "-n", "100", "--grep", "web|x"], 100],
];
/** @type {number[][]} */
const times = readings.map(() => []);
// The first reading keeps the compiled configuration.
run(["logs", "-n", "1"], 1);
for (let round = 0; round < rounds; round += 1)
  for (const [index, [args, lines]] of readings.entries()) times[index]?.push(run(args, lines));
const version = medianOf(times[0]);
for (const [index, [args]] of readings.entries()) {
  const median = medianOf(times[index]);
  console.log(
    `${`supervise ${args.join(" ")}`.padEnd(80)} ${median.toFixed(0).padStart(5)} ms ${(median / version).toFixed(2).padStart(6)} x --version`,
  );
}
if (process.argv.includes("--verify")) {
  const tookMs = run(["logs", "--verify"], 1);
  console.log(
    `supervise logs --verify: ${(tookMs / 1000).toFixed(1)} s, ${(bytes / 1e6 / (tookMs / 1000)).toFixed(0)} MB/s`,
  );
}
