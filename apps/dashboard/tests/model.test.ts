import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { BINDINGS } from "#dashboard/model/bindings.js";
import type { Effect, Model } from "#dashboard/model/model.js";
import { tableRows } from "#dashboard/model/rows.js";
import { targetNames } from "#dashboard/model/selection.js";
import { frameText } from "#dashboard/view/frame.js";
import { helpLines } from "#dashboard/view/help.js";
import { view } from "#dashboard/view/view.js";
import { send, service, shop, row, typed } from "./samples.js";

const namesOf = (model: Model): readonly string[] =>
  tableRows(model).map((one) => (one.kind === "service" ? one.status.name : `#${one.process.pid}`));

const three = (): Model =>
  shop([
    service("web-10", { pid: 30, restarts: 2 }),
    service("web-2", { pid: 10, restarts: 0, state: "failed", reason: "gave up" }),
    service("db", { pid: null, restarts: 5, state: "down" }),
  ]);

test("names are ordered with their numbers by value", () => {
  deepEqual(namesOf(three()), ["db", "web-2", "web-10"]);
});

const ORDERS: readonly (readonly [keys: string, names: readonly string[], what: string])[] = [
  [">", ["db", "web-10", "web-2"], "state, as a service passes through them"],
  [">>", ["web-2", "web-10", "db"], "pid; what has none stands last"],
  ["I", ["web-10", "web-2", "db"], "names turned round"],
  [">>I", ["web-10", "web-2", "db"], "pids turned round: what has none still stands last"],
  ["<", ["web-2", "db", "web-10"], "reason, and equal ones by name"],
];

for (const [keys, names, what] of ORDERS)
  test(`${keys} orders by ${what}`, () => {
    deepEqual(namesOf(typed(three(), keys)[0]), names);
  });

const FILTERS: readonly (readonly [text: string, names: readonly string[]])[] = [
  ["web", ["web-2", "web-10"]],
  ["gave", ["web-2"]],
  ["web run", ["web-10"]],
  ["GAVE", []],
  ["down", ["db"]],
  ["", ["db", "web-2", "web-10"]],
];

for (const [text, names] of FILTERS)
  test(`the filter "${text}" leaves ${names.length} of 3 while it is typed, and Escape brings all back`, () => {
    const [filtered] = typed(three(), `/${text}`);
    deepEqual(namesOf(filtered), names);
    deepEqual(namesOf(typed(filtered, ["escape"])[0]).length, 3);
    deepEqual(namesOf(typed(filtered, ["enter"])[0]), names);
  });

test("a process tree unfolds with its children behind their parents, and folds to its service", () => {
  const model = send(three(), {
    type: "processes",
    names: ["web-2"],
    rows: [
      row("web-2", 10, 1, true),
      row("web-2", 13, 12),
      row("web-2", 12, 10),
      row("web-2", 14, 10),
    ],
  });
  const [unfolded] = typed(model, "jl");
  deepEqual(namesOf(unfolded), ["db", "web-2", "#10", "#12", "#13", "#14", "web-10"]);
  const [below] = typed(unfolded, "jj");
  deepEqual(below.table.selected, { kind: "process", name: "web-2", pid: 12 });
  const [folded] = typed(below, "h");
  deepEqual(
    [namesOf(folded).length, folded.table.selected],
    [3, { kind: "service", name: "web-2" }],
  );
});

test("processes that name each other as parents are shown once, or not at all, and never for ever", () => {
  const model = send(three(), {
    type: "processes",
    names: ["web-2"],
    rows: [row("web-2", 10, 10, true), row("web-2", 11, 12), row("web-2", 12, 11)],
  });
  deepEqual(namesOf(typed(model, "jl")[0]), ["db", "web-2", "#10", "web-10"]);
});

test("a selected row that has gone gives way to what stands in its place", () => {
  const [model] = typed(three(), "j");
  equal(model.table.selected?.name, "web-2");
  const after = send(model, {
    type: "services",
    services: [service("db"), service("web-10")],
    all: true,
  });
  equal(after.table.selected?.name, "web-10");
  equal(send(after, { type: "services", services: [], all: true }).table.selected, null);
});

test("actions take all that are marked, else what is selected", () => {
  const [one] = typed(three(), "G");
  deepEqual(targetNames(one), ["web-10"]);
  const [two] = typed(three(), ["space", "space"]);
  deepEqual(targetNames(two), ["web-2", "db"]);
  const [all] = typed(three(), "/web\nA");
  deepEqual(targetNames(all), ["web-10", "web-2"]);
  deepEqual(targetNames(typed(all, "U")[0]).length, 1);
});

