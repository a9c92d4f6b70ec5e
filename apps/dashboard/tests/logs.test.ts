import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import type { LogLine } from "@supervise/model";
import { appendLines, KEPT_LINES, visibleLines } from "#dashboard/model/logs.js";
import type { Model } from "#dashboard/model/model.js";
import { frameText } from "#dashboard/view/frame.js";
import { view } from "#dashboard/view/view.js";
import { logLine, send, service, shop, typed } from "./samples.js";

/** The log of one service on the whole screen of 10 rows: 7 of them for lines, or 6 above what is said of it. */
function log(count: number, textOf: (index: number) => string = (index) => `line ${index}`): Model {
  const lines = Array.from({ length: count }, (_, index) => logLine("web", index, textOf(index)));
  const model = typed(shop([service("web")], 60, 10), ["8", "tab", "z"])[0];
  return send(model, { type: "logs", names: ["web"], anew: true, lines });
}

const shown = (model: Model): readonly string[] =>
  frameText(view(model))
    .slice(2, -1)
    .map((row) => row.slice(11))
    .filter((row) => row !== "");

test("it follows the end, stands still where it is scrolled to, and follows again", () => {
  const model = log(50);
  deepEqual(shown(model).at(-1), "line 49");
  const [up] = typed(model, "kkk");
  ok(shown(up).includes("line 46") && !shown(up).includes("line 47"), shown(up).join());
  const more = send(up, {
    type: "logs",
    names: ["web"],
    anew: false,
    lines: [logLine("web", 50, "line 50")],
  });
  deepEqual(
    shown(more),
    shown(up).map((text) => text.replace("of 50", "of 51")),
  );
  deepEqual(shown(typed(more, "F")[0]).at(-1), "line 50");
  deepEqual(shown(typed(more, "G")[0]).at(-1), "line 50");
  deepEqual(shown(typed(more, "g")[0])[0], "line 0");
});

test("a search goes from line to line in both directions, round the ends", () => {
  const model = log(30, (index) => (index % 10 === 3 ? `here ${index}` : `line ${index}`));
  const [found] = typed(model, ["/", ...Array.from("here"), "enter"]);
  deepEqual(found.logs.match, 23);
  deepEqual(
    ["N", "NN", "NNN", "n", "nn"].map((keys) => typed(found, keys)[0].logs.match),
    [13, 3, 23, 3, 13],
  );
  const [none] = typed(model, ["/", ...Array.from("nowhere"), "enter"]);
  deepEqual([none.logs.match, none.notice?.text], [null, '"nowhere" is not in this log']);
});

test("matches are highlighted where they stand, also behind wide characters and without regard to case", () => {
  const [model] = typed(
    log(1, () => "日本 Here here"),
    ["/", ...Array.from("here"), "enter"],
  );
  const frame = view(model);
  const row = frameText(frame).findIndex((text) => text.includes("日本"));
  const columns = Array.from({ length: 60 }, (_, x) => x).filter(
    (x) => frame.styles[row * 60 + x] === "match",
  );
  deepEqual(columns, [16, 17, 18, 19, 21, 22, 23, 24]);
});

test("filters leave the lines of a stream and of a text, and both can be taken back", () => {
  const model = log(20, (index) => `line ${index}`);
  const [errors] = typed(model, "e");
  deepEqual(
    shown(errors).filter((text) => text.startsWith("line")),
    ["line 6", "line 13"],
  );
  const [some] = typed(model, ["&", ...Array.from("line 1"), "enter"]);
  equal(shown(some).filter((text) => text.startsWith("line")).length, 6);
  deepEqual(shown(typed(some, ["escape"])[0]).length, 7);
  equal(typed(some, ["escape"])[0].logs.pattern, "");
});

test("long lines are cut, moved sideways or wrapped, and never past the edge", () => {
  const model = log(1, () => "0123456789".repeat(10));
  ok(shown(model)[0]?.endsWith("…"));
  ok(shown(typed(model, "l")[0])[0]?.startsWith("8901234"));
  equal(shown(typed(model, "w")[0]).join(""), "0123456789".repeat(10));
});

test("what was not read in time is told where it is missing", () => {
  const model = send(log(1), {
    type: "logs",
    names: ["web"],
    anew: false,
    lines: [{ ...logLine("web", 9, "next"), skipped: 8 }],
  });
  ok(frameText(view(model)).join("\n").includes("8 lines were not read in time"));
});

test("selected lines are copied as they are, without borders and times", () => {
  const model = log(10, (index) => `{bold}${index}{/}\u001b[1m`);
  const [, effects] = typed(model, "vkky");
  deepEqual(effects, [
    { type: "copy", text: "{bold}7{/}^[[1m\n{bold}8{/}^[[1m\n{bold}9{/}^[[1m\n" },
  ]);
});

test("what goes to a file is what the service wrote, and of several also when and who", () => {
  const [, one] = typed(
    log(2, (index) => `raw \u001b[1m${index}`),
    ["o", "enter"],
  );
  deepEqual(one, [{ type: "save", path: "web.log", text: "raw \u001b[1m0\nraw \u001b[1m1\n" }]);
  const merged = send(log(0), {
    type: "logs",
    names: [],
    anew: true,
    lines: [logLine("web", 1, "a"), logLine("db", 2, "b")],
  });
  const [, several] = typed(merged, ["o", "enter"]);
  deepEqual(several, [
    {
      type: "save",
      path: "all.log",
      text: "2026-01-02T03:04:06.000Z web a\n2026-01-02T03:04:07.000Z db b\n",
    },
  ]);
});

test("merged services stand in order of time, and only so many lines are kept", () => {
  const before = log(0).logs;
  const late = appendLines(appendLines(before, [logLine("a", 5, "five")]), [
    logLine("b", 3, "three"),
  ]);
  deepEqual(
    late.lines.map(({ text }) => text),
    ["three", "five"],
  );
  const many: readonly LogLine[] = Array.from({ length: KEPT_LINES + 10 }, (_, index) =>
    logLine("web", index, `${index}`),
  );
  const full = appendLines({ ...before, anchor: 3 }, many);
  deepEqual(
    [full.lines.length, full.dropped, full.lines[0]?.text, full.anchor],
    [KEPT_LINES, 10, "10", 0],
  );
  equal(visibleLines(full, 5).length, 5);
});
