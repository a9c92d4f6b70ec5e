import { deepEqual, equal, match, ok } from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { atEnd, start } from "@supervise/testkit";
import { COMMAND, identity, project, type Project } from "./harness.js";

const STAY = { command: ["sleep", "60"] };

async function identities(it: Project, names: readonly string[]): Promise<readonly string[]> {
  return Promise.all(names.map(async (name) => identity(await it.pid(name))));
}

test("a reload touches only what changed: new ones start, gone ones stop, the others never notice", async (t) => {
  const it = project(t, { same: STAY, changed: STAY, policy: STAY, gone: STAY });
  const { events } = await it.up();
  for (const name of ["same", "changed", "policy", "gone"]) await events.state(name, "up");
  const untouched = await identities(it, ["same", "policy"]);
  const [changed, old] = [await it.pid("changed"), await it.pid("gone")];
  it.write({
    same: STAY,
    changed: { command: ["sleep", "61"] },
    policy: { ...STAY, restart: "always" },
    fresh: STAY,
  });
  const reload = await it.run("reload");
  equal(reload.code, 0, reload.stderr);
  match(reload.stdout, /changed: restart \(command\)/);
  match(reload.stdout, /policy: reload \(restart\)/);
  match(reload.stdout, /fresh: new/);
  match(reload.stdout, /gone: gone/);
  match(reload.stdout, /generation 2/);
  await events.state("fresh", "up");
  const { seq } = await events.find(
    "changed to go",
    (entry) => entry.service === "changed" && entry.kind === "exit",
  );
  await events.state("changed", "up", seq);
  ok((await it.pid("changed")) !== changed);
  await events.state("gone", "down");
  equal(identity(old).endsWith("gone"), true);
  deepEqual(await identities(it, ["same", "policy"]), untouched);
  equal((await it.run("why", "gone")).code, 1);
});

test("SIGHUP applies the changed configuration", async (t) => {
  const it = project(t, { same: STAY });
  const supervisor = await it.up();
  await supervisor.events.state("same", "up");
  const same = await identities(it, ["same"]);
  it.write({ same: STAY, fresh: STAY });
  process.kill(supervisor.pid, "SIGHUP");
  await supervisor.events.state("fresh", "up");
  deepEqual(await identities(it, ["same"]), same);
  equal((await it.client.project()).generation, 2);
});

test("a bad file changes nothing, and every mistake is told with file, line and column", async (t) => {
  const it = project(t, { same: STAY });
  const supervisor = await it.up();
  await supervisor.events.state("same", "up");
  const same = await identities(it, ["same"]);
  writeFileSync(
    it.file,
    "name: test\nservices:\n  same:\n    command: [sleep, '61']\n    stop_grace_period: many\n    comand: x\n",
  );
  const reload = await it.run("reload");
  equal(reload.code, 78);
  match(reload.stderr, /supervise\.yaml", line 5, column 24: .*stop_grace_period.*"many"/);
  match(reload.stderr, /line 6, column 5: .*comand/);
  match(reload.stderr, /command/);
  match(reload.stderr, /nothing was changed/);
  process.kill(supervisor.pid, "SIGHUP");
  const told = await supervisor.events.find(
    "a word on the bad file",
    (entry) => entry.kind === "configuration" || entry.kind === "warning",
  );
  match(told.message, /line 5|supervise\.yaml/);
  deepEqual(await identities(it, ["same"]), same);
  equal((await it.client.project()).generation, 1);
});

test("a configuration that is gone or broken changes nothing, says so, and keeps no verb from its supervisor", async (t) => {
  const it = project(t, { same: STAY });
  const home = join(it.directory, "home");
  const env = { ...it.environment, XDG_RUNTIME_DIR: home, TMPDIR: home };
  mkdirSync(home);
  // Found by itself, beside a runtime directory of its own: nothing names the project but the file.
  const ask = async (...words: string[]): Promise<{ code: number | null; text: string }> => {
    const asked = start(t, process.execPath, [COMMAND, ...words], { cwd: it.directory, env });
    const { code } = await asked.exit();
    await Promise.all([asked.stdout.rest(), asked.stderr.rest()]);
    return { code, text: [...asked.stdout.all, ...asked.stderr.all].join("\n") };
  };
  const name = `gone${process.pid}`;
  // Root's is outside of the test's directory.
  atEnd(t, () => rmSync(join("/run/supervise", name), { recursive: true, force: true }));
  it.write({ same: STAY }, { name });
  const supervisor = start(t, process.execPath, [COMMAND, "up"], { cwd: it.directory, env });
  await supervisor.stdout.match(/same is up/);
  rmSync(it.file);
  match(
    (await ask("reload", "-p", name)).text,
    /cannot read "supervise\.yaml": no such file \(ENOENT\)/,
  );
  process.kill(supervisor.pid, "SIGHUP");
  await supervisor.stdout.match(/Configuration not applied: nothing was changed/);
  writeFileSync(it.file, "services: { same: { comand: x } }\n");
  const reload = await ask("reload");
  equal(reload.code, 78);
  match(reload.text, /line 1, column 21: unknown key "comand"/);
  writeFileSync(it.file, "services: [\n");
  match((await ask("status")).text, /same +up/);
  equal((await ask("down")).code, 0);
  equal((await supervisor.exit()).code, 0);
});

test("a service that was stopped by hand stays so through a reload", async (t) => {
  const it = project(t, { one: STAY, two: STAY });
  const { events } = await it.up();
  await events.state("two", "up");
  equal((await it.run("stop", "one")).code, 0);
  it.write({ one: { command: ["sleep", "61"] }, two: STAY, three: STAY });
  equal((await it.run("reload")).code, 0);
  await events.state("three", "up");
  equal((await it.client.service("one")).state, "down");
});

test("a reload of a service is its signal or its command, and without either it says so", async (t) => {
  const it = project(t, {
    signal: {
      command: ["sh", "-c", "trap 'echo got it' HUP; echo here; while :; do sleep 0.05; done"],
      ready: { log: "here" },
      reload_signal: "SIGHUP",
    },
    command: { ...STAY, reload_command: ["sh", "-c", "echo $MAINPID > reloaded"] },
    neither: STAY,
  });
  const supervisor = await it.up();
  await supervisor.events.state("signal", "up");
  equal((await it.run("reload", "signal")).code, 0);
  await supervisor.stdout.match(/got it/);
  equal((await it.run("reload", "command")).code, 0);
  const refused = await it.run("reload", "neither");
  equal(refused.code, 1);
  match(refused.stderr, /neither.*reload/);
});

test("a reload while the file is unchanged changes nothing", async (t) => {
  const it = project(t, { one: STAY });
  const { events } = await it.up();
  await events.state("one", "up");
  const before = await identities(it, ["one"]);
  equal((await it.run("reload")).code, 0);
  deepEqual(await identities(it, ["one"]), before);
});
