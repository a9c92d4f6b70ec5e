import { deepEqual, equal, match, ok } from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { atEnd, isAlive, until } from "@supervise/testkit";
import { finish, gone, identity, kill, project, statusField, type Project } from "./harness.js";
import { INIT, keep, needsInit } from "./keeper-harness.js";

const STAY = { command: ["sleep", "60"] };

/** `up -d` under the init; the numbers of both. */
async function detach(
  t: Parameters<typeof project>[0],
  it: Project,
): Promise<{ readonly supervisor: number; readonly init: number; readonly code: number | null }> {
  const started = it.begin(["up", "-d"], { env: { ...it.environment, SUPERVISE_INIT: INIT } });
  const { code, stdout, stderr } = await finish(started);
  const supervisor = Number(/supervised by pid (\d+)/.exec(stdout)?.[1] ?? 0);
  if (supervisor === 0) throw new Error(`up -d ended with ${code}: ${stdout}${stderr}`);
  const init = Number(statusField(supervisor, "PPid"));
  const born = identity(init);
  atEnd(t, async () => {
    // Its number may be another's by then.
    if (identity(init) !== born) return;
    for (const signal of ["SIGTERM", "SIGINT"] as const) kill(init, signal);
    await gone(init);
  });
  return { supervisor, init, code };
}

test(
  "up -d runs under the init, in a session of its own; its report comes though the init holds the pipe",
  { skip: needsInit },
  async (t) => {
    const it = project(t, { web: STAY, dies: { command: ["false"], ready: { notify: true } } });
    const { supervisor, init, code } = await detach(t, it);
    equal(code, 1, "one service has failed");
    equal(readlinkSync(`/proc/${init}/exe`), INIT);
    equal(statusField(init, "NSsid"), statusField(supervisor, "NSsid"));
    equal(existsSync(`/proc/${statusField(init, "NSsid")}`), false, "nobody leads its session");
    equal(Number(statusField(await it.pid("web"), "PPid")), init);
    equal((await it.run("down")).code, 0);
    await gone(init);
    deepEqual(it.processes(), []);
  },
);

test(
  "a supervisor in the background that is killed comes back, and goes on until it is told to end",
  { skip: needsInit },
  async (t) => {
    const it = project(t, { web: STAY, once: { type: "oneshot", command: ["true"] } });
    const { supervisor, init } = await detach(t, it);
    const web = identity(await it.pid("web"));
    kill(supervisor, "SIGKILL");
    await until(async () => (await it.client.project()).pid, {
      is: (pid) => pid !== supervisor,
      what: "another supervisor",
    });
    await until(async () => (await it.client.service("web")).state === "up", { what: "web" });
    equal(identity(await it.pid("web")), web);
    equal((await it.run("stop", "web")).code, 0);
    equal((await it.run("status")).code, 0, "with nothing left to run it stays");
    equal((await it.run("down")).code, 0);
    equal(isAlive(init), false, "down waits for the init too");
    deepEqual(it.processes(), []);
  },
);

test(
  "what is wrong with the start is told by up -d, and the init is gone with it",
  { skip: needsInit },
  async (t) => {
    const it = project(t, { web: STAY });
    const first = await detach(t, it);
    const options = { env: { ...it.environment, SUPERVISE_INIT: INIT } };
    const second = await finish(it.begin(["up", "-d"], options));
    equal(second.code, 1);
    match(second.stderr, /supervised already by pid/);
    equal((await it.run("down")).code, 0);
    await gone(first.init);
  },
);

test("where the init is missing, up -d says so and does without", async (t) => {
  const it = project(t, { web: STAY });
  const options = { env: { ...it.environment, SUPERVISE_INIT: "/nowhere/init" } };
  const { code, stderr } = await finish(it.begin(["up", "-d"], options));
  equal(code, 0);
  match(
    stderr,
    /SUPERVISE_INIT="\/nowhere\/init" is no program: if the supervisor dies, nobody starts it anew/,
  );
  equal((await it.run("down")).code, 0);
});

