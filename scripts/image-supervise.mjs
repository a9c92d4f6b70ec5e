/**
 * Lives of `supervise` in which all that must be fast happens once, so that V8's compiled code has it.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const launcher = join(
  dirname(dirname(fileURLToPath(import.meta.url))),
  "apps/supervise/bin/supervise.js",
);
const DEADLINE_MS = 20_000;

/** Words and environment of `up` in `directory`, with these services. */
function upIn(directory, services) {
  const file = join(directory, "supervise.yaml");
  writeFileSync(file, `name: warm\nservices:\n${services}`);
  return {
    words: ["up", "-f", file, "--runtime-dir", join(directory, "run")],
    env: { ...process.env, XDG_CACHE_HOME: join(directory, "cache") },
  };
}

/** `up` from start to end. A restart is among what must be fast, so one is among what is compiled. */
export function upOnce(command, directory) {
  const { words, env } = upIn(
    directory,
    `  once: { type: oneshot, command: [/bin/true] }
  again:
    command: [/bin/sh, -c, "mkdir again || exit 0; exit 1"]
    working_dir: ${JSON.stringify(directory)}
    restart: on-failure
    restart_delay: 0s
`,
  );
  run([...command, ...words], env);
}

/** A verb that asks a supervisor. */
export async function statusOnce(command, directory) {
  const { words, env } = upIn(directory, "  stays: { command: [sleep, 60] }\n");
  const supervisor = spawn(process.execPath, [launcher, ...words], {
    stdio: ["ignore", "pipe", "inherit"],
    env,
    timeout: DEADLINE_MS,
  });
  const ended = once(supervisor, "exit");
  try {
    await once(supervisor.stdout, "data");
    run([...command, "status", ...words.slice(1)], env);
  } finally {
    supervisor.kill("SIGTERM");
    await ended;
  }
}

function run([file, ...words], env) {
  const ran = spawnSync(file, words, { stdio: ["ignore", "pipe", "pipe"], env, encoding: "utf8" });
  if (ran.status !== 0)
    throw new Error(
      `cannot warm ${words.join(" ")}: exit code ${ran.status}\n${ran.stdout}${ran.stderr}`,
    );
}
