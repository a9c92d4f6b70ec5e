import { deepEqual, equal, match } from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { ExecContext } from "@supervise/model";
import { plainProcess, start, temporaryDirectory } from "@supervise/testkit";
import type { Started, TestScope } from "@supervise/testkit";
import { COMMAND, finish } from "./harness.js";
import { serveTarget } from "./cli-run.js";

/** `supervise exec web -- COMMAND...` as a process; the supervisor is this one. */
async function exec(
  t: TestScope,
  setting: Partial<ExecContext>,
  ...command: string[]
): Promise<Started> {
  const socket = await serveTarget(t, {
    execContext: () => ({ ...plainProcess, ...setting }),
    project: () => ({
      name: "shop",
      pid: process.pid,
      version: "0",
      startedAt: "2026-01-02T03:04:05.000Z",
      generation: 1,
      runtimeDirectory: null,
      configurationFiles: [],
      shuttingDown: false,
      keeperPid: null,
    }),
  });
  const env = { PATH: process.env["PATH"], TERM: "vt100", CALLERS: "own" };
  return start(
    t,
    process.execPath,
    [COMMAND, "exec", "--socket", socket, "web", "--", ...command],
    { env },
  );
}

const sh = async (t: TestScope, setting: Partial<ExecContext>, script: string) =>
  finish(await exec(t, setting, "/bin/sh", "-c", script));

test("exec runs in the service's directory, with its umask, limits and nice", async (t) => {
  const directory = temporaryDirectory(t);
  const setting = {
    workingDirectory: directory,
    umask: 0o027,
    nice: 7,
    limits: [{ resource: "nofile", soft: 77, hard: 78 }],
  };
  const { code, stdout } = await sh(t, setting, "pwd; umask; nice; ulimit -Sn; ulimit -Hn");
  deepEqual([code, stdout], [0, `${directory}\n0027\n7\n77\n78\n`]);
});

test("exec inherits the supervisor's environment, not the caller's, but the terminal is the caller's", async (t) => {
  const own =
    Object.keys(process.env).find(
      (name) => /^[A-Z]{4,}$/.test(name) && !["TERM", "PWD", "SHLVL"].includes(name),
    ) ?? "PATH";
  const { stdout } = await sh(
    t,
    { environment: { ADDED: "yes" } },
    `echo "$ADDED $CALLERS $TERM"; echo "$${own}"`,
  );
  deepEqual(stdout, `yes  vt100\n${process.env[own] ?? ""}\n`);
  const bare = await sh(
    t,
    { inheritEnvironment: false, environment: { TERM: "mine" } },
    'echo "$TERM $HOME"',
  );
  equal(bare.stdout, "mine \n");
});

test(
  "exec gives the user, the group and every supplementary group of the service",
  { skip: process.geteuid?.() !== 0 && "needs root" },
  async (t) => {
    const { code, stdout, stderr } = await sh(
      t,
      { user: "65534:65533", groupAdd: ["4711"], capDrop: ["ALL"], noNewPrivileges: true },
      "id -u; id -g; id -G; grep -E 'NoNewPrivs|CapBnd' /proc/self/status",
    );
    deepEqual([code, stderr], [0, ""]);
    equal(stdout, "65534\n65533\n65533 4711\nCapBnd:\t0000000000000000\nNoNewPrivs:\t1\n");
  },
);

for (const status of [0, 1, 7, 64, 126, 127, 255]) {
  test(`exec ends with the command's exit code ${status}`, async (t) => {
    equal((await sh(t, {}, `exit ${status}`)).code, status);
  });
}

for (const signal of ["SIGHUP", "SIGINT", "SIGKILL", "SIGTERM", "SIGSEGV"] as const) {
  test(`exec ends with 128+n where ${signal} ended the command`, async (t) => {
    const { code, stderr } = await sh(t, {}, `ulimit -c 0; kill -${constants.signals[signal]} $$`);
    deepEqual([code, stderr], [128 + constants.signals[signal], ""]);
  });
}

test("a command that is not there is 127, one that can't be executed 126, and each says why", async (t) => {
  const absent = await finish(
    await exec(t, { environment: { PATH: "/usr/bin:/bin" } }, "no-such-command-at-all"),
  );
  deepEqual([absent.code, absent.stdout], [127, ""]);
  equal(
    absent.stderr,
    'supervise: cannot run "no-such-command-at-all" as service "web": executing "no-such-command-at-all": command not found in PATH "/usr/bin:/bin" (ENOENT)\n',
  );
  const plain = join(temporaryDirectory(t), "plain");
  writeFileSync(plain, "");
  const refused = await finish(await exec(t, {}, plain));
  deepEqual(
    [refused.code, refused.stderr],
    [
      126,
      `supervise: cannot run "${plain}" as service "web": executing "${plain}": not executable (EACCES)\n`,
    ],
  );
});

test("a directory that is gone or a user that is unknown is 126, and named", async (t) => {
  const gone = await finish(await exec(t, { workingDirectory: "/no/such/place" }, "/bin/true"));
  deepEqual(
    [gone.code, gone.stderr],
    [
      126,
      'supervise: cannot run "/bin/true" as service "web": changing to directory "/no/such/place": no such directory (ENOENT)\n',
    ],
  );
  const stranger = await finish(await exec(t, { user: "no-such-user" }, "/bin/true"));
  equal(stranger.code, 126);
  match(stranger.stderr, /no such user/);
});

for (const signal of ["SIGTERM", "SIGHUP", "SIGINT", "SIGUSR1"] as const) {
  test(`${signal} sent to exec without a terminal reaches the command, and exec stays until it has ended`, async (t) => {
    const name = signal.slice(3);
    const it = await exec(
      t,
      {},
      "/bin/sh",
      "-c",
      `trap 'echo got; kill $!; exit 9' ${name}; sleep 60 & echo ready; wait`,
    );
    equal(await it.stdout.next(), "ready");
    process.kill(it.pid, signal);
    equal(await it.stdout.next(), "got");
    equal((await it.exit()).code, 9);
  });
}
