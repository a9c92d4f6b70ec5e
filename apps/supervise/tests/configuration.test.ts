import { deepEqual, equal, match, ok } from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryDirectory } from "@supervise/testkit";
import { loadWithCache } from "#supervise/load.js";
import { environmentOf, identity, project } from "./harness.js";

const STAY = { command: ["sleep", "60"] };

test("replicas are services of their own under one name", async (t) => {
  const it = project(t, {
    web: { ...STAY, scale: 3, restart: "always", restart_delay: "0s" },
    after: { ...STAY, depends_on: ["web"] },
  });
  const { events } = await it.up();
  await events.state("after", "up");
  const names = (await it.client.services(["web"])).map(({ name }) => name);
  deepEqual(names, ["web-1", "web-2", "web-3"]);
  const others = [identity(await it.pid("web-1")), identity(await it.pid("web-3"))];
  const { seq } = await events.state("web-2", "up");
  process.kill(await it.pid("web-2"), "SIGKILL");
  await events.state("web-2", "up", seq);
  deepEqual([identity(await it.pid("web-1")), identity(await it.pid("web-3"))], others);
  it.write({
    web: { ...STAY, scale: 2, restart: "always", restart_delay: "0s" },
    after: { ...STAY, depends_on: ["web"] },
  });
  equal((await it.run("reload")).code, 0);
  await events.state("web-3", "down");
  equal(identity(await it.pid("web-1")), others[0]);
});

test("a service of a profile runs only with the profile", async (t) => {
  const it = project(t, { web: STAY, debug: { ...STAY, profiles: ["dev"] } });
  const first = await it.up();
  await first.events.state("web", "up");
  equal((await it.client.services([])).length, 1);
  equal((await it.run("down")).code, 0);
  await first.exit();
  const second = await it.up({ words: ["--profile", "dev"] });
  await second.events.state("debug", "up");
});

test("an optional dependency that fails holds nobody back", async (t) => {
  const it = project(t, {
    extra: { type: "oneshot", command: ["false"] },
    web: {
      ...STAY,
      depends_on: { extra: { condition: "service_completed_successfully", required: false } },
    },
  });
  const { events } = await it.up();
  await events.state("web", "up");
});

test("a restart by hand goes to the dependents that asked for it, and to no others", async (t) => {
  const it = project(t, {
    db: STAY,
    follows: { ...STAY, depends_on: { db: { condition: "service_started", restart: true } } },
    stays: { ...STAY, depends_on: { db: { condition: "service_started" } } },
  });
  const { events } = await it.up();
  await events.state("follows", "up");
  await events.state("stays", "up");
  const [follows, stays] = [identity(await it.pid("follows")), identity(await it.pid("stays"))];
  const { seq } = await events.state("follows", "up");
  equal((await it.run("restart", "db")).code, 0);
  await events.state("follows", "up", seq);
  ok(identity(await it.pid("follows")) !== follows);
  equal(identity(await it.pid("stays")), stays);
});

test("env_file, environment and interpolation make the environment of a run", async (t) => {
  const it = project(t, {});
  writeFileSync(join(it.directory, "one.env"), 'A=file\nB="from the file"\n');
  writeFileSync(
    it.file,
    'name: test\nservices:\n  web:\n    command: sleep ${NAP:-60}\n    env_file: one.env\n    environment: { A: "over ${SUPERVISE_TEST:?}", C: "a $$ sign" }\n',
  );
  const { events } = await it.up();
  await events.state("web", "up");
  const environment = environmentOf(await it.pid("web"));
  for (const entry of [`A=over ${it.directory}`, "B=from the file", "C=a $ sign"])
    ok(environment.includes(entry), entry);
});

test("a Procfile runs as it is", async (t) => {
  const it = project(t);
  const file = join(it.directory, "Procfile");
  writeFileSync(file, "web: exec sleep 60\nworker: echo $ANSWER; exec sleep 60\n");
  const supervisor = await it.up({ file, env: { ...it.environment, ANSWER: "42" } });
  await supervisor.stdout.match(/worker +\| 42/);
  await supervisor.events.state("web", "up");
});

test("several files are merged in their order", async (t) => {
  const it = project(t, { web: { command: ["sleep", "60"], environment: { A: "1", B: "1" } } });
  const over = join(it.directory, "over.yaml");
  writeFileSync(over, "services:\n  web: { environment: { B: '2' } }\n");
  const supervisor = await it.up({ words: ["--file", over] });
  await supervisor.events.state("web", "up");
  const environment = environmentOf(await it.pid("web"));
  ok(environment.includes("A=1") && environment.includes("B=2"));
  match((await it.client.project()).configurationFiles.join(), /supervise\.yaml.*over\.yaml/);
});

test("the compiled configuration is kept, but no home is made for who has none", async (t) => {
  const directory = temporaryDirectory(t);
  writeFileSync(join(directory, "supervise.yaml"), "services: { web: { command: sleep 60 } }");
  const options = { files: ["supervise.yaml"], workingDirectory: directory, profiles: [] };
  for (const [home, kept] of [
    ["", true],
    ["nobody", false],
  ] as const) {
    const cache = join(directory, home, ".cache");
    const { configuration } = await loadWithCache(options, { XDG_CACHE_HOME: cache }, "0");
    equal(configuration?.services.length, 1);
    equal(existsSync(join(cache, "supervise")), kept);
  }
  ok(!existsSync(join(directory, "nobody")));
});
