import { equal, match, ok } from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { InTerminal } from "@supervise/testkit";
import { leave, openDashboard, serveRecorded } from "./dashboard-harness.js";
import { identity, project } from "./harness.js";

/** A press and its release, as a terminal writes them (SGR, from 1 on), where this text begins on the screen. */
function click(it: InTerminal, text: string): void {
  const rows = it.screen.lines();
  const y = rows.findIndex((row) => row.includes(text));
  ok(y >= 0, `"${text}" in:\n${rows.join("\n")}`);
  const before = rows[y]?.slice(0, rows[y].indexOf(text)) ?? "";
  // These screens have no wide characters before what is clicked.
  clickAt(it, before.length, y);
}

function clickAt(it: InTerminal, x: number, y: number): void {
  it.type(`\u001b[<0;${x + 1};${y + 1}M\u001b[<0;${x + 1};${y + 1}m`);
}

const wheelDown = (it: InTerminal, x: number, y: number): void =>
  it.type(`\u001b[<65;${x + 1};${y + 1}M`);

/** The selected row of a list stands inverted or on a colour of its own, other than the row two below. */
const isChosen = (it: InTerminal, text: string): boolean => {
  const rows = it.screen.lines();
  const y = rows.findIndex((row) => row.includes(text));
  const x = rows[y]?.indexOf(text) ?? 0;
  return y >= 0 && it.screen.styleAt(x + 60, y) !== it.screen.styleAt(x + 60, y + 2);
};

for (const [columns, rows] of [
  [80, 24],
  [200, 50],
] as const) {
  test(`${columns}x${rows}: help, palette and menu obey the mouse`, async (t) => {
    const it = openDashboard(t, await serveRecorded(t), { columns, rows });
    await it.sees(/as it was recorded/);
    it.type("?");
    await it.sees(/┌─ keys .*q: close/);
    const middle = [Math.floor(columns / 2), Math.floor(rows / 2)] as const;
    for (let time = 0; time < 30; time += 1) wheelDown(it, ...middle);
    await it.sees(/show or hide values that look like secrets/);
    click(it, "q: close");
    await it.sees((lines) => !lines.join("\n").includes("┌"), "the help to be closed");
    it.type(":zoom");
    await it.sees(/┌─ : zoom/);
    click(it, "zoom      ");
    await it.sees((lines) => !lines.join("\n").includes("1 Overview"), "the table alone");
    it.type("K");
    await it.sees(/┌─ send "api" a signal/);
    click(it, "SIGHUP");
    await it.sees(() => isChosen(it, "SIGHUP"), "SIGHUP to be chosen");
    // Beside it.
    clickAt(it, 0, middle[1]);
    await it.sees((lines) => !lines.join("\n").includes("┌"), "the menu to be closed");
    match(it.screen.lines().join("\n"), /cache +b backoff/);
    await leave(it);
  });
}

test("a signal, a question and a comparison are answered with the mouse alone", async (t) => {
  const it = project(t, {
    web: { command: ["sleep", "600"] },
    other: { command: ["sleep", "599"] },
  });
  await it.up();
  const before = identity(await it.pid("web"));
  const screen = openDashboard(t, ["--socket", join(it.runtimeDirectory, "control")], {
    columns: 100,
    rows: 40,
  });
  await screen.sees(/web +U up/);
  click(screen, "web ");
  screen.type("r");
  await screen.sees(/restart "web"\? +y: yes +n: no/);
  click(screen, "n: no");
  await screen.sees((lines) => !lines.join("\n").includes("y: yes"), "the question to go");
  equal(identity(await it.pid("web")), before, "no is no");
  screen.type("K");
  await screen.sees(/send "web" a signal/);
  click(screen, "SIGKILL");
  await screen.sees(() => isChosen(screen, "SIGKILL"), "SIGKILL to be chosen");
  click(screen, "SIGKILL");
  await screen.sees(/send SIGKILL to "web"\? +y: yes/);
  click(screen, "y: yes");
  await screen.sees(/killed by SIGKILL|b backoff/);
  writeFileSync(it.file, readFileSync(it.file, "utf8").replace(`"599"`, `"601"`));
  screen.type("C");
  await screen.sees(/┌─ apply the configuration as it is now\? +y: yes/);
  click(screen, "y: yes");
  await screen.sees(/generation 2: other \(restart\)/);
  await leave(screen);
});
