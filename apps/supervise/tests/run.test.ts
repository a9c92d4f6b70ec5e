import { deepEqual, equal, match } from "node:assert/strict";
import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import { test } from "node:test";
import { COMMAND } from "./harness.js";
import { INIT, needsInit } from "./keeper-harness.js";

function run(
  words: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [COMMAND, ...words], {
    timeout: 60_000,
    encoding: "latin1",
    env: { PATH: process.env["PATH"], ...environment },
  });
}

test(
  "run becomes the init: same PID, the command is its child, the exit code is the command's",
  { skip: needsInit },
  () => {
    const told = "readlink /proc/$PPID/exe; echo $PPID; exit 7";
    const { pid, status, stdout, stderr } = run(["run", "--", "sh", "-c", told]);
    equal(status, 7, stderr);
    deepEqual(stdout.trim().split("\n"), [INIT, String(pid)]);
  },
);

test(
  "nothing of Node reaches the command: descriptors, signals, environment, bytes that are no UTF-8",
  { skip: needsInit },
  () => {
    const script = [
      "ls -m /proc/$$/fd",
      "grep SigIgn /proc/$$/status",
      "env | sort | tr '\\n' ' '; echo",
      'printf %s "$1" | od -An -tx1',
    ].join("; ");
    const line = `exec "$NODE" "$COMMAND" run -- sh -c "$SCRIPT" sh "$(printf '\\376')"`;
    const { status, stdout, stderr } = spawnSync("sh", ["-c", line], {
      timeout: 60_000,
      encoding: "latin1",
      env: {
        PATH: process.env["PATH"],
        NODE: process.execPath,
        NODE_ENV: "test",
        COMMAND,
        SCRIPT: script,
      },
    });
    equal(status, 0, stderr);
    const [descriptors, ignored = "", environment = "", bytes = ""] = stdout.split("\n");
    equal(descriptors, "0, 1, 2");
    match(ignored, /0000000000000000$/);
    const names = environment.split(" ").flatMap((entry) => /^(\w+)=/.exec(entry)?.[1] ?? []);
    deepEqual(
      names.filter((name) => /NODE|SUPERVISE/.test(name)),
      ["NODE", "NODE_ENV"],
    );
    equal(bytes.trim(), "fe");
  },
);

test("options before the command are the init's", { skip: needsInit }, () => {
  const { status, stderr } = run([
    "run",
    "-vv",
    "-r",
    "USR1:TERM",
    "--remap-exit=143:3",
    "--",
    "sh",
    "-c",
    "kill -USR1 $PPID; exec sleep 60",
  ]);
  equal(status, 3, stderr);
  match(stderr, /supervise-init: .*SIGTERM/);
});

test("a command that is not there is told by the init, as by a shell", { skip: needsInit }, () => {
  const { status, stderr } = run(["run", "--", "/nowhere/at-all"]);
  equal(status, 127);
  match(stderr, /^supervise-init: .*\/nowhere\/at-all.*ENOENT/);
});

test("without an init it says where it has looked, and what helps", () => {
  const { status, stderr } = run(["run", "--", "true"], { SUPERVISE_INIT: "/nowhere/init" });
  equal(status, 127);
  equal(
    stderr,
    'supervise: cannot execute "supervise-init": SUPERVISE_INIT="/nowhere/init" is no program (ENOENT)\n' +
      "  hint: build it with npm run build:native in packages/init, or name it with SUPERVISE_INIT\n",
  );
});

test("no command is wrong usage", () => {
  equal(run(["run"]).status, 64);
  equal(run(["run", "word", "--", "true"]).status, 64);
});

test("no variable of our own is there, though Node is not in PATH", { skip: needsInit }, () => {
  const { stdout, status } = run(["run", "--", "/usr/bin/env"], { PATH: "/nowhere" });
  equal(status, 0);
  equal(stdout, "PATH=/nowhere\n");
});