/** Keys and what is asked of the world in the end. */
const ACTIONS: readonly (readonly [
  keys: string | readonly string[],
  effects: readonly Partial<Effect>[],
])[] = [
  ["s", [{ type: "act", action: "start", names: ["db"] }]],
  ["R", [{ type: "act", action: "reload", names: ["db"] }]],
  ["S", []],
  ["Sn", []],
  ["Sy", [{ type: "act", action: "stop", names: ["db"] }]],
  ["ry", [{ type: "act", action: "restart", names: ["db"] }]],
  [["r", "escape", "y"], []],
  [["K", "enter", "y"], [{ type: "act", action: "signal", signal: "SIGTERM" }]],
  [["K", "G", "enter", "n"], []],
  [["K", "g", "j", "enter", "y"], [{ type: "act", action: "signal", signal: "SIGINT" }]],
  ["Cy", [{ type: "compare" }]],
  [":restart\ny", [{ type: "act", action: "restart" }]],
  [["C-l"], [{ type: "redraw" }]],
  ["q", [{ type: "quit" }]],
  ["?q", []],
  ["/q", []],
];

for (const [keys, effects] of ACTIONS)
  test(`${JSON.stringify(keys)} asks for ${effects.length === 0 ? "nothing" : JSON.stringify(effects)}`, () => {
    const found = typed(three(), keys)[1];
    equal(found.length, effects.length, JSON.stringify(found));
    for (const [index, expected] of effects.entries())
      deepEqual({ ...found[index], ...expected }, found[index]);
  });

test("SIGCONT harms nobody: it is sent without a question", () => {
  const [menu] = typed(three(), "K");
  const rows = frameText(view(menu)).join("\n");
  ok(/SIGKILL +ends it at once; cannot be handled/.test(rows), rows);
  const down = Array.from({ length: 6 }, () => "j");
  const [, effects] = typed(menu, [...down, "enter"]);
  deepEqual(
    effects.map((one) => one.type === "act" && one.signal),
    ["SIGCONT"],
  );
});

test("while the supervisor is away nothing is asked of it, and the screen says so", () => {
  const away = send(three(), { type: "away", reason: "nothing is listening (ECONNREFUSED)" });
  const [model, effects] = typed(away, "s");
  deepEqual(effects, []);
  const rows = frameText(view(model));
  ok(rows[0]?.includes("AWAY for 0s"), rows[0]);
  ok(rows.at(-1)?.includes("the supervisor is away"), rows.at(-1));
});

test("a paste is typed where text is typed, and is no command elsewhere", () => {
  const before = three();
  equal(send(before, { type: "paste", text: "q" }), before);
  const [prompt] = typed(before, "/");
  deepEqual(namesOf(send(prompt, { type: "paste", text: "we\nb" })), ["web-2", "web-10"]);
});

test("a click chooses a row, a heading, a tab; the wheel scrolls what is under it", () => {
  const click = (x: number, y: number) =>
    ({ type: "mouse", mouse: { kind: "press", x, y } }) as const;
  equal(send(three(), click(8, 3)).table.selected?.name, "web-2");
  const sorted = send(three(), click(16, 1));
  equal(sorted.table.sort, "state");
  equal(send(sorted, click(16, 1)).table.descending, true);
  const tabs = frameText(view(three())).findIndex((line) => line.includes("1 Overview"));
  equal(send(three(), click(15, tabs)).tab, "descriptors");
  const many = shop(Array.from({ length: 100 }, (_, index) => service(`s${index}`)));
  const down = { type: "mouse", mouse: { kind: "wheelDown", x: 5, y: 5 } } as const;
  equal(send(many, down).table.selectedIndex, 3);
});

test("the help names every key of every command", () => {
  const text = helpLines()
    .map((line) => line.map((span) => span.text).join(""))
    .join("\n");
  for (const { keys, help } of BINDINGS)
    ok(text.includes(keys.join(" ")) && text.includes(help), help);
});

test("what came of an action is told for ten seconds, or until a key", () => {
  const told = send(three(), { type: "told", text: "saved", good: true, id: null });
  const at = (model: Model, seconds: number): Model =>
    send(model, { type: "time", nowMs: told.nowMs + seconds * 1000 });
  const looked = at(told, 1);
  equal(at(looked, 10).notice?.text, "saved");
  equal(at(looked, 11).notice, null);
  equal(typed(looked, "j")[0].notice, null);
});
