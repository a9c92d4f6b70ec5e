import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { readPages } from "#dashboard/feed/log-pages.js";
import type { LogFiles } from "#dashboard/feed/log-pages.js";
import { wantedOf } from "#dashboard/feed/wanted.js";
import { edgeOf, PAGE_LINES } from "#dashboard/model/log-page.js";
import type { ShownLine } from "#dashboard/model/log-page.js";
import { KEPT_LINES } from "#dashboard/model/logs.js";
import type { Message } from "#dashboard/model/message.js";
import type { Effect, Model } from "#dashboard/model/model.js";
import { update } from "#dashboard/model/update.js";
import { frameText } from "#dashboard/view/frame.js";
import { view } from "#dashboard/view/view.js";
import { logLine, send, service, shop, typed } from "./samples.js";

/** Lines 1 to `count` of a service in files; every hundredth is an error. */
function filesOf(count: number): LogFiles {
  const all = Array.from({ length: count }, (_, at) => lineOf(at + 1));
  return {
    grade: () => (line) => line,
    read: ({ direction, edge, count: most }) => {
      const older = direction === "older";
      const seq = edge?.seqs.get("web") ?? (older ? count + 1 : 0);
      const beyond = all.filter((line) => (older ? line.seq < seq : line.seq > seq));
      const lines = older ? beyond.slice(-most) : beyond.slice(0, most);
      return Promise.resolve({ lines, end: lines.length < most, problem: null });
    },
  };
}

function lineOf(seq: number): ShownLine {
  const error = seq % 100 === 0;
  return {
    ...logLine("web", seq, error ? `error ${seq}` : `line ${seq}`),
    severity: error ? 3 : 6,
  };
}

/** The log on the whole screen, the last 50 lines of `count` in hand. */
function log(count: number): Model {
  const before = shop([service("web")], 70, 12);
  const [model] = typed({ ...before, archive: true }, ["8", "tab", "z"]);
  const lines = Array.from({ length: 50 }, (_, at) => lineOf(count - 49 + at));
  return send(model, { type: "logs", names: ["web"], anew: true, lines });
}

/** Types keys and lets the files answer what they ask for, until nothing is asked any more. */
async function through(
  files: LogFiles,
  model: Model,
  keys: string | readonly string[],
): Promise<Model> {
  let [now, effects] = typed(model, keys);
  for (let asked = read(effects); asked !== null; asked = read(effects)) {
    const told: Message[] = [];
    await readPages(
      files,
      asked.ask,
      asked.logs,
      (one) => told.push(one),
      new AbortController().signal,
    );
    effects = [];
    for (const message of told) {
      const [next, more] = update(now, message);
      now = next;
      effects = [...effects, ...more];
    }
  }
  return now;
}

function read(effects: readonly Effect[]): Extract<Effect, { type: "readLog" }> | null {
  return effects.findLast((one) => one.type === "readLog") ?? null;
}

const first = (model: Model): string => frameText(view(model))[2]?.slice(11) ?? "";
const last = (model: Model): string => frameText(view(model)).at(-3)?.slice(11) ?? "";

test("scrolling up goes on in the files, without a line missing or double", async () => {
  const files = filesOf(5_000);
  let model = log(5_000);
  for (let page = 0; page < 40; page += 1) model = await through(files, model, "b");
  const seqs = model.logs.lines.map(({ seq }) => seq);
  deepEqual(
    seqs,
    Array.from({ length: seqs.length }, (_, at) => 5_000 - seqs.length + 1 + at),
  );
  ok(seqs.length >= 50 + PAGE_LINES);
  equal(model.logs.newer, "live");
  const more = send(model, { type: "logs", names: ["web"], anew: false, lines: [lineOf(5_001)] });
  equal(more.logs.lines.at(-1)?.seq, 5_001);
  equal(first(more), first(model), "the view stands still");
});

test("g goes to the beginning of the files and G back to the end, however far that is", async () => {
  for (const count of [500, 100_000]) {
    const files = filesOf(count);
    const top = await through(files, log(count), "g");
    equal(first(top), "line 1", `${count}`);
    ok(top.logs.lines.length <= KEPT_LINES);
    equal(top.logs.older, "none");
    const far = count > KEPT_LINES;
    equal(top.logs.newer, far ? "more" : "live");
    deepEqual(wantedOf(top).logs, far ? null : ["web"], "nothing is followed behind a part");
    const [end] = typed(top, "G");
    deepEqual([end.logs.newer, end.logs.anchor], ["live", null]);
    deepEqual(wantedOf(end).logs, ["web"]);
  }
});

