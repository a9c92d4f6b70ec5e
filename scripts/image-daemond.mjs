/**
 * A life of the daemon in which all that must be fast happens once, so that V8's compiled code has it: start, requests, a reload, the end.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { get, request } from "node:http";
import { join } from "node:path";

const DEADLINE_MS = 20_000;

/** Starts it by `command` in `directory`, leads it through its life, and throws where it does not end well. */
export async function liveOnce(command, directory) {
  const log = join(directory, "daemond.log");
  const conf = join(directory, "daemon.conf");
  writeFileSync(
    conf,
    `# comment\nport = 0\npid_file = ${directory}/daemond.pid\nlog = ${log}\nidle_timeout = 60s\n`,
  );
  const [file, ...words] = command;
  const child = spawn(file, [...words, "--config", conf, "--foreground"], {
    stdio: ["ignore", "inherit", "inherit"],
    timeout: DEADLINE_MS,
  });
  const ended = once(child, "exit");
  try {
    const [, port] = await row(log, child, /listening on 127\.0\.0\.1:(\d+)/);
    await row(log, child, /ready: /);
    for (const path of ["/status", "/missing"]) await answer(get({ port, path, agent: false }));
    const posted = request({ port, path: "/echo", method: "POST", agent: false });
    posted.end("hello");
    await answer(posted);
    child.kill("SIGHUP");
    await row(log, child, /reloaded /);
    child.kill("SIGTERM");
    const [code] = await ended;
    if (code !== 0) throw new Error(`cannot warm the image of daemond: exit code ${code}`);
  } finally {
    child.kill("SIGKILL");
  }
}

async function answer(sent) {
  const [response] = await once(sent, "response");
  response.resume();
  await once(response, "end");
}

/** Looks until the log has such a row. */
async function row(log, child, pattern) {
  const end = performance.now() + DEADLINE_MS;
  for (;;) {
    const found = pattern.exec(textOf(log));
    if (found !== null) return found;
    if (child.exitCode !== null || performance.now() > end)
      throw new Error(`cannot warm the image of daemond: no ${pattern}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function textOf(path) {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error.code === "ENOENT") return "";
    throw error;
  }
}
