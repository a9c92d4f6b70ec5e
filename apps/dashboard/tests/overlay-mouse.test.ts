import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import type { Proposal } from "#dashboard/model/proposal.js";
import type { Effect, Model } from "#dashboard/model/model.js";
import { update } from "#dashboard/model/update.js";
import { frameText } from "#dashboard/view/frame.js";
import { view } from "#dashboard/view/view.js";
import { send, service, shop, typed } from "./samples.js";

const three = (width = 100, height = 40): Model =>
  shop([service("api"), service("web-1"), service("web-2")], width, height);

const lines = (model: Model): readonly string[] => frameText(view(model));

/** The mouse where this text begins. */
function at(
  model: Model,
  text: string,
  kind: "press" | "wheelUp" | "wheelDown" = "press",
): readonly [Model, readonly Effect[]] {
  const rows = lines(model);
  const y = rows.findIndex((row) => row.includes(text));
  ok(y >= 0, `"${text}" in:\n${rows.join("\n")}`);
  return update(model, { type: "mouse", mouse: { kind, x: rows[y]?.indexOf(text) ?? 0, y } });
}

const press = (model: Model, x: number, y: number): readonly [Model, readonly Effect[]] =>
  update(model, { type: "mouse", mouse: { kind: "press", x, y } });

const wheel = (model: Model, kind: "wheelUp" | "wheelDown", times: number): Model => {
  const middle = { x: Math.floor(model.size.width / 2), y: Math.floor(model.size.height / 2) };
  let now = model;
  for (let time = 0; time < times; time += 1)
    now = send(now, { type: "mouse", mouse: { kind, ...middle } });
  return now;
};

test("in the signal menu a click chooses, one on the chosen row sends, and what destroys is asked first", () => {
  const [menu] = typed(three(), "K");
  const [chosen, nothing] = at(menu, "SIGCONT  ");
  deepEqual([chosen.overlay?.kind, nothing], ["signals", []]);
  const [sent, effects] = at(chosen, "SIGCONT  ");
  equal(sent.overlay, null);
  deepEqual(effects, [
    { type: "act", action: "signal", names: ["api"], signal: "SIGCONT", what: 'SIGCONT to "api"' },
  ]);
  const [asked, notYet] = at(at(menu, "SIGKILL")[0], "SIGKILL");
  deepEqual([asked.overlay?.kind, notYet], ["confirm", []]);
  deepEqual(
    at(asked, "y: yes")[1].map((one) => one.type === "act" && one.signal),
    ["SIGKILL"],
  );
  deepEqual(at(asked, "n: no")[1], []);
  equal(at(asked, "n: no")[0].overlay, null);
  equal(at(asked, "SIGKILL to")[0].overlay, asked.overlay, "the question is no answer");
  const [closed, still] = press(asked, 5, 5);
  deepEqual([closed.overlay, closed.table.selected, still], [null, asked.table.selected, []]);
});

test("a list does not move under a click, and the row below the pointer is the one that is chosen", () => {
  const [menu] = typed(three(80, 16), "K");
  const low = wheel(menu, "wheelDown", 5);
  const rows = lines(low);
  const y = rows.findIndex((row) => row.includes("SIGCHLD"));
  ok(y > 0, rows.join("\n"));
  const [chosen] = press(low, 20, y);
  equal(lines(chosen)[y], rows[y]);
  const [asked, effects] = press(chosen, 20, y);
  equal(asked.overlay, null);
  deepEqual(
    effects.map((one) => one.type === "act" && one.signal),
    ["SIGCHLD"],
  );
});

test("the palette: the wheel goes on in it, a click on the chosen command runs it, one beside it closes it", () => {
  const [open] = typed(three(), ":");
  const found = typed(open, "merge")[0];
  const merged = at(found, "merge  ")[0];
  deepEqual([merged.overlay, merged.logs.merged], [null, true]);
  const low = wheel(open, "wheelDown", 2);
  equal(low.overlay?.kind === "palette" && low.overlay.index, 6);
  equal(wheel(low, "wheelUp", 9).overlay?.kind, "palette");
  const [closed, effects] = press(open, 3, 20);
  deepEqual([closed.overlay, effects], [null, []]);
});

test("the help scrolls to its end and at once back, and closes by a click on its title or beside it", () => {
  const [help] = typed(three(80, 24), "?");
  const end = wheel(help, "wheelDown", 100);
  match(lines(end).join("\n"), /show or hide values/);
  const back = wheel(end, "wheelUp", 1);
  ok(lines(back).join("\n") !== lines(end).join("\n"));
  const [low] = typed(help, "GGGk");
  ok(lines(low).join("\n") !== lines(end).join("\n"), "so by keys");
  equal(press(help, 20, 10)[0].overlay?.kind, "help");
  equal(at(help, "q: close")[0].overlay, null);
  equal(press(help, 0, 10)[0].overlay, null);
});

test("which file: a click on the chosen one edits it", () => {
  const project = { ...(three().project ?? never()), configurationFiles: ["/a.yaml", "/b.yaml"] };
  const [which] = typed(send(three(), { type: "connected", project }), "E");
  const [chosen, nothing] = at(which, "/b.yaml");
  deepEqual(nothing, []);
  deepEqual(at(chosen, "/b.yaml")[1], [{ type: "edit", path: "/b.yaml", edit: null }]);
  equal(at(which, "esc: none")[0].overlay, null);
});

const EDIT = { path: "/a.yaml", before: "a\n", text: "b\n" };
const PROPOSAL: Proposal = {
  edit: EDIT,
  changes: Array.from({ length: 60 }, (_, index) => ({
    name: `s${index}`,
    kind: "restart",
    fields: ["command"],
  })),
  diagnostics: [],
  problem: null,
};

test("a comparison: its answers are clicked, the wheel scrolls it, and no click beside it throws an edit away", () => {
  const shown = send(three(), { type: "proposed", proposal: PROPOSAL });
  deepEqual(at(shown, "y: yes")[1], [{ type: "apply", edit: EDIT }]);
  deepEqual(at(shown, "e: edit on")[1], [{ type: "edit", path: EDIT.path, edit: EDIT }]);
  equal(at(shown, "n: no")[0].notice?.text, "the edit was thrown away");
  equal(press(shown, 0, 0)[0].overlay, shown.overlay);
  equal(press(shown, 50, 20)[0].overlay, shown.overlay);
  match(lines(wheel(shown, "wheelDown", 1)).join("\n"), /s3 .*restart/);
  ok(
    !lines(wheel(shown, "wheelDown", 1))
      .join("\n")
      .includes(" s2 "),
  );
  const files = send(three(), { type: "proposed", proposal: { ...PROPOSAL, edit: null } });
  const [closed, effects] = press(files, 0, 0);
  deepEqual([closed.overlay, effects], [null, []]);
  const unsound = { ...PROPOSAL, problem: "cannot connect" };
  equal(
    at(send(three(), { type: "proposed", proposal: unsound }), "n: throw away")[0].overlay,
    null,
  );
});

test("a click in the panes ends the typing of a filter, which stays; other texts stay until they are meant", () => {
  const [filtering] = typed(three(), "/web");
  const [chosen] = at(filtering, "web-2");
  deepEqual(
    [chosen.overlay, chosen.table.filter, chosen.table.selected?.name],
    [null, "web", "web-2"],
  );
  const [scaling] = typed(three(), "#");
  equal(at(scaling, "web-2")[0].overlay, scaling.overlay);
});

function never(): never {
  throw new Error("there is a project");
}
