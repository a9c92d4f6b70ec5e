import { equal, match, notEqual, ok } from "node:assert/strict";
import { readlinkSync } from "node:fs";
import { test } from "node:test";
import { until } from "@supervise/testkit";
import { finish, hasOnlyStandardDescriptors, project, statusField } from "./harness.js";

const STAY = { command: ["sleep", "60"] };

test("a descriptor that the supervisor was started with does not reach a run", async (t) => {
  const it = project(t, { web: STAY });
  const supervisor = await it.up({
    through: ["sh", "-c", 'exec 7</dev/zero 9>/dev/null; exec "$@"', "sh"],
  });
  await supervisor.events.state("web", "up");
  await hasOnlyStandardDescriptors(await it.pid("web"));
});

test("signals that the supervisor was started with as ignored are at their default in a run, and the supervisor still hears them", async (t) => {
  const it = project(t, { web: STAY });
  const supervisor = await it.up({
    through: ["sh", "-c", "trap '' HUP INT QUIT TERM PIPE USR1; exec \"$@\"", "sh"],
  });
  await supervisor.events.state("web", "up");
  equal(statusField(await it.pid("web"), "SigIgn"), "0000000000000000");
  process.kill((await it.client.project()).pid, "SIGTERM");
  equal((await supervisor.exit()).code, 0);
});

test("without any of the descriptors 0 to 2 it runs, and a run has all three", async (t) => {
  const it = project(t, {
    web: { command: ["sh", "-c", "echo hello; exec sleep 60"], ready: { log: "hello" } },
  });
  const supervisor = await it.up({ through: ["sh", "-c", 'exec <&- >&- 2>&-; exec "$@"', "sh"] });
  await supervisor.events.state("web", "up");
  const pid = await it.pid("web");
  await hasOnlyStandardDescriptors(pid);
  match(readlinkSync(`/proc/${pid}/fd/1`), /^pipe:/);
  equal((await it.run("down")).code, 0);
});

test("up -d returns once all is up, and what failed is told with exit code 1 while the rest goes on", async (t) => {
  const it = project(t, {
    web: { command: ["sh", "-c", "sleep 0.2; echo here; exec sleep 60"], ready: { log: "here" } },
    dies: { command: ["false"], ready: { notify: true } },
  });
  const { code, stdout, stderr } = await finish(it.begin(["up", "-d"]));
  equal(code, 1);
  match(stderr, /dies: .*code 1/);
  match(stdout, /supervised by pid \d+/);
  equal((await it.client.service("web")).ready, true);
  equal((await it.run("down")).code, 0);
});

test("the supervisor in the background has a session of its own, no terminal, and nothing of its starter's output", async (t) => {
  const it = project(t, { web: STAY });
  const pid = await it.detach();
  const session = statusField(pid, "NSsid");
  notEqual(session, statusField(process.pid, "NSsid"));
  // Who leads no session can acquire no terminal.
  notEqual(session, String(pid));
  for (const fd of ["0", "1", "2"])
    ok(!readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith("pipe:"), `descriptor ${fd}`);
  await until(async () => (await it.client.service("web")).state === "up", {
    what: "web to be up",
  });
  equal((await it.run("down")).code, 0);
});
