import { deepEqual, equal, match } from "node:assert/strict";
import { readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { childrenOf, inPidNamespace, pidNamespaceSkip, until } from "@supervise/testkit";
import type { Namespaced, TestScope } from "@supervise/testkit";
import { COMMAND, finish, identity, kill, project, type Project } from "./harness.js";
import { INIT, needsInit } from "./keeper-harness.js";

const skip = pidNamespaceSkip() || needsInit;
const STAY = { command: ["sleep", "60"] };

/** The command as PID 1, which finds the init by itself. */
function asPidOne(t: TestScope, it: Project, ...words: readonly string[]): Namespaced {
  const { SUPERVISE_INIT: _, ...env } = it.environment;
  return inPidNamespace(t, [process.execPath, COMMAND, ...words], { env, cwd: it.directory });
}

function up(t: TestScope, it: Project, ...words: readonly string[]): Namespaced {
  const place = ["--file", it.file, "--runtime-dir", it.runtimeDirectory];
  // Those before the verb have to be found behind it by the init.
  return asPidOne(t, it, ...place, "up", ...words);
}

async function webOf(it: Project, init: number): Promise<number> {
  await until(async () => (await it.client.service("web")).state === "up", { what: "web" });
  return await until(
    () => childrenOf(init).find((pid) => readFileSync(`/proc/${pid}/comm`, "utf8") === "sleep\n"),
    { what: "web below the init" },
  );
}

test(
  "up as PID 1 becomes the init: a supervisor that is killed comes back, SIGTERM ends all in order",
  { skip },
  async (t) => {
    const it = project(t, { web: STAY });
    const started = up(t, it);
    const init = await started.initPid();
    const web = identity(await webOf(it, init));
    equal(readlinkSync(`/proc/${init}/exe`), INIT);
    equal((await it.client.project()).keeperPid, 1);
    const supervisor = childrenOf(init).find(
      (pid) => readlinkSync(`/proc/${pid}/exe`) === process.execPath,
    );
    kill(supervisor ?? 0, "SIGKILL");
    await until(async () => (await it.run("events")).stdout, {
      is: (text) => text.includes("generation 2"),
      what: "the next supervisor",
    });
    equal(identity(await webOf(it, init)), web);
    match((await it.run("upgrade")).stdout, /has taken over 1 of 1 running services/);
    equal(identity(await webOf(it, init)), web);
    kill(init, "SIGTERM");
    const { code, stderr } = await finish(started);
    equal(code, 0);
    match(stderr, /supervise-init: stopped by SIGTERM/);
  },
);

test(
  "as PID 1 --exit-with ends the container with the service's code, and the log says why",
  { skip },
  async (t) => {
    const it = project(t, {
      web: { command: ["sh", "-c", "sleep 60 & exit 9"], restart: "no" },
      db: STAY,
    });
    const { code } = await finish(up(t, it, "--exit-with=web", "--termination-log", "why"));
    equal(code, 9);
    match(readFileSync(join(it.directory, "why"), "utf8"), /^service "web" has failed: .* code 9/);
  },
);

test("down ends the container, and everything in it", { skip }, async (t) => {
  const it = project(t, { web: STAY });
  const started = up(t, it);
  await webOf(it, await started.initPid());
  equal((await it.run("down")).code, 0);
  equal((await finish(started)).code, 0);
  deepEqual(it.processes(), []);
});

test("run as PID 1 is the init of one command, whose orphans end with it", { skip }, async (t) => {
  const it = project(t);
  const script = "readlink /proc/1/exe; (setsid sleep 60 & ) ; exit 12";
  const { code, stdout } = await finish(asPidOne(t, it, "run", "--", "sh", "-c", script));
  equal(code, 12);
  equal(stdout, `${INIT}\n`);
});

test(
  "without an init, up as PID 1 says so and does what it can",
  { skip: pidNamespaceSkip() },
  async (t) => {
    const it = project(t, { web: { type: "oneshot", command: ["true"] } });
    const started = inPidNamespace(
      t,
      [process.execPath, COMMAND, "up", "--file", it.file, "--runtime-dir", it.runtimeDirectory],
      { env: { ...it.environment, SUPERVISE_INIT: "/nowhere/init" }, cwd: it.directory },
    );
    const { code, stderr } = await finish(started);
    equal(code, 0);
    match(stderr, /is no program: if the supervisor dies, all ends with it/);
  },
);
