import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import type { Diagnostic, SpecChange } from "@supervise/model";
import { lineChanges } from "#dashboard/model/line-changes.js";
import type { Proposal } from "#dashboard/model/proposal.js";
import type { Effect, Model } from "#dashboard/model/model.js";
import { frameText } from "#dashboard/view/frame.js";
import { view } from "#dashboard/view/view.js";
import { send, service, shop, typed } from "./samples.js";

const EDIT = { path: "/srv/supervise.yaml", before: "a\nb\nc\n", text: "a\nB\nc\nd\n" };
const CHANGES: readonly SpecChange[] = [
  { name: "db", kind: "same", fields: [] },
  { name: "web", kind: "restart", fields: ["command", "environment.PORT"] },
  { name: "cron", kind: "reload", fields: ["restart"] },
  { name: "fresh", kind: "new", fields: [] },
  { name: "old", kind: "gone", fields: [] },
];
const MISTAKE: Diagnostic = {
  severity: "error",
  file: "supervise.yaml",
  line: 7,
  column: 14,
  message: 'unknown key "comand" in a service',
  hint: 'did you mean "command"?',
};

function withFiles(files: readonly string[]): Model {
  const model = shop([service("db"), service("web")]);
  const { project } = model;
  ok(project !== null);
  return send(model, { type: "connected", project: { ...project, configurationFiles: files } });
}

function shown(more: Partial<Proposal>): Model {
  const proposal = { edit: EDIT, changes: CHANGES, diagnostics: [], problem: null, ...more };
  return send(withFiles([EDIT.path]), { type: "proposed", proposal });
}

test("E opens an editor for the file; where there are several, for the one that is chosen", () => {
  const [, one] = typed(withFiles(["/a.yaml"]), "E");
  deepEqual(one, [{ type: "edit", path: "/a.yaml", edit: null }]);
  const [, two] = typed(withFiles(["/a.yaml", "/b.yaml"]), "Ej\n");
  deepEqual(two, [{ type: "edit", path: "/b.yaml", edit: null }]);
  deepEqual(typed(withFiles(["/a.yaml", "/b.yaml"]), ["E", "escape"])[1], []);
  const [none, nothing] = typed(withFiles([]), "E");
  deepEqual(nothing, []);
  equal(none.notice?.text, "the supervisor has no configuration file");
});

test("an edit is shown with what becomes of each service and which lines are others, before it is applied", () => {
  const model = shown({});
  const rows = frameText(view(model)).join("\n");
  for (const row of [
    /apply the edit\? {2}y: yes {2}e: edit on {2}n: no/,
    /web +restart +command, environment\.PORT/,
    /cron +in place +restart/,
    /fresh +new/,
    /old +gone/,
    /1 service stays as it is/,
    /2 -b/,
    /2 \+B/,
    /4 \+d/,
  ])
    ok(row.test(rows), `${row}\n${rows}`);
  deepEqual(typed(model, "y")[1], [{ type: "apply", edit: EDIT }]);
  deepEqual(typed(model, "e")[1], [{ type: "edit", path: EDIT.path, edit: EDIT }]);
  const [closed, nothing] = typed(model, "n");
  deepEqual([closed.overlay, nothing], [null, []]);
  equal(closed.notice?.text, "the edit was thrown away");
});

test("a configuration with mistakes can't be applied: file, line and column are told, and the edit can go on", () => {
  const model = shown({ changes: [], diagnostics: [MISTAKE] });
  const rows = frameText(view(model)).join("\n");
  ok(/supervise\.yaml:7:14: error/.test(rows), rows);
  ok(/hint: did you mean "command"\?/.test(rows), rows);
  deepEqual(typed(model, "y")[1], []);
  deepEqual(typed(model, "e")[1], [{ type: "edit", path: EDIT.path, edit: EDIT }]);
  const lost = shown({ changes: [], problem: "cannot connect to control socket" });
  deepEqual(typed(lost, "y")[1], []);
});

test("C compares first; the question does not disturb what a person has begun meanwhile", () => {
  const before = withFiles([EDIT.path]);
  const [asked, effects] = typed(before, "C");
  deepEqual(effects, [{ type: "compare" }]);
  const answer = {
    type: "proposed",
    proposal: { edit: null, changes: CHANGES, diagnostics: [], problem: null },
  } as const;
  deepEqual(typed(send(asked, answer), "y")[1], [{ type: "reloadConfiguration" }]);
  const [typing] = typed(asked, "/we");
  deepEqual(send(typing, answer).overlay, typing.overlay);
});

/** Keys and what is asked of the world; "web" has two replicas. */
const SCALES: readonly (readonly [keys: string | readonly string[], effects: readonly Effect[]])[] =
  [
    ["#3\n", [scaled({ web: 23 }, 'scale "web" to 23')]],
    [["#", "C-u", "3", "enter"], [scaled({ web: 3 }, 'scale "web" to 3')]],
    [["#", "C-u", "1", "enter"], []],
    [["#", "C-u", "1", "enter", "y"], [scaled({ web: 1 }, 'scale "web" to 1')]],
    [["#", "C-u", "x", "enter"], []],
    ["#\n", [scaled({ web: 2 }, 'scale "web" to 2')]],
    [["#", "C-u", ...Array.from("idle=2"), "enter"], [scaled({ idle: 2 }, 'scale "idle" to 2')]],
    [["A", "#", "3", "enter", "y"], [scaled({ db: 3, web: 3 }, "scale 2 services to 3")]],
  ];

function scaled(counts: Readonly<Record<string, number>>, what: string): Effect {
  return { type: "scale", counts, what };
}

for (const [keys, effects] of SCALES)
  test(`${JSON.stringify(keys)} scales ${JSON.stringify(effects)}`, () => {
    const model = shop([
      service("db"),
      service("web-1", { service: "web" }),
      service("web-2", { service: "web" }),
    ]);
    const [first] = typed(model, keys[0] === "A" ? "" : "j");
    deepEqual(typed(first, keys)[1], effects);
  });

test("a comparison of lines names what is gone and what is new where it stands", () => {
  const told = (before: string, after: string): readonly string[] =>
    lineChanges(before, after).map(
      ({ kind, number, text }) =>
        `${number}${kind === "same" ? " " : kind === "gone" ? "-" : "+"}${text}`,
    );
  deepEqual(told("a\nb", "a\nb"), []);
  deepEqual(told("1\n2\n3\n4\n5\n6\n7", "1\n2\n3\nx\n5\n6\n7"), [
    "2 2",
    "3 3",
    "4-4",
    "4+x",
    "5 5",
    "6 6",
  ]);
  deepEqual(told("a\nb\nc", "b\nc\nd"), ["1-a", "1 b", "2 c", "3+d"]);
  deepEqual(told("", "x"), ["1-", "1+x"]);
  const long = Array.from({ length: 2_000 }, (_, at) => `line ${at}`);
  equal(told(long.join("\n"), long.toReversed().join("\n")).length, 4_000);
});