test("from a part of the files one scrolls down line by line to the end, and follows again", async () => {
  const files = filesOf(30_000);
  let model = await through(files, log(30_000), "g");
  for (let turn = 0; turn < 100 && model.logs.newer !== "none"; turn += 1) {
    const { logs } = model;
    model = { ...model, logs: { ...logs, anchor: logs.lines.length - 1 } };
    model = await through(files, model, "j");
  }
  const seqs = model.logs.lines.map(({ seq }) => seq);
  equal(seqs.at(-1), 30_000);
  ok(seqs.every((seq, at) => at === 0 || seq === (seqs[at - 1] ?? 0) + 1));
  const { logs } = model;
  const [end] = typed({ ...model, logs: { ...logs, anchor: logs.lines.length - 1 } }, "j");
  equal(end.logs.newer, "live");
});

test("a search goes through the files in both directions, and says where it ends", async () => {
  const files = filesOf(60_000);
  const found = async (model: Model, keys: string | readonly string[]): Promise<Model> =>
    through(files, model, keys);
  let model = await found(log(60_000), ["/", ...Array.from("error 600"), "enter"]);
  equal(model.logs.lines[model.logs.match ?? -1]?.text, "error 60000");
  model = await found(model, "N");
  equal(model.logs.lines[model.logs.match ?? -1]?.text, "error 6000");
  ok(frameText(view(model)).join("\n").includes("error 6000"));
  equal(model.logs.newer, "more");
  model = await found(model, "n");
  equal(model.logs.lines[model.logs.match ?? -1]?.text, "error 60000");
  model = await found(model, "n");
  equal(model.notice?.text, "not found further down in the log");
});

test("Escape stops a search, and what it finds late is not taken", async () => {
  const before = typed(log(5_000), ["/", ...Array.from("error 100"), "enter"]);
  const asked = read(before[1]);
  ok(asked !== null);
  const [stopped, effects] = typed(before[0], ["escape"]);
  deepEqual(effects, [{ type: "stopReading" }]);
  equal(stopped.notice?.text, "the search was stopped");
  let told: Message | null = null;
  await readPages(
    filesOf(5_000),
    asked.ask,
    asked.logs,
    (one) => (told = one),
    new AbortController().signal,
  );
  ok(told !== null);
  equal(send(stopped, told), stopped);
});

test("lines are left by their gravity; what tells none counts as info", async () => {
  const model = await through(filesOf(400), log(400), "g");
  const [errors] = typed(model, "L");
  ok(frameText(view(errors)).join("\n").includes("err and graver"));
  const rows = frameText(view(typed(errors, "G")[0])).filter((row) => /(error|line) \d/.test(row));
  deepEqual(
    rows.map((row) => row.slice(11)),
    ["error 100", "error 200", "error 300", "error 400"],
  );
  equal(typed(model, "LLLLLL")[0].logs.severity, null);
  const plain = send(log(0), {
    type: "logs",
    names: ["web"],
    anew: true,
    lines: [logLine("web", 1, "plain")],
  });
  equal(last(typed(plain, "LLL")[0]), "");
  ok(
    frameText(view(typed(plain, "LLLL")[0]))
      .join("\n")
      .includes("plain"),
  );
});

test("whoever reads the beginning of a full window is not carried away by new lines", async () => {
  const count = KEPT_LINES + 100;
  const up = await through(filesOf(count), log(count), "bbbbb");
  const many = Array.from({ length: KEPT_LINES }, (_, at) => lineOf(count + 1 + at));
  const after = send(up, { type: "logs", names: ["web"], anew: false, lines: many });
  equal(first(after), first(up));
  equal(after.logs.newer, "more");
});

test("an edge tells the time and the nearest number of each service", () => {
  const lines = [logLine("a", 1, ""), logLine("b", 5, ""), logLine("a", 2, "")];
  const older = edgeOf(lines, "older");
  deepEqual(
    [...older.seqs, ...older.counts],
    [
      ["a", 1],
      ["b", 5],
      ["a", 2],
      ["b", 1],
    ],
  );
  deepEqual(
    [...edgeOf(lines, "newer").seqs],
    [
      ["a", 2],
      ["b", 5],
    ],
  );
  equal(edgeOf([], "older", older).timeMs, older.timeMs);
});
