/**
 * The supervisor, and in it what a test asks for: its death at an exact place. SUPERVISE_COMMAND of the init, or the command line, names this file in place of bin/supervise.js.
 *
 * $DEATH_ORDERS is a file with a JSON list of orders (`Order` in crash-orders.ts). The first is taken when its time comes: "start", before anything else; "ready",
 * when READY is said; "asked", at SIGUSR2, after which FILE.armed is there. From then on each call of the addon and of node:fs counts twice, before and after
 * it, if its name holds `only`; when `calls` of these have passed, it dies.
 *
 * PINGs are asked for every second, so that a supervisor which hangs is found in seconds and not in a minute and a half.
 */
import fs from "node:fs";
import { createRequire } from "node:module";

type Way =
  | "kill"
  | "segv"
  | "exception"
  | "rejection"
  | "abort"
  | "heap"
  | "overflow"
  | "loop"
  | "stopped";
interface Order {
  readonly way: Way;
  readonly from: "start" | "ready" | "asked";
  readonly calls: number;
  readonly only: string;
}
type Call = (...given: unknown[]) => unknown;

const file = process.env["DEATH_ORDERS"] ?? "";
const { writeFileSync, renameSync, readFileSync } = fs;
const READY = 64;
const SETTINGS = 69;
const PING_EVERY_MS = 1_000;
const PING_LIMIT_MS = 4_000;
let armed: Order | null = null;
let left = 0;

function orders(): readonly Order[] {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Order[];
  } catch {
    return []; // There are none.
  }
}

/** Takes the first order, if it is for now. */
function take(from: Order["from"]): void {
  const [first, ...rest] = orders();
  if (first?.from !== from) return;
  writeFileSync(`${file}.new`, JSON.stringify(rest));
  renameSync(`${file}.new`, file);
  armed = first;
  left = first.calls;
}

function pass(name: string): void {
  if (armed === null || !name.includes(armed.only)) return;
  if (left > 0) {
    left -= 1;
    return;
  }
  const { way } = armed;
  armed = null;
  die(way);
}

function die(way: Way): void {
  switch (way) {
    case "kill":
      process.kill(process.pid, "SIGKILL");
      break;
    case "segv":
      process.kill(process.pid, "SIGSEGV");
      break;
    case "stopped":
      process.kill(process.pid, "SIGSTOP");
      return;
    case "abort":
      process.abort();
      break;
    case "rejection":
      void Promise.reject(new Error("a rejection that was asked for"));
      return;
    case "exception":
      queueMicrotask(() => {
        throw new Error("an exception that was asked for");
      });
      return;
    case "overflow":
      queueMicrotask(() => void deeper(0));
      return;
    case "heap":
      for (const kept: unknown[] = []; ;)
        kept.push(Array.from({ length: 10_000 }, () => ({ kept })));
    case "loop":
  }
  for (;;);
}

function deeper(depth: number): number {
  return depth + deeper(depth + 1);
}

/** Every function of `calls`, counted. */
function count(of: object, names: readonly string[]): void {
  const calls = of as Record<string, unknown>;
  for (const name of names) {
    const call = calls[name] as Call;
    calls[name] = (...given: unknown[]) => {
      pass(name);
      const result = call(...given);
      pass(name);
      return result;
    };
  }
}

const { dlopen } = process;
process.dlopen = (module: object, ...given: [string]) => {
  dlopen.call(process, module, ...given);
  const { exports } = module as { exports: Record<string, unknown> };
  count(
    exports,
    Object.keys(exports).filter((name) => typeof exports[name] === "function"),
  );
  const send = exports["send"] as (fd: number, data: Uint8Array, descriptors: unknown) => number;
  exports["send"] = (fd: number, data: Uint8Array, descriptors: unknown): number => {
    const words = new Uint32Array(data.slice(0, 8).buffer);
    const settings = Buffer.from(data);
    if (words[0] === SETTINGS) {
      settings.writeUInt32LE(PING_EVERY_MS, 12);
      settings.writeUInt32LE(PING_LIMIT_MS, 16);
    }
    const sent = send(fd, settings, descriptors);
    if (words[0] === READY) take("ready");
    return sent;
  };
};
count(
  fs,
  "openSync closeSync readSync writeSync fstatSync ftruncateSync readFileSync writeFileSync renameSync readdirSync mkdirSync unlinkSync".split(
    " ",
  ),
);

process.on("SIGUSR2", () => {
  take("asked");
  writeFileSync(`${file}.armed`, "");
});
// Who only starts one in the background is none.
if (!process.argv.includes("-d")) take("start");
createRequire(import.meta.url)("../../../bin/supervise.js");
