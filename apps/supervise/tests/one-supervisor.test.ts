import { equal, match, ok } from "node:assert/strict";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { finish, gone, identity, project } from "./harness.js";

const STAY = { command: ["sleep", "60"] };

test("a second supervisor of the project is refused, and says who holds it", async (t) => {
  const it = project(t, { web: STAY });
  const first = await it.up();
  await first.events.state("web", "up");
  const web = identity(await it.pid("web"));
  for (const words of [["up"], ["up", "-d"]]) {
    const second = await finish(it.begin(words));
    equal(second.code, 1);
    match(second.stderr, new RegExp(`supervised already by pid ${first.pid}\\b`));
  }
  equal(identity(await it.pid("web")), web);
  equal((await it.client.project()).pid, first.pid);
});

test("the lock and the control socket of a killed supervisor hold nobody back", async (t) => {
  const it = project(t, { once: { type: "oneshot", command: ["true"] }, web: STAY });
  const first = await it.up();
  await first.events.state("web", "up");
  const socket = join(it.runtimeDirectory, "control");
  process.kill(first.pid, "SIGKILL");
  await gone(first.pid);
  ok(existsSync(socket), "a killed supervisor leaves its socket");
  const asked = await it.run("status");
  equal(asked.code, 1);
  match(asked.stderr, /nothing is listening \(ECONNREFUSED\)/);
  const second = await it.up();
  await second.events.find("web to run", (entry) => entry.service === "web");
  equal((await it.client.project()).pid, second.pid);
});

test("the control socket is the owner's alone, and gone after down", async (t) => {
  const it = project(t, { web: STAY });
  const supervisor = await it.up();
  const socket = join(it.runtimeDirectory, "control");
  equal(statSync(socket).mode & 0o777, 0o600);
  equal((await it.run("down")).code, 0);
  await supervisor.exit();
  ok(!existsSync(socket));
});
