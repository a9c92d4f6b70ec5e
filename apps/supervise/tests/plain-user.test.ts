import { equal, match, ok } from "node:assert/strict";
import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { childrenOf, start, temporaryDirectory, until } from "@supervise/testkit";
import { chownSync, statSync, writeFileSync } from "node:fs";
import { createClient } from "@supervise/control";
import { COMMAND, finish, statusField } from "./harness.js";

const NOBODY = 65534;
const skip = process.getuid?.() === 0 ? false : "only root can become another user";

test(
  "a plain user's project has its place below XDG_RUNTIME_DIR, runs as that user and is nobody else's",
  { skip },
  async (t) => {
    const directory = temporaryDirectory(t);
    chmodSync(directory, 0o755);
    const [home, runtime] = [join(directory, "home"), join(directory, "xdg")];
    for (const path of [home, runtime]) {
      mkdirSync(path, { mode: 0o700 });
      chownSync(path, NOBODY, NOBODY);
    }
    const file = join(directory, "supervise.yaml");
    writeFileSync(
      file,
      JSON.stringify({
        name: "plain",
        services: { web: { command: ["sleep", "60"], working_dir: "/", nice: 3 } },
      }),
    );
    const environment = { PATH: process.env["PATH"], HOME: home, XDG_RUNTIME_DIR: runtime };
    const as = (uid: number, ...words: readonly string[]) =>
      start(
        t,
        "setpriv",
        [`--reuid=${uid}`, `--regid=${uid}`, "--clear-groups", process.execPath, COMMAND, ...words],
        { cwd: directory, env: environment },
      );

    const supervisor = as(NOBODY, "up", "--file", file);
    await supervisor.stdout.match(/web is up/);
    const socket = join(runtime, "supervise/plain/control");
    await until(() => statSync(socket), { what: "the control socket" });
    equal(statSync(socket).uid, NOBODY);
    const [web] = childrenOf(supervisor.pid);
    ok(web !== undefined);
    equal(statusField(web, "Uid"), `${NOBODY}\t${NOBODY}\t${NOBODY}\t${NOBODY}`);
    equal((await createClient({ socketPath: socket }).service("web")).pid, web);

    const status = await finish(as(NOBODY, "status", "--file", file));
    equal(status.code, 0, status.stderr);
    match(status.stdout, /web\s+up/);
    chmodSync(runtime, 0o711);
    const other = await finish(as(65533, "status", "--file", file));
    equal(other.code, 1);
    match(other.stderr, /permission denied \(EACCES\)|no such socket/);

    const down = await finish(as(NOBODY, "down", "--file", file));
    equal(down.code, 0, down.stderr);
    equal((await supervisor.exit()).code, 0);
  },
);

test(
  "what only root may do is refused with its stage and cause, and other services go on",
  { skip },
  async (t) => {
    const directory = temporaryDirectory(t);
    chmodSync(directory, 0o777);
    const file = join(directory, "supervise.yaml");
    const services = {
      stay: { command: ["sleep", "60"] },
      user: { command: ["sleep", "60"], user: "root" },
      nice: { command: ["sleep", "60"], nice: -20 },
    };
    writeFileSync(file, JSON.stringify({ name: "plain", services }));
    const environment = { PATH: process.env["PATH"], HOME: "/", XDG_CACHE_HOME: directory };
    const as = (...words: readonly string[]) =>
      start(
        t,
        "setpriv",
        [
          `--reuid=${NOBODY}`,
          `--regid=${NOBODY}`,
          "--clear-groups",
          process.execPath,
          COMMAND,
          ...words,
          "--file",
          file,
          "--runtime-dir",
          join(directory, "run"),
        ],
        { cwd: directory, env: environment },
      );
    const supervisor = as("up");
    await supervisor.stdout.match(/stay is up/);
    await until(() => statSync(join(directory, "run/control")), { what: "the control socket" });
    for (const [name, stage] of [
      ["user", /EPERM/],
      ["nice", /nice.*(EACCES|EPERM)/],
    ] as const) {
      const why = await finish(as("why", name));
      match(why.stdout, stage, name);
      match(why.stdout, /failed|back-off/);
    }
    equal((await finish(as("down"))).code, 0);
    await supervisor.exit();
  },
);
