import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import {
  childrenOf,
  inPidNamespace,
  pidNamespaceCommand,
  pidNamespaceSkip,
  readProcess,
  start,
  until,
} from "@supervise/testkit";
import type { Namespaced, TestScope } from "@supervise/testkit";
import { COMMAND, kill, project, type Project } from "./harness.js";

const skip = pidNamespaceSkip();
const STAY = { command: ["sleep", "60"] };

function upAsPidOne(t: TestScope, it: Project): Namespaced {
  return inPidNamespace(
    t,
    [process.execPath, COMMAND, "up", "--file", it.file, "--runtime-dir", it.runtimeDirectory],
    {
      env: it.environment,
      cwd: it.directory,
    },
  );
}

test("as PID 1 it reaps a thousand orphans, and no zombie is left", { skip }, async (t) => {
  const it = project(t, {
    breeder: {
      type: "oneshot",
      command: ["sh", "-c", "n=0; while [ $n -lt 1000 ]; do (true &); n=$((n + 1)); done"],
    },
    stay: STAY,
  });
  const supervisor = upAsPidOne(t, it);
  await supervisor.stdout.match(/breeder is done/, { deadlineMs: 30_000 });
  equal(
    await until(async () => (await it.client.project()).pid, { what: "the control socket" }),
    1,
  );
  const reaped = async (): Promise<number> =>
    Number(/^supervise_orphans_reaped_total (\d+)/m.exec(await it.client.metrics())?.[1]);
  await until(reaped, { is: (count) => count >= 1_000, what: "a thousand orphans to be reaped" });
  const init = await supervisor.initPid();
  deepEqual(
    childrenOf(init).filter((pid) => readProcess(pid)?.state === "Z"),
    [],
  );
  equal((await it.run("down")).code, 0);
  deepEqual(await supervisor.exit(), { code: 0, signal: null });
});

test("with the /proc of another PID namespace it refuses to start", { skip }, async (t) => {
  const it = project(t, { stay: STAY });
  const [unshare, ...words] = pidNamespaceCommand([
    process.execPath,
    COMMAND,
    "up",
    "--file",
    it.file,
    "--runtime-dir",
    it.runtimeDirectory,
  ]);
  const args = words.filter((word) => word !== "--mount-proc");
  const refused = start(t, unshare, args, { env: it.environment, cwd: it.directory });
  equal((await refused.exit()).code, 1);
  await refused.stderr.match(
    /^supervise: cannot start project "test": "\/proc" is that of another PID namespace$/,
  );
});

test("as PID 1 it stops everything at SIGTERM and ends with 0", { skip }, async (t) => {
  const it = project(t, {
    stay: {
      // It says so only when the other process has left its environment behind: until then it would be known by that.
      command: [
        "sh",
        "-c",
        "env -i setsid sleep 60 >/dev/null 2>&1 & while grep -q INVOCATION_ID /proc/$!/environ; do :; done; echo here; exec sleep 60",
      ],
      ready: { log: "here" },
    },
  });
  const supervisor = upAsPidOne(t, it);
  await supervisor.stdout.match(/stay is up/);
  kill(await supervisor.initPid(), "SIGTERM");
  deepEqual(await supervisor.exit(), { code: 0, signal: null });
  // The kernel kills what is left in a namespace whose init ends: that nothing was left shows in what was said.
  const said = await supervisor.stdout.rest();
  ok(
    said.some((line) => /is left and of no known service/.test(line)),
    said.join("\n"),
  );
});

test(
  "as PID 1 it survives signals whose default would be the end, and stdin that is closed",
  { skip },
  async (t) => {
    const it = project(t, { stay: STAY });
    const supervisor = upAsPidOne(t, it);
    await supervisor.stdout.match(/stay is up/);
    const init = await supervisor.initPid();
    const pid = await until(() => it.pid("stay"), { what: "the control socket" });
    for (const signal of ["SIGUSR1", "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGHUP"] as const)
      kill(init, signal);
    await until(async () => (await it.run("events")).stdout, {
      is: (text) => / configuration /.test(text),
      what: "the reload that SIGHUP asks for",
    });
    equal(await it.pid("stay"), pid);
    equal((await it.run("down")).code, 0);
  },
);
