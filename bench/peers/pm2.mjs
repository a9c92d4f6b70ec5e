// @ts-check
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const cache = join(import.meta.dirname, "../../node_modules/.cache/bench/pm2");
const program = join(cache, "node_modules/pm2/bin/pm2-runtime");

/** Installs pm2 from npm beside the workspace's dependencies, outside their lockfile. */
export function installPm2() {
  if (existsSync(program)) return;
  mkdirSync(cache, { recursive: true });
  execFileSync("npm", ["install", "--no-audit", "--no-fund", "--prefix", cache, "pm2@7"], {
    stdio: ["ignore", "ignore", "inherit"],
  });
}

/** Its program; null: it is not there. */
export function installed() {
  return existsSync(program) ? program : null;
}

/** @type {import("./peer.mjs").Peer} */
export const pm2 = {
  name: "pm2",
  missing: () =>
    existsSync(program) ? undefined : "pm2 is not installed: npm run bench -- --install-pm2",
  prepare: ({ directory, count, stamp, stamps, node }) => {
    const file = join(directory, "ecosystem.json");
    const apps = Array.from({ length: count }, (_, index) => ({
      name: `s${index}`,
      script: stamp,
      args: [stamps, String(index)],
      interpreter: "none",
      exec_mode: "fork",
      autorestart: true,
      min_uptime: 0,
      max_restarts: 1_000_000,
      vizion: false,
      pmx: false,
      out_file: "/dev/null",
      error_file: "/dev/null",
    }));
    writeFileSync(file, JSON.stringify({ apps }));
    return {
      command: [node, program, "start", file],
      directory,
      environment: { PM2_HOME: join(directory, "pm2") },
      stop: { signal: "SIGTERM" },
    };
  },
};
