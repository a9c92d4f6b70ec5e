// @ts-check
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const program = join(import.meta.dirname, "../../apps/supervise/bin/supervise.js");

function missing() {
  return existsSync(program) ? undefined : "supervise is not built: npm run build";
}

/** @param {import("./peer.mjs").Ground} ground */
function plan({ directory, count, stamp, stamps, node }) {
  const file = join(directory, "supervise.yaml");
  let text = "name: bench\nservices:\n";
  for (let index = 0; index < count; index++) {
    const command = JSON.stringify([stamp, stamps, String(index)]);
    text += `  s${index}: { command: ${command}, restart: always, restart_delay: 0s }\n`;
  }
  writeFileSync(file, text);
  return {
    command: [node, program, "up", "-f", file, "--runtime-dir", join(directory, "run")],
    directory,
    environment: { XDG_CACHE_HOME: join(directory, "cache") },
    stop: { signal: /** @type {const} */ ("SIGTERM") },
  };
}

/**
 * As it starts every time but the first: the compiled configuration is in its cache.
 *
 * @type {import("./peer.mjs").Peer}
 */
export const supervise = { name: "supervise", missing, prepare: plan };

/**
 * As it starts with a configuration it has never seen: the cache is emptied before each life.
 *
 * @type {import("./peer.mjs").Peer}
 */
export const superviseCold = {
  name: "supervise (cold)",
  missing,
  startOnly: true,
  prepare: (ground) => {
    const warm = plan(ground);
    const cache = warm.environment.XDG_CACHE_HOME;
    return {
      ...warm,
      renew: () => {
        rmSync(cache, { recursive: true, force: true });
        mkdirSync(cache);
      },
    };
  },
};
