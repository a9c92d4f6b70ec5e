import { deepEqual, equal, match, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { until } from "@supervise/testkit";
import { assertRestored, leave, openDashboard, pidOf } from "./dashboard-harness.js";
import { gone, kill, project } from "./harness.js";
import type { Project } from "./harness.js";

const socketOf = (it: Project): readonly string[] => [
  "--socket",
  join(it.runtimeDirectory, "control"),
];

const TALKER = {
  command: 'echo ready "{bold}x{/bold}" "[1]"; echo 日本語 >&2; sleep 600 & wait',
  shell: true,
  environment: { DB_PASSWORD: "hunter2", MODE: "test" },
};

test("what a service is doing stands in its tabs as the kernel has it", async (t) => {
  const shop = project(t, { web: TALKER, db: { command: ["sleep", "600"] } });
  await shop.up();
  const web = await shop.pid("web");
  const it = openDashboard(t, socketOf(shop), { columns: 160, rows: 45 });
  await it.sees(/▸ web +U up/);
  it.type("G");
  await it.sees(new RegExp(`process +${web} \\(main process\\)`));
  it.type("l");
  const tree = (await it.sees(/└─sleep 600/)).join("\n");
  const child = /└─sleep 600 +\S+ +(\d+) +(\d+) +(\d+) +(\d+)/.exec(tree);
  deepEqual([child?.[2], child?.[4]], [String(web), String(web)], "parent and session");
  it.type("2");
  await it.sees(/ 1 rw? +c? *pipe +\d+/);
  it.type("3");
  await it.sees(/caught +.*SIGCHLD/);
  it.type("4");
  await it.sees(/nofile +\d+ +\d+/);
  it.type("5");
  const hidden = (await it.sees(/DB_PASSWORD=/)).join("\n");
  match(hidden, /supervise\.yaml:\d+ +DB_PASSWORD=\(hidden\)/);
  match(hidden, /supervise\.yaml:\d+ +MODE=test/);
  it.type("\tv");
  await it.sees(/DB_PASSWORD=hunter2/);
  it.type("8");
  await it.sees(
    (lines) =>
      /ready \{bold\}x\{\/bold\} \[1\]/.test(lines.join("\n")) && /! 日本語/.test(lines.join("\n")),
  );
  it.type("7");
  await it.sees(new RegExp(`run 1 +pid ${web}`));
  await leave(it);
});

test("an action asks first, is carried out on all that are marked, and its outcome is told", async (t) => {
  const shop = project(t, {
    one: { command: ["sleep", "600"] },
    two: { command: ["sleep", "600"] },
    zero: { command: ["sleep", "600"] },
  });
  await shop.up();
  const before = await shop.pid("zero");
  const it = openDashboard(t, socketOf(shop));
  await it.sees(/zero +U up/);
  it.type("  S");
  await it.sees(/stop 2 services\? +y: yes/);
  it.type("n");
  await it.sees((lines) => !lines.join("").includes("y: yes"));
  it.type("Sy");
  await it.sees((lines) => lines.filter((row) => /(one|two) +- down/.test(row)).length === 2);
  equal(await shop.pid("zero"), before);
  it.type("s");
  await it.sees((lines) => lines.filter((row) => /(one|two) +U up/.test(row)).length === 2);
  it.type("UGK");
  await it.sees(/send "zero" a signal/);
  // From SIGTERM one down: SIGKILL.
  it.type("j\r");
  await it.sees(/send SIGKILL to "zero"\?/);
  it.type("y");
  await gone(before);
  it.type("7");
  await it.sees(/was killed by SIGKILL/);
  await leave(it);
});

test("the log is searched, filtered, held, copied and saved", async (t) => {
  const shop = project(t, {
    web: { command: 'for i in $(seq 200); do echo "line $i [x]"; done; sleep 600', shell: true },
  });
  await shop.up();
  const it = openDashboard(t, socketOf(shop));
  await it.sees(/web +U up/);
  it.type("8\t");
  await it.sees(/line 200 \[x\]/);
  it.type("/line 42\r");
  const found = await it.sees(/line 42 \[x\]/);
  const row = found.findIndex((text) => text.includes("line 42 [x]"));
  const column = (found[row] ?? "").indexOf("line 42");
  ok(it.screen.styleAt(column, row) !== it.screen.styleAt(0, row), "the match is highlighted");
  it.type("zF&line 19\r");
  await it.sees((lines) => lines.filter((text) => /line \d+ \[x\]/.test(text)).length === 11);
  it.type("y");
  await it.sees(/11 lines copied/);
  const copied = it.screen.clipboard[0] ?? "";
  equal(copied.split("\n").filter((text) => /^line 19\d? \[x\]$/.test(text)).length, 11, copied);
  it.type("o");
  await it.sees(/save as: web\.log/);
  const file = join(shop.directory, "saved.log");
  it.type(`\u0015${file}\r`);
  await it.sees(/saved as/);
  equal(readFileSync(file, "utf8").split("\n").length, 12);
  await leave(it);
});

test("it says that the supervisor is away, and goes on with the next one", async (t) => {
  const shop = project(t, { web: { command: ["sleep", "600"] } });
  const first = await shop.up();
  const it = openDashboard(t, socketOf(shop));
  await it.sees(/web +U up/);
  kill(first.pid, "SIGTERM");
  await gone(first.pid);
  await it.sees(/AWAY for /);
  it.type("S");
  await it.sees(/the supervisor is away/);
  const second = await shop.up();
  await it.sees(new RegExp(`supervisor ${second.pid} *\n`));
  await it.sees(/web +U up/);
  await leave(it);
});

test("an error of its own gives the terminal back and is told", async (t) => {
  const shop = project(t, { web: { command: ["sleep", "600"] } });
  await shop.up();
  const it = openDashboard(t, socketOf(shop), undefined, {
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent("process.on('SIGUSR2',()=>{throw new Error('on purpose')})")}`,
  });
  await it.sees(/web +U up/);
  kill(pidOf(it), "SIGUSR2");
  equal((await it.exit()).code, 1);
  await assertRestored(it);
  match(it.screen.lines().join("\n"), /supervise: internal error: Error: on purpose/);
});

test("a terminal that hangs up ends it", async (t) => {
  const shop = project(t, { web: { command: ["sleep", "600"] } });
  await shop.up();
  const it = openDashboard(t, socketOf(shop));
  await it.sees(/web +U up/);
  const pid = pidOf(it);
  it.hangUp();
  await gone(pid);
  await until(async () => (await shop.client.project()).name, {
    is: (name) => name === "test",
    what: "the supervisor to go on",
  });
});

test("a supervisor that is stopped is told to be away until it answers again", async (t) => {
  const shop = project(t, { web: { command: ["sleep", "600"] } });
  await shop.up();
  const it = openDashboard(t, socketOf(shop));
  const lines = await it.sees(/▸ web +U up .*\d+s/);
  const supervisor = Number(/supervisor (\d+)/.exec(lines[0] ?? "")?.[1]);
  kill(supervisor, "SIGSTOP");
  try {
    // Five seconds are no silence yet.
    await it.sees(
      / AWAY for \d+s, looking for it: it takes connections and does not/,
      "the silence to be told",
      60_000,
    );
  } finally {
    kill(supervisor, "SIGCONT");
  }
  // What is told goes after a while.
  await it.sees(
    new RegExp(`^ .* 1 up +supervisor ${supervisor}[^]*the supervisor is back, pid ${supervisor}`),
  );
  await leave(it);
});
