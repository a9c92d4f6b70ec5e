import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { leave, openDashboard, serveRecorded } from "./dashboard-harness.js";

const STATES = [
  /^ ▸ api +U up /m,
  /^ {3}batch +d done /m,
  /^ {3}cache +b backoff /m,
  /^ {3}db +F failed /m,
  /^ {3}edge +w waiting /m,
  /^ ▸ feed +t signalled /m,
  /^ ▸ gate +s starting /m,
  /^ {3}hold +- down /m,
];

for (const [columns, rows] of [
  [80, 24],
  [200, 50],
  [300, 80],
] as const) {
  test(`${columns}x${rows}: every state with its letter and its reason, nothing beyond the edges`, async (t) => {
    const it = openDashboard(t, await serveRecorded(t), { columns, rows });
    const lines = await it.sees(/service "api" is as it was recorded/);
    const text = lines.join("\n");
    for (const state of STATES) ok(state.test(text), `${state} in:\n${text}`);
    ok(text.includes("{bold"), text);
    const counts =
      columns < 100 ? " shop  1- 1w 1s 1U 1t 1b 1F 1d" : " shop  1 down 1 waiting 1 starting";
    ok(lines[0]?.startsWith(counts), lines[0]);
    equal(lines.length, rows);
    deepEqual(it.screen.unknown, []);
    // A terminal that knows synchronized updates shows each frame at once: nothing is drawn outside of them.
    const drawn = it.output().replaceAll(/\u001b\[\?2026h[^]*?\u001b\[\?2026l/g, "");
    equal(/[─│▸]|recorded/.test(drawn), false, drawn);
    await leave(it);
  });
}

const TERMINALS: readonly (readonly [what: string, environment: NodeJS.ProcessEnv])[] = [
  ["the Linux console", { TERM: "linux" }],
  ["an old terminal", { TERM: "vt220" }],
  ["a locale without Unicode", { LANG: "C" }],
];

for (const [what, environment] of TERMINALS) {
  test(`${what}: only ASCII is drawn, and every state is told`, async (t) => {
    const it = openDashboard(t, await serveRecorded(t), undefined, environment);
    const text = (await it.sees(/service "api" is as it was recorded/)).join("\n");
    for (const state of STATES)
      ok(new RegExp(state.source.replace("▸", "\\+"), "m").test(text), `${state} in:\n${text}`);
    ok(!/[^\n -~]/.test(text), text);
    it.type("q");
    equal((await it.exit()).code, 0);
    equal(await it.restored(), true);
    equal(it.screen.cursor.visible, true);
  });
}

for (const term of ["screen-256color", "screen.xterm-256color", "tmux-256color"]) {
  test(`${term}: lines are drawn as lines, without another character set`, async (t) => {
    const it = openDashboard(t, await serveRecorded(t), undefined, { TERM: term });
    await it.sees(/as it was recorded/);
    it.type("?");
    await it.sees(/┌─ keys .*─┐/);
    deepEqual(it.screen.unknown, []);
    it.type("q");
    await it.sees((lines) => !lines.join("").includes("┌"));
    await leave(it);
    deepEqual(it.screen.lines().slice(1).filter(Boolean), [], "nothing was written before it");
  });
}

test("NO_COLOR: no colour is written, and what is selected is still seen", async (t) => {
  const it = openDashboard(t, await serveRecorded(t), undefined, { NO_COLOR: "1" });
  await it.sees(/as it was recorded/);
  // SGR 30 to 49 and 90 to 107 are colours.
  ok(!/\u001b\[(?:[\d;]*;)?(?:[34]\d|9\d|10[0-7])(?:;[\d;]*)?m/.test(it.output()));
  equal(it.screen.styleAt(5, 2), "7");
  await leave(it);
});

test("a terminal that nobody described is taken for an xterm", async (t) => {
  const it = openDashboard(t, await serveRecorded(t), undefined, {
    TERM: "xyz",
    TERMINFO: "/nonexistent",
  });
  await it.sees(/as it was recorded/);
  await leave(it);
});

for (const term of ["dumb", "unknown"]) {
  test(`TERM=${term}: it says why it shows nothing`, async (t) => {
    const it = openDashboard(t, await serveRecorded(t), undefined, { TERM: term });
    equal((await it.exit()).code, 1);
    await it.shows(
      /cannot show the dashboard: a terminal of type "\w+" \(TERM\) cannot place what is written\s+hint: /,
    );
    ok(!it.output().includes("\u001b"), it.output());
  });
}

test("every size that the terminal is given is filled, down to one that shows nothing", async (t) => {
  const it = openDashboard(t, await serveRecorded(t));
  await it.sees(/as it was recorded/);
  for (const [columns, rows] of [
    [120, 30],
    [40, 10],
    [10, 3],
    [1, 1],
    [250, 60],
    [80, 24],
  ] as const) {
    it.resize(columns, rows);
    await it.sees(
      (lines) => lines.length === rows && (rows < 10 || (lines[0] ?? "").startsWith(" shop")),
      `${columns}x${rows}`,
    );
  }
  await it.sees(/hold +- down/);
  it.type("q");
  equal((await it.exit()).code, 0);
  deepEqual([await it.restored(), it.screen.alternate], [true, false]);
});

test("what stands behind a character whose width terminals disagree about stands in its place all the same", async (t) => {
  const it = openDashboard(t, await serveRecorded(t));
  await it.sees(/as it was recorded/);
  it.type("8");
  // The screen of the tests gives the heart one column, the dashboard two.
  const lines = await it.sees(/line 59 .* \^\[\[31mred/);
  const row = lines.findIndex((line) => line.includes("line 59 "));
  const cells = Array.from({ length: 40 }, (_, x) => it.screen.characterAt(x, row));
  deepEqual(cells.slice(11, 34).join("|"), "l|i|n|e| |5|9| |日||本||語|| |❤\ufe0f| | |^|[|[|3|1");
  await leave(it);
});
