import { equal, match, notEqual } from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { until } from "@supervise/testkit";
import { finish, kill, project, type Project } from "./harness.js";
import { keep, needsInit, type Kept } from "./keeper-harness.js";

/** Ends once the file "go" is there; tells by "asked" that its stop has begun. */
const SLOW = {
  command: [
    "sh",
    "-c",
    "trap 'echo > asked; until [ -e go ]; do sleep 0.05; done; exit 0' TERM; echo > ready; while :; do sleep 0.05; done",
  ],
  stop_grace_period: "20s",
  ready: { file: "ready" },
};
const STAY = { command: ["sleep", "60"] };

const seen = (it: Project, file: string): Promise<unknown> =>
  until(() => existsSync(join(it.directory, file)), { what: `the file ${file}` });

const isUp = (it: Project, name: string): Promise<unknown> =>
  until(async () => (await it.client.service(name)).ready, { what: `${name} to be ready` });

/** Asks, kills the supervisor once the stop goes on, lets it go on, and returns what came of it. */
async function overADeath(it: Project, kept: Kept, ...words: string[]) {
  const asked = it.begin(words);
  await seen(it, "asked");
  await kept.crash("SIGKILL");
  writeFileSync(join(it.directory, "go"), "");
  return finish(asked);
}

const WENT = /^supervise: the supervisor went away; the next one is asked$/m;

test("a stop is told done by the next supervisor", { skip: needsInit }, async (t) => {
  const it = project(t, { slow: SLOW, other: STAY });
  const kept = keep(t, it);
  await isUp(it, "slow");
  const { code, stdout, stderr } = await overADeath(it, kept, "stop", "slow");
  equal(code, 0, stderr);
  equal(stdout, "slow: stopped\n");
  match(stderr, WENT);
  equal((await it.client.service("slow")).state, "down");
});

test(
  "a restart is told done by the next supervisor, and restarts once",
  { skip: needsInit },
  async (t) => {
    const it = project(t, { slow: SLOW, other: STAY });
    const kept = keep(t, it);
    await isUp(it, "slow");
    const before = await it.client.service("slow");
    const { code, stdout, stderr } = await overADeath(it, kept, "restart", "slow");
    equal(code, 0, stderr);
    const now = await it.client.service("slow");
    equal(stdout, `slow: up, pid ${now.pid}\n`);
    notEqual(now.pid, before.pid);
    equal(now.run, before.run + 1);
  },
);

test("a start waits for readiness over a death", { skip: needsInit }, async (t) => {
  const late = { command: ["sh", "-c", "echo > begun; exec sleep 60"], ready: { file: "go" } };
  const it = project(t, { late, other: STAY });
  const kept = keep(t, it);
  await seen(it, "begun");
  await until(() => it.client.project(), { what: "the control socket" });
  const asked = it.begin(["start", "late"]);
  const waits = it.begin(["wait", "late"]);
  // Whether a death meets them before, in or after their first request makes no difference.
  await kept.crash("SIGKILL");
  await kept.crash("SIGKILL");
  writeFileSync(join(it.directory, "go"), "");
  const started = await finish(asked);
  equal(started.code, 0, started.stderr);
  match(started.stdout, /^late: (up, pid \d+|already up)\n$/);
  const waited = await finish(waits);
  equal(waited.stdout, "late: ready\n", waited.stderr);
});

test("down ends everything over a death", { skip: needsInit }, async (t) => {
  const it = project(t, { slow: SLOW, other: STAY });
  const kept = keep(t, it);
  await isUp(it, "slow");
  const { code, stderr } = await overADeath(it, kept, "down");
  equal(code, 0, stderr);
  equal((await finish(kept)).code, 0);
});

test("a supervisor that nobody starts anew is told", async (t) => {
  const it = project(t, { slow: SLOW });
  const supervisor = await it.up();
  await isUp(it, "slow");
  const asked = it.begin(["stop", "slow"]);
  await seen(it, "asked");
  kill(supervisor.pid, "SIGKILL");
  const { code, stderr } = await finish(asked);
  equal(code, 1);
  match(stderr, /the supervisor went away$/m);
  writeFileSync(join(it.directory, "go"), "");
  await until(() => it.processes().length === 0, { what: "the end of the service" });
});

test("down ends what a supervisor leaves that was killed on the way", async (t) => {
  const it = project(t, { slow: SLOW, other: STAY });
  const supervisor = await it.up();
  await isUp(it, "slow");
  const asked = it.begin(["down"]);
  await seen(it, "asked");
  kill(supervisor.pid, "SIGKILL");
  writeFileSync(join(it.directory, "go"), "");
  const { code, stderr } = await finish(asked);
  equal(code, 0, stderr);
  await until(() => it.processes().length === 0, { what: "the end of the services" });
});
