import { equal } from "node:assert/strict";
import { test } from "node:test";
import { loadLogReading } from "@supervise/log";
import type { LogRow } from "@supervise/log";
import { createLogText } from "#supervise/verbs/log-text.js";
import type { LogTextOptions } from "#supervise/verbs/log-text.js";

const PLAIN: LogTextOptions = {
  width: 3,
  prefix: true,
  terminal: false,
  colour: false,
  fold: false,
  timestamps: false,
  numberOf: () => 1,
  reading: await loadLogReading(),
};

const placed = { service: "web", timeMicros: Date.UTC(2026, 0, 2, 3, 4, 5) * 1000, seq: 1, run: 1 };

const line = (text: string, more: Partial<Extract<LogRow, { kind: "line" }>> = {}): LogRow => ({
  kind: "line",
  ...placed,
  stream: "out",
  partial: false,
  bytes: Buffer.from(text),
  level: null,
  facility: null,
  ...more,
});

const rows: readonly (readonly [
  rule: string,
  options: Partial<LogTextOptions>,
  row: LogRow,
  text: string,
])[] = [
  [
    "a progress bar shows its last state at a terminal",
    { terminal: true },
    line("10%\r50%\r100%\r"),
    "web | 100%\n",
  ],
  ["a progress bar passes as it is into a pipe", {}, line("10%\r100%"), "web | 10%\r100%\n"],
  [
    "a command to the terminal is taken out",
    { terminal: true },
    line("a\u001b[2Jb\u001b]0;title\u0007c"),
    "web | abc\n",
  ],
  [
    "names are in the colour of their number",
    { colour: true, numberOf: () => 2 },
    line("x"),
    "\u001b[35mweb |\u001b[0m x\n",
  ],
  [
    "JSON is folded",
    { fold: true },
    line('{"a":1,"msg":"up","level":"info"}'),
    "web | INFO  up a=1\n",
  ],
  [
    "a folded value is no command to the terminal and no second row",
    { fold: true, terminal: true },
    line(JSON.stringify({ msg: "a\u001b[2Jb\nc" })),
    "web | ab\\nc\n",
  ],
  [
    "a grave level is red",
    { fold: true, colour: true },
    line('{"level":50,"msg":"no"}'),
    "\u001b[32mweb |\u001b[0m \u001b[31mERROR\u001b[0m no\n",
  ],
  [
    "what only looks like JSON stays as it is",
    { fold: true },
    line("{not json}"),
    "web | {not json}\n",
  ],
  [
    "a part of a line is not folded",
    { fold: true },
    line('{"a":1}', { partial: true }),
    'web | {"a":1}\n',
  ],
  [
    "the time stands before the line",
    { timestamps: true },
    line("x"),
    "web | 2026-01-02T03:04:05.000Z x\n",
  ],
  [
    "a row without a time has none",
    { timestamps: true },
    line("x", { timeMicros: null }),
    "web | x\n",
  ],
  [
    "one line that is missing",
    {},
    { kind: "gap", ...placed, lines: 1, cause: "disk full" },
    "web = 1 line lost: disk full\n",
  ],
  [
    "the end of a run",
    {},
    { kind: "end", ...placed, text: "run 1 exited with code 1" },
    "web = run 1 exited with code 1\n",
  ],
  [
    "without a prefix nothing but lines is told",
    { prefix: false },
    { kind: "end", ...placed, text: "run 1 ended" },
    "",
  ],
  [
    "bytes that are no row are shown as they are",
    {},
    { kind: "foreign", ...placed, bytes: Buffer.from("torn") },
    "web | torn\n",
  ],
];

for (const [rule, options, row, text] of rows) {
  test(rule, () => {
    equal(createLogText({ ...PLAIN, ...options }).row(row), text);
  });
}

for (const [rule, prefix, shown] of [
  ["the first line of a run does not go on with the last words of the run before", true, "web | "],
  ["without a prefix it is on a line of its own", false, ""],
] as const) {
  test(rule, () => {
    const text = createLogText({ ...PLAIN, prefix });
    const out =
      text.row(line("last words", { partial: true })) +
      text.begins("web") +
      text.row(line("hello"));
    equal(out, `${shown}last words\n${shown}hello\n`);
  });
}
