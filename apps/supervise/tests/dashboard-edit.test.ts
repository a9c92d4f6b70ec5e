import { deepEqual, equal, match } from "node:assert/strict";
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { TestScope } from "@supervise/testkit";
import { leave, openDashboard } from "./dashboard-harness.js";
import { identity, project } from "./harness.js";
import type { Project } from "./harness.js";

const STAY = { command: ["sleep", "600"] };

/** An editor that says that it has the terminal, waits for a line, and does with its file what `work` says. */
function editor(it: Project, work: string): NodeJS.ProcessEnv {
  const path = join(it.directory, "editor");
  const script = [
    "#!/bin/sh",
    "trap 'echo INTERRUPTED' INT",
    'echo run >> "$0.runs"',
    `echo "EDITOR $(($(wc -l < "$0.runs"))) HAS THE TERMINAL $(stty -a | grep -o -- '-\\?icanon')"`,
    "read line",
    work,
    "",
  ].join("\n");
  writeFileSync(path, script);
  chmodSync(path, 0o755);
  return { EDITOR: "/bin/false", VISUAL: path, TMPDIR: it.directory };
}

const open = (t: TestScope, it: Project, environment: NodeJS.ProcessEnv) =>
  openDashboard(
    t,
    ["--socket", join(it.runtimeDirectory, "control")],
    { columns: 80, rows: 24 },
    environment,
  );

test("an edit is compared before it is applied, and the terminal is the editor's for so long", async (t) => {
  const it = project(t, { web: STAY, other: STAY });
  await it.up();
  const other = identity(await it.pid("other"));
  chmodSync(it.file, 0o640);
  const words = editor(it, `sed -i '0,/"600"/s//"601"/' "$1"`);
  const screen = open(t, it, words);
  await screen.sees(/web +U up/);
  screen.type("E");
  await screen.sees(/EDITOR 1 HAS THE TERMINAL icanon/);
  screen.resize(100, 30);
  // No command of the dashboard: it is the editor's.
  screen.type("q\r");
  const shown = (await screen.sees(/apply the edit\?/)).join("\n");
  match(shown, /web +restart +command/);
  match(shown, /1 service stays as it is/);
  match(shown, /"601"/);
  equal(readFileSync(it.file, "utf8").includes("601"), false, "not written before the question");
  screen.type("y");
  await screen.sees(/generation 2: web \(restart\)/);
  match(readFileSync(it.file, "utf8"), /601/);
  equal(statSync(it.file).mode & 0o777, 0o640);
  equal(identity(await it.pid("other")), other);
  deepEqual(
    readdirSync(it.directory).filter((name) => name.startsWith("supervise-edit-")),
    [],
  );
  await leave(screen);
});

test("an edit with mistakes is told with its place, goes on where it was, and changes nothing when it is thrown away", async (t) => {
  const it = project(t, { web: STAY });
  await it.up();
  const before = readFileSync(it.file, "utf8");
  const screen = open(t, it, editor(it, `sed -i 's/command/comand/' "$1"`));
  await screen.sees(/web +U up/);
  screen.type("E");
  await screen.sees(/EDITOR 1 HAS THE TERMINAL/);
  screen.type("\r");
  const shown = (await screen.sees(/not to be applied/)).join("\n");
  match(shown, /supervise\.yaml:\d+:\d+: error/);
  match(shown, /unknown key "comand"/);
  screen.type("e");
  await screen.sees(/EDITOR 2 HAS THE TERMINAL/);
  screen.type("\r");
  await screen.sees(/unknown key "comand"/);
  screen.type("yn");
  await screen.sees(/the edit was thrown away/);
  equal(readFileSync(it.file, "utf8"), before);
  equal((await it.client.project()).generation, 1);
  await leave(screen);
});

test("an editor that fails, and a file that changed meanwhile, leave all as it is; Ctrl-C is the editor's", async (t) => {
  const it = project(t, { web: STAY });
  await it.up();
  // An interrupted read of some shells returns, with the trap run: the editor must stay until it is told to go on.
  const work = `[ "$line" = fail ] && exit 3; echo WAITS; for round in 1 2 3; do [ "$line" = on ] || read line; done; sed -i 's/600/601/' "$1"`;
  const screen = open(t, it, editor(it, work));
  await screen.sees(/web +U up/);
  screen.type("E");
  await screen.sees(/EDITOR 1 HAS THE TERMINAL/);
  screen.type("fail\r");
  await screen.sees(/ended with exit code 3: nothing was changed/);
  screen.type("E");
  await screen.sees(/EDITOR 2 HAS THE TERMINAL/);
  screen.type("go\r");
  await screen.sees(/WAITS/);
  screen.type("\u0003");
  await screen.sees(/INTERRUPTED/);
  screen.type("on\r");
  await screen.sees(/apply the edit\?/);
  writeFileSync(it.file, `${readFileSync(it.file, "utf8")}\n`);
  const before = readFileSync(it.file, "utf8");
  screen.type("y");
  await screen.sees(/was changed meanwhile: nothing was written/);
  equal(readFileSync(it.file, "utf8"), before);
  await leave(screen);
});

test("the number of replicas is set from the dashboard", async (t) => {
  const it = project(t, { web: { ...STAY, scale: 2 } });
  await it.up();
  const screen = open(t, it, {});
  await screen.sees(/web-2 +U up/);
  screen.type("#");
  await screen.sees(/replicas of "web": 2/);
  screen.type("\u007f3\r");
  await screen.sees(/web-3 +U up/);
  screen.type("#");
  await screen.sees(/replicas of "web": 3/);
  screen.type("\u007f2\r");
  await screen.sees(/scale "web" to 2\? Replicas are stopped for it\. +y: yes/);
  screen.type("y");
  await screen.sees((lines) => !/web-3 +(U|t)/.test(lines.join("\n")), "web-3 to go");
  await leave(screen);
});
