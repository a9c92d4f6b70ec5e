import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { loadLogReading } from "@supervise/log";
import type { LogLine } from "@supervise/model";
import { ringRow } from "#supervise/verbs/log-ring.js";
import { createLogText } from "#supervise/verbs/log-text.js";
import type { LogTextOptions } from "#supervise/verbs/log-text.js";
import { mergeNews } from "#supervise/verbs/news.js";
import type { ServiceStatus } from "@supervise/model";
import { statusTable } from "#supervise/verbs/status.js";
import { cutToColumns, formatTable, printable } from "#supervise/verbs/table.js";
import { GOALS, judge } from "#supervise/verbs/wait-goal.js";
import { serviceStatus } from "./cli-run.js";

test("columns are as wide as their widest cell, and no row ends in blanks", () => {
  equal(
    formatTable(
      ["A", "LONG"],
      [
        ["wide one", "x"],
        ["b", "y"],
      ],
      null,
    ),
    "A         LONG\nwide one  x\nb         y\n",
  );
});

test("a row of status never wraps at 80 columns, and its reason is what is cut", () => {
  const reason = "waits for ".repeat(30);
  const text = statusTable(
    [serviceStatus("web", { reason }), serviceStatus("db")],
    Date.parse("2026-01-02T03:04:15.000Z"),
    80,
  );
  const [headings = "", web = "", db = ""] = text.split("\n");
  equal(headings, "NAME  STATE  READY  HEALTH  PID  UPTIME  RESTARTS  REASON");
  equal(web.length, 80);
  ok(web.startsWith("web   up     yes    -       12   10 s    0         waits for waits"), web);
  ok(web.endsWith("…"), web);
  equal(db, "db    up     yes    -       12   10 s    0         run 1 (pid 12)");
  ok(statusTable([serviceStatus("web", { reason })], 0, null).includes(reason.trimEnd()));
});

const READY: readonly (readonly [more: Partial<ServiceStatus>, ready: string])[] = [
  [{ ready: true }, "yes"],
  [{ ready: false }, "no"],
  [{ state: "waiting", pid: null, ready: false }, "-"],
  [{ state: "starting", type: "oneshot", ready: true }, "-"],
  [{ state: "done", type: "oneshot", pid: null, ready: true }, "-"],
  [{ type: "forking", ready: true }, "yes"],
];

for (const [more, ready] of READY)
  test(`status says READY ${ready} of ${JSON.stringify(more)}`, () => {
    const [headings = "", row = ""] = statusTable([serviceStatus("a", more)], 0, null).split("\n");
    equal(/^\S+/.exec(row.slice(headings.indexOf("READY")))?.[0], ready, row);
  });

test("what a service says of itself stays one line and gives the terminal no commands", () => {
  const text = statusTable(
    [serviceStatus("web", { statusText: "\u001b[2J\nnext\u009b1m" })],
    0,
    null,
  );
  equal(text.split("\n").length, 3);
  ok(!/[\u001b\u009b]/.test(text));
  equal(printable("a\tb\r\n\u007f"), "a\ufffdb\ufffd\ufffd\ufffd");
});

test("a text is cut between characters, never within one", () => {
  equal(cutToColumns("abc", 3), "abc");
  equal(cutToColumns("abcd", 3), "ab…");
  equal(cutToColumns("😀😀😀", 3), "😀😀😀");
  equal(cutToColumns("😀😀😀😀", 3), "😀😀…");
});

const line = (service: string, text: string, more: Partial<LogLine> = {}): LogLine => ({
  service,
  run: 1,
  stream: "stdout",
  seq: 1,
  time: "2026-01-02T03:04:05.000Z",
  text,
  partial: false,
  ...more,
});

const PLAIN: LogTextOptions = {
  width: 0,
  prefix: false,
  terminal: false,
  colour: false,
  fold: false,
  timestamps: false,
  numberOf: () => 1,
  reading: await loadLogReading(),
};

