import assert from "node:assert/strict";
import { closeSync, openSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { assertNoLeaks, isAlive, until } from "@supervise/testkit";
import { createKernel } from "@supervise/sys";
import { createCommands } from "#supervisor/commands.js";

const setting = {
  workingDirectory: "/",
  environment: { PATH: "/usr/bin:/bin" },
  uid: null,
  gid: null,
  umask: null,
  limits: [],
  request: null,
};
const kernel = createKernel();
/** Of setrlimit(2). */
const RLIMIT_NOFILE = 7;
const shell = (script: string): { readonly words: readonly string[] } => ({
  words: ["sh", "-c", script],
});

test("a command that ends with 0 is well, another says its code and its last words", async (t) => {
  assertNoLeaks(t);
  const commands = createCommands(kernel);
  assert.deepEqual(await commands.run(shell("exit 0"), setting, 10_000, null), { ok: true });
  assert.deepEqual(
    await commands.run(shell("echo so; echo no >&2; exit 3"), setting, 10_000, null),
    {
      ok: false,
      detail: "exit code 3",
      output: "so no",
    },
  );
  assert.deepEqual(await commands.run(shell("kill -9 $$"), setting, 10_000, null), {
    ok: false,
    detail: "killed by SIGKILL",
    output: "",
  });
  assert.equal(commands.running, 0);
});

test("a command that is not there is a failure, not an exception", async () => {
  const result = await createCommands(kernel).run({ words: ["/no/such"] }, setting, 10_000, null);
  assert.equal(result.ok, false);
  assert.match(
    result.ok ? "" : result.detail,
    /^executing "\/no\/such": no such file or directory \(ENOENT\)$/,
  );
});

test("a command that takes too long is killed with all of its process group", async () => {
  const result = await createCommands(kernel).run(
    shell("sleep 60 & echo $!; wait"),
    setting,
    300,
    null,
  );
  assert.equal(result.ok, false);
  if (result.ok) return;
  assert.equal(result.detail, "took longer than 0.3 s");
  await until(() => !isAlive(Number(result.output)), { what: "the end of the grandchild" });
});

test("a process left in the background does not hold up the result", async () => {
  const result = await createCommands(kernel).run(
    shell("sleep 60 & echo $!; exit 4"),
    setting,
    20_000,
    null,
  );
  assert.equal(result.ok, false);
  if (result.ok) return;
  assert.equal(result.detail, "exit code 4");
  process.kill(Number(result.output), "SIGKILL");
});

test("a command that was given up before its start is not started", async () => {
  const abort = new AbortController();
  const running = createCommands(kernel).run(shell("sleep 60"), setting, 60_000, abort.signal);
  abort.abort();
  assert.deepEqual(await running, { ok: false, detail: "it was given up", output: "" });
});

test("giving up kills the command", async () => {
  const abort = new AbortController();
  const running = createCommands(kernel).run(shell("sleep 60"), setting, 60_000, abort.signal);
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  abort.abort();
  const result = await running;
  assert.equal(result.ok, false);
});

test("a command has the umask and the limits that it is given, and no other process has", async () => {
  const umask = (): string | undefined =>
    /^Umask:\s+(\d+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  const before = umask();
  const result = await createCommands(kernel).run(
    shell("sleep 0.2; umask; ulimit -n; exit 3"),
    { ...setting, umask: 0o027, limits: [[RLIMIT_NOFILE, 99, 99]] },
    10_000,
    null,
  );
  assert.equal(result.ok ? "" : result.output, "0027 99");
  assert.equal(umask(), before);
});

/** Of a spawn plan; what is applied is asked of /proc. */
const asked = {
  files: [],
  argv: [],
  session: "new",
  workingDirectory: "/tmp",
  umask: 0o027,
  nice: 3,
  oomScoreAdj: 200,
  noNewPrivileges: true,
  limits: [[RLIMIT_NOFILE, 64, 128]],
} as const;

test("a command has what its service's process has, beyond what Node can give", async () => {
  const script =
    "echo $(umask) $(pwd) $(nice) $(cat /proc/self/oom_score_adj) $(ulimit -n) $(sed -n 's/^NoNewPrivs:.//p' /proc/self/status); exit 1";
  const result = await createCommands(kernel).run(
    shell(script),
    { ...setting, request: asked },
    10_000,
    null,
  );
  assert.deepEqual(result, {
    ok: false,
    detail: "exit code 1",
    output: "0027 /tmp 3 200 64 1",
  });
});

test(
  "groups and capabilities of the service are those of its commands",
  { skip: process.getuid?.() === 0 ? false : "only root can change groups" },
  async () => {
    const request = { ...asked, groups: [4, 27], gid: 65_534, uid: 65_534, capabilityBounding: [] };
    const script = "echo $(id -G) $(id -u) $(sed -n 's/^CapBnd:.//p' /proc/self/status); exit 1";
    const result = await createCommands(kernel).run(
      shell(script),
      { ...setting, request },
      10_000,
      null,
    );
    assert.equal(result.ok ? "" : result.output, "65534 4 27 65534 0000000000000000");
  },
);

test("a command that can't be started with these is told with the step that failed", async () => {
  const commands = createCommands(kernel);
  const given = (request: object) =>
    commands.run(
      { words: ["no-such-program"] },
      { ...setting, request: { ...asked, ...request } },
      10_000,
      null,
    );
  const { detail: absent } = { detail: "", ...(await given({})) };
  assert.equal(absent, 'executing "no-such-program": no such file or directory (ENOENT)');
  const { detail: nowhere } = { detail: "", ...(await given({ workingDirectory: "/no/such" })) };
  assert.equal(nowhere, "setting its working directory: no such file or directory (ENOENT)");
  assert.equal(commands.running, 0);
});

test("without free descriptors a command is not started, and nothing is left behind", async (t) => {
  const commands = createCommands(kernel);
  // What it needs is loaded while there are descriptors.
  assert.deepEqual(await commands.run(shell("exit 0"), setting, 10_000, null), { ok: true });
  assertNoLeaks(t);
  const mask = (): string | undefined =>
    /^Umask:\t(\d+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  const before = mask();
  const { soft, hard } = kernel.getLimit(RLIMIT_NOFILE);
  const taken: number[] = [];
  kernel.setLimitOf(process.pid, RLIMIT_NOFILE, 100, hard);
  try {
    for (;;) taken.push(openSync("/dev/null", "r"));
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, "EMFILE");
  }
  const results = [];
  for (let free = 0; free <= 14; free++) {
    results.push(await commands.run(shell("exit 0"), { ...setting, umask: 0o77 }, 10_000, null));
    closeSync(taken.pop() ?? -1);
  }
  for (const fd of taken) closeSync(fd);
  kernel.setLimitOf(process.pid, RLIMIT_NOFILE, soft, hard);
  const refused = {
    ok: false,
    detail: "starting a command: too many open files (EMFILE)",
    output: "",
  };
  assert.equal(results.length, 15);
  for (const result of results) assert.deepEqual(result, refused);
  assert.equal(mask(), before);
  assert.deepEqual(await commands.run(shell("exit 0"), setting, 10_000, null), { ok: true });
});