test(
  "under a keeper a start that is refused ends the init with the supervisor's code",
  { skip: needsInit },
  async (t) => {
    const it = project(t, { web: STAY });
    const first = await it.up();
    const refused = await finish(keep(t, it));
    equal(refused.code, 1);
    match(refused.stderr, /supervised already by pid/);
    equal((await it.run("down")).code, 0);
    equal((await finish(first)).code, 0);
    it.write({ web: { comand: "true" } });
    equal((await finish(keep(t, it))).code, 78);
    it.write({ web: STAY });
    equal((await finish(keep(t, it, { words: ["--exit-with", "wbe"] }))).code, 64);
  },
);

test(
  "under a keeper exec has the environment that services have",
  { skip: needsInit },
  async (t) => {
    const it = project(t, { web: STAY });
    const env = { ...it.environment, NODE_OF_SERVICES: "1", OPENSSL_MODULES: "/nowhere" };
    const kept = keep(t, it, { env });
    await until(() => it.pid("web"), { what: "web" });
    const { stdout } = await it.run("exec", "web", "--", "env");
    match(stdout, /^NODE_OF_SERVICES=1$/m);
    match(stdout, /^OPENSSL_MODULES=\/nowhere$/m);
    equal(/^SUPERVISE_KEEPER=/m.test(stdout), false);
    equal((await kept.end()).code, 0);
  },
);

test("Node that is not in PATH is found again by the init", { skip: needsInit }, async (t) => {
  const it = project(t, { web: { command: ["/bin/sleep", "60"] } });
  const env = { ...it.environment, SUPERVISE_INIT: INIT, PATH: "/nowhere" };
  const { code, stderr } = await finish(it.begin(["up", "-d"], { env }));
  equal(code, 0, stderr);
  equal((await it.client.service("web")).state, "up");
  equal((await it.run("down")).code, 0);
  deepEqual(it.processes(), []);
});

test("without the init up -d follows the rules of daemons: no terminal, no directory, no descriptor of its starter", async (t) => {
  const it = project(t, { web: { command: ["sh", "-c", "pwd; umask; exec sleep 60"] } });
  const through = ["sh", "-c", 'umask 037; exec 7< /etc/passwd; exec "$@"', "sh"];
  const { code, stdout } = await finish(it.begin(["up", "-d"], { through }));
  equal(code, 0);
  const pid = Number(/supervised by pid (\d+)/.exec(stdout)?.[1]);
  const session = Number(statusField(pid, "NSsid"));
  ok(session !== pid && session !== Number(statusField(process.pid, "NSsid")));
  equal(
    existsSync(`/proc/${session}`),
    false,
    "the session has no leader that could take a terminal",
  );
  const tty = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]?.split(" ")[4];
  equal(tty, "0");
  equal(readlinkSync(`/proc/${pid}/cwd`), "/");
  const opened = (fd: number): string => readlinkSync(`/proc/${pid}/fd/${fd}`);
  const log = join(it.runtimeDirectory, "supervisor.log");
  deepEqual([0, 1, 2].map(opened), ["/dev/null", log, log]);
  match(readFileSync(`/proc/${pid}/fdinfo/1`, "latin1"), /flags:\s+0?\d*2\d{3}$/m);
  // One that is closed meanwhile makes it look again.
  const all = await until(() => readdirSync(`/proc/${pid}/fd`).map((fd) => opened(Number(fd))), {
    what: "its descriptors",
  });
  equal(all.includes("/etc/passwd"), false);
  equal(statusField(pid, "Umask"), "0037", "services have the umask of whoever called");
  await until(async () => (await it.run("logs", "--no-prefix", "web")).stdout, {
    is: (said) => new RegExp(`^${it.directory}\n0037$`, "m").test(said),
    what: "its directory and umask in the log",
  });
  equal((await it.run("down")).code, 0);
  await gone(pid);
});
