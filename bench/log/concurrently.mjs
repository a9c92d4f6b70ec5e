// @ts-check
// concurrently from npm, beside the workspace's dependencies and outside their lockfile. Run as a program it installs it.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";

const cache = join(import.meta.dirname, "../../node_modules/.cache/bench/concurrently");
const program = join(cache, "node_modules/concurrently/dist/bin/concurrently.js");

/** Its program; null: it is not there. */
export function installed() {
  return existsSync(program) ? program : null;
}

if (process.argv[1] === import.meta.filename && installed() === null) {
  mkdirSync(cache, { recursive: true });
  execFileSync("npm", ["install", "--no-audit", "--no-fund", "--prefix", cache, "concurrently@9"], {
    stdio: ["ignore", "ignore", "inherit"],
  });
}