test("rows of logs stand below each other from the first, and one that goes on is marked", () => {
  const text = createLogText({ ...PLAIN, width: 5, prefix: true });
  const rows = [
    line("web", "one"),
    line("web", "two, ", { partial: true }),
    line("cache", "between"),
    line("web", "end of two"),
    line("web", "three"),
    line("a-longer-one", "x"),
    line("web", "four"),
  ].map((one) => text.row(ringRow(one)));
  deepEqual(rows, [
    "web   | one\n",
    "web   | two, \n",
    "cache | between\n",
    "web   + end of two\n",
    "web   | three\n",
    "a-longer-one | x\n",
    "web          | four\n",
  ]);
  equal(text.end(), "");
});

test("without a prefix the parts of a long line are put together, and what stays open ends with its newline", () => {
  const text = createLogText(PLAIN);
  const part = { partial: true };
  const rows = [
    line("web", "a", part),
    line("web", "b"),
    line("web", "c", part),
    line("db", "d", part),
  ];
  equal(rows.map((one) => text.row(ringRow(one))).join("") + text.end() + text.end(), "ab\nc\nd\n");
});

test("at a terminal colours of a line stay and its other commands go; elsewhere it passes as it is", () => {
  const wild = "\u001b[31mred\u001b[0m\u001b[2J";
  const rowOf = (terminal: boolean): string =>
    createLogText({ ...PLAIN, terminal }).row(ringRow(line("web", wild)));
  ok(rowOf(true).startsWith("\u001b[31mred"));
  ok(!rowOf(true).includes("\u001b[2J"));
  equal(rowOf(false), `${wild}\n`);
});

const VERDICTS: readonly (readonly [
  what: string,
  status: Parameters<typeof serviceStatus>[1],
  verdicts: string,
])[] = [
  // up, ready, healthy, down, done: r reached, n never, - not yet.
  ["up and ready", {}, "r r r - -"],
  ["up, not ready", { ready: false }, "r - - - -"],
  ["healthy", { health: "healthy" }, "r r r - -"],
  ["unhealthy", { health: "unhealthy" }, "r r - - -"],
  ["starting", { state: "starting", ready: false }, "- - - - -"],
  ["a oneshot that is at work", { state: "starting", type: "oneshot" }, "- - - - -"],
  ["being stopped", { state: "stopping", health: "healthy" }, "- - - - -"],
  ["in back-off", { state: "backoff", ready: false }, "- - - - -"],
  ["failed", { state: "failed", ready: false }, "n n n r n"],
  ["down", { state: "down", ready: false }, "- - - r -"],
  ["a oneshot that is done", { state: "done", ready: false, type: "oneshot" }, "r r r r r"],
  ["a service that ended well", { state: "done", ready: false }, "- - - r r"],
];

for (const [what, more, verdicts] of VERDICTS) {
  test(`what waiting makes of a service that is ${what}`, () => {
    const letters = { reached: "r", never: "n", "not yet": "-" } as const;
    equal(
      GOALS.map((goal) => letters[judge(serviceStatus("web", more), goal)]).join(" "),
      verdicts,
    );
  });
}

test("news that came while nobody asked is told once, the end after it", async () => {
  async function* three(): AsyncGenerator<number> {
    yield 1;
    yield 2;
    yield 3;
  }
  const news = mergeNews(three());
  equal(await news.next(), true);
  let more = 0;
  while (await news.next()) more += 1;
  ok(more <= 2);
  equal(await news.next(), false);
});

test("news reject as their stream did, after what came before", async () => {
  async function* broken(): AsyncGenerator<number> {
    yield 1;
    throw new Error("gone");
  }
  const news = mergeNews(broken());
  equal(await news.next(), true);
  await news.next().then(
    () => ok(false),
    (error: unknown) => equal((error as Error).message, "gone"),
  );
});
