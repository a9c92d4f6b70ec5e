import { deepEqual, equal, match } from "node:assert/strict";
import {
  appendFileSync,
  cpSync,
  readFileSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { isAlive, start, until } from "@supervise/testkit";
import { COMMAND, finish, identity, project, type Finished, type Project } from "./harness.js";
import { keep, needsInit } from "./keeper-harness.js";

const STAY = { command: ["sleep", "60"] };

async function allUp(it: Project): Promise<void> {
  await until(async () => (await it.client.services([])).every(({ state }) => state === "up"), {
    what: "all services to be up",
  });
}

test(
  "upgrade replaces the supervisor, and the services do not notice",
  { skip: needsInit },
  async (t) => {
    const it = project(t, { web: STAY, db: STAY, off: { ...STAY, scale: 2 } });
    const kept = keep(t, it);
    await until(() => it.pid("off-2"), { what: "the services" });
    await allUp(it);
    equal((await it.run("stop", "off-1")).code, 0);
    const names = ["web", "db", "off-2"];
    const before = await Promise.all(names.map(async (name) => identity(await it.pid(name))));
    const old = await kept.supervisor();
    const check = await it.run("upgrade", "--check");
    equal(check.code, 0);
    match(check.stdout, /^version (\S+) runs, version \1 is installed\n$/);
    equal(await kept.supervisor(), old, "--check changes nothing");
    const { code, stdout, stderr } = await it.run("upgrade");
    equal(code, 0, stderr);
    const next = (await it.client.project()).pid;
    equal(next !== old && !isAlive(old), true);
    match(stdout, /^version (\S+) has ended, version \1 runs\n/);
    match(stdout, new RegExp(`\npid ${next} has taken over 3 of 3 running services\n$`));
    deepEqual(await Promise.all(names.map(async (name) => identity(await it.pid(name)))), before);
    equal((await it.client.service("off-1")).state, "down", "what was stopped stays so");
    match((await it.run("events")).stdout, /generation 2: .* ended for an upgrade/);
    const json = JSON.parse((await it.run("upgrade", "--json")).stdout) as Record<string, unknown>;
    deepEqual([json["taken"], json["running"]], [3, 3]);
    equal((await kept.end()).code, 0);
    deepEqual(it.processes(), []);
  },
);

test("without a keeper an upgrade is refused with a hint, and nothing changes", async (t) => {
  const it = project(t, { web: STAY });
  const supervisor = await it.up();
  for (const words of [["upgrade"], ["upgrade", "--check"]]) {
    const { code, stderr } = await it.run(...words);
    equal(code, 1);
    match(
      stderr,
      /^supervise: cannot upgrade the supervisor: nothing above it .*\n {2}hint: supervise up -d/,
    );
  }
  equal((await it.client.project()).pid, supervisor.pid);
  equal((await it.run("down")).code, 0);
  equal((await finish(supervisor)).code, 0);
});

test("ten upgrades in a row are no faults", { skip: needsInit }, async (t) => {
  const it = project(t, { web: STAY });
  const kept = keep(t, it);
  await until(() => it.pid("web"), { what: "web" });
  const web = identity(await it.pid("web"));
  for (let round = 0; round < 10; round += 1) equal((await it.run("upgrade", "-q")).code, 0);
  equal(identity(await it.pid("web")), web);
  equal((await kept.end()).code, 0);
});

for (const [what, replace] of [
  ["an upgrade", (it: Project) => it.run("upgrade", "-q")],
  ["a crash", (_: Project, kept: ReturnType<typeof keep>) => kept.crash("SIGKILL")],
] as const)
  test(`logs -f and events -f go on over ${what}, and say so`, { skip: needsInit }, async (t) => {
    const it = project(t, { talker: { command: ["tail", "-n", "+1", "-f", "say"] } });
    const say = join(it.directory, "say");
    writeFileSync(say, "one\n");
    const kept = keep(t, it);
    await until(() => it.pid("talker"), { what: "talker" });
    const logs = it.begin(["logs", "-f", "--no-prefix"]);
    const events = it.begin(["events", "-f"]);
    await logs.stdout.match(/^one$/);
    await events.stdout.match(/talker is up/);
    appendFileSync(say, "two\n");
    await logs.stdout.match(/^two$/);
    await replace(it, kept);
    appendFileSync(say, "three\n");
    await logs.stdout.match(/^three$/);
    await events.stdout.match(/generation 2/);
    await logs.stderr.match(/the supervisor has gone; waiting/);
    await logs.stderr.match(/the supervisor is back, pid \d+/);
    await events.stderr.match(/the supervisor is back/);
    deepEqual(logs.stdout.all, ["one", "two", "three"]);
    equal((await it.run("down")).code, 0);
    equal((await finish(logs)).code, 0);
    equal((await finish(events)).code, 0);
    equal(isAlive(kept.pid), false, "down waits for the init too");
  });

/** The program as it would be installed in `folder`, with another version. */
function install(folder: string, version: string): void {
  const app = dirname(dirname(COMMAND));
  cpSync(join(app, "bin"), join(folder, "bin"), { recursive: true });
  cpSync(join(app, "dist/image"), join(folder, "dist/image"), { recursive: true });
  symlinkSync(join(app, "node_modules"), join(folder, "node_modules"));
  // Its last line names the compiled code that is its own.
  for (const name of ["up.cjs", "main.cjs"]) {
    const image = join(folder, "dist/image", name);
    const text = readFileSync(image, "utf8").replaceAll('"0.1.0"', `"${version}"`);
    writeFileSync(image, text.replace(/[0-9a-f]{16}\n$/, `${"0".repeat(16)}\n`));
  }
}

test(
  "the version that is installed now takes over; one that can't read the configuration is not tried",
  { skip: needsInit },
  async (t) => {
    const it = project(t, { web: STAY, db: STAY });
    const current = join(it.directory, "current");
    install(join(it.directory, "old"), "1.0.0");
    install(join(it.directory, "new"), "2.0.0");
    symlinkSync("old", current);
    const command = join(current, "bin/supervise.js");
    const kept = keep(t, it, { env: { ...it.environment, SUPERVISE_COMMAND: command } });
    await until(() => it.pid("db"), { what: "the services" });
    await allUp(it);
    const identities = (): Promise<string[]> =>
      Promise.all(["web", "db"].map(async (name) => identity(await it.pid(name))));
    const before = await identities();
    unlinkSync(current);
    symlinkSync("new", current);
    const socket = join(it.runtimeDirectory, "control");
    const upgrade = (...words: readonly string[]): Promise<Finished> =>
      finish(
        start(t, process.execPath, [command, "upgrade", "--socket", socket, ...words], {
          cwd: it.directory,
          env: it.environment,
        }),
      );
    const good = readFileSync(it.file, "utf8");
    writeFileSync(it.file, "services: { web: { comand: x } }\n");
    const refused = await upgrade();
    equal(refused.code, 78);
    match(refused.stderr, /comand.*\n[^]*cannot upgrade the supervisor: the configuration has/);
    equal((await it.client.project()).version, "1.0.0");
    writeFileSync(it.file, good);
    match(
      (await upgrade("--check")).stdout,
      /^version 1\.0\.0 runs, version 2\.0\.0 is installed\n$/,
    );
    const done = await upgrade();
    equal(done.code, 0, done.stderr);
    match(
      done.stdout,
      /^version 1\.0\.0 has ended, version 2\.0\.0 runs\npid \d+ has taken over 2 of 2/,
    );
    deepEqual(await identities(), before);
    equal((await it.client.project()).version, "2.0.0");
    equal((await kept.end()).code, 0);
    deepEqual(it.processes(), []);
  },
);
