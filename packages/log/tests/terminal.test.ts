import assert from "node:assert/strict";
import * as fs from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { terminalText } from "#log/terminal-text.js";
import { temporaryDirectory } from "@supervise/testkit";
import * as fc from "fast-check";

import { fileLogging } from "./file-logging.js";
import { scene } from "./hub-scene.js";
import { EAGAIN, EPIPE } from "./memory-kernel.js";

const mebibyte = 1024 * 1024;

/** What is shown here is not about files that are slow: so long nobody takes one for that, though others have the processors. */
const filePatienceMs = 60_000;

test("lines of one turn go out in one write", async () => {
  const writes: string[] = [];
  const { kernel, service } = scene({
    terminal: { writer: (bytes) => writes.push(bytes.toString()) && bytes.length },
  });
  const [a, b] = [service("a"), service("b")];
  kernel.push(a.stdout, "1\n2\n");
  kernel.push(b.stdout, "3\n");
  await kernel.turn();
  assert.deepEqual(writes, ["a         | 1\na         | 2\nb         | 3\n"]);
});

test("short writes tear nothing", async () => {
  const { kernel, hub, service, shown } = scene({
    terminal: { writer: (bytes) => Math.min(bytes.length, 3) },
  });
  const web = service("web");
  kernel.push(web.stdout, "one\ntwo\n");
  await kernel.settle();
  hub.say("three", "info");
  await hub.flush();
  assert.equal(shown(), "web       | one\nweb       | two\nsupervise | three\n");
});

test("a slow reader stops the reading of services within a bound, and everything comes once it reads on", async () => {
  const { kernel, hub, service, shown, terminal } = scene({ hub: { ringBytes: 1024 } });
  const web = service("web");
  const lines = Array.from({ length: 100_000 }, (_, index) => `line ${index} ${"x".repeat(40)}\n`);
  kernel.setWritable(terminal, false);
  kernel.push(web.stdout, lines.join(""));
  await kernel.settle();
  const unread = kernel.unread(web.stdout);
  assert.ok(unread > 2 * mebibyte, `${unread} bytes were left in the pipe`);
  assert.ok(!kernel.isWatched(web.stdout), "a readable pipe would wake the loop for ever");
  let flushed = false;
  const flush = hub.flush().then(() => (flushed = true));
  await kernel.turn();
  assert.equal(flushed, false);
  kernel.setWritable(terminal, true);
  await kernel.settle();
  await flush;
  await hub.flush();
  assert.equal(shown(), lines.map((line) => `web       | ${line}`).join(""));
  assert.ok(!kernel.isWatched(terminal), "an idle terminal wakes nobody");
});

test("while the terminal is blocked a drain still files everything", async () => {
  const { kernel, hub, service, terminal, shown } = scene();
  const web = service("web");
  kernel.setWritable(terminal, false);
  kernel.push(web.stdout, Buffer.alloc(2 * mebibyte, `${"x".repeat(63)}\n`));
  await kernel.settle();
  const db = service("db");
  kernel.push(db.stdout, "last words\n");
  await kernel.settle();
  assert.deepEqual(hub.tail(["db"], null), []);
  hub.drain("db");
  assert.equal(hub.tail(["db"], null)[0]?.text, "last words");
  hub.closeRun("db", 1);
  kernel.setWritable(terminal, true);
  await kernel.settle();
  await hub.flush();
  assert.ok(shown().includes("db        | last words\n"));
});

test("a reader that has gone ends the terminal, which is said once; the services go on", async () => {
  const { kernel, hub, service, problems } = scene({ terminal: { writer: () => EPIPE } });
  const web = service("web");
  for (const text of ["one\n", "two\n"]) {
    kernel.push(web.stdout, text);
    await kernel.settle();
  }
  assert.deepEqual(problems, [
    {
      kind: "terminal",
      message:
        "cannot write to standard output: broken pipe (EPIPE); lines are no longer shown, the services go on",
    },
  ]);
  assert.equal(hub.tail(["web"], null).length, 2);
  await hub.flush();
});

test("a reader that goes while lines wait lets the services be read again", async () => {
  let answer = EAGAIN;
  const { kernel, hub, service, terminal, problems } = scene({
    terminal: { writer: () => answer },
  });
  const web = service("web");
  kernel.push(web.stdout, Buffer.alloc(3 * mebibyte, "0123456\n"));
  kernel.setWritable(terminal, false);
  await kernel.settle();
  assert.ok(kernel.unread(web.stdout) > 0);
  const flush = hub.flush();
  answer = EPIPE;
  kernel.setWritable(terminal, true);
  await kernel.settle();
  await flush;
  assert.equal(kernel.unread(web.stdout), 0);
  assert.equal(problems.length, 1);
  assert.ok(!kernel.isWatched(terminal));
});

test("where it is no terminal the bytes of services pass untouched", async () => {
  const { kernel, service, shown } = scene();
  const web = service("web");
  kernel.push(web.stdout, "\x1b[2J\x07a\rb\r\n");
  await kernel.settle();
  assert.equal(shown(), "web       | \x1b[2J\x07a\rb\r\n");
});

test("names are coloured, each service in its own colour, the same for every line", async () => {
  const { kernel, hub, service, shown } = scene({ terminal: { tty: true, colour: true } });
  const [a, b] = [service("a"), service("b")];
  for (const [fd, text] of [
    [a.stdout, "1\n"],
    [b.stdout, "2\n"],
    [a.stderr, "3\n"],
  ] as const) {
    kernel.push(fd, text);
    await kernel.settle();
  }
  hub.say("wrong", "error");
  await hub.flush();
  const rows = shown()
    .split("\n")
    .map((row) => /^\x1b\[(\d+)m(\S+) +\|\x1b\[0m (.*)$/.exec(row)?.slice(1));
  assert.deepEqual(
    rows.slice(0, 3).map((row) => row?.slice(1)),
    [
      ["a", "1"],
      ["b", "2"],
      ["a", "3"],
    ],
  );
  assert.equal(rows[0]?.[0], rows[2]?.[0]);
  assert.notEqual(rows[0]?.[0], rows[1]?.[0]);
  assert.deepEqual(rows[3], ["31", "supervise", "wrong"]);
});

test("a message of several lines, or of any length, is whole rows", async () => {
  const { hub, shown } = scene();
  hub.say("one\ntwo", "warning");
  hub.say("y".repeat(300_000), "info");
  await hub.flush();
  const rows = shown().split("\n");
  assert.deepEqual(rows.slice(0, 2), ["supervise | one", "supervise | two"]);
  assert.ok(rows.slice(2, -1).every((row) => /^supervise \| y+$/.test(row)));
  assert.equal(rows.slice(2).join("").replaceAll("supervise | ", "").length, 300_000);
});

const safe = (text: string): string => {
  const bytes = Buffer.from(text);
  return (terminalText(bytes, 0, bytes.length) ?? bytes).toString();
};

test("at a terminal only text, tabs and colours are left of a line", () => {
  const table: readonly (readonly [string, string])[] = [
    ["plain\ttext é 😀", "plain\ttext é 😀"],
    ["\x1b[1;38;5;196mred\x1b[m plain", "\x1b[1;38;5;196mred\x1b[m plain\x1b[0m"],
    ["\x1b[2J\x1b[Hcleared", "cleared"],
    ["\x1b]0;title\x07text", "text"],
    ["\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"],
    ["\x1bP+q\x1b\\dcs", "dcs"],
    ["\x1b]never ends", "never ends"],
    ["\x1b[>4m\x1b[?25lx", "x"],
    ["\x1bcreset \x1b(0 set", "reset  set"],
    ["10%\r20%\r", "10% 20%"],
    ["windows\r", "windows"],
    ["a\bb\x7fc\0d", "abcd"],
    ["a\u0085b\u009b31mc", "ab31mc"],
    ["end\x1b", "end"],
    ["end\x1b[", "end"],
    ["end\x1b[31", "end"],
    ["\x1b\x1b[2Jx", "x"],
  ];
  for (const [given, expected] of table) assert.equal(safe(given), expected, JSON.stringify(given));
});

test("no bytes get a control sequence past, and what is left needs no second pass", () => {
  const nasty = fc.constantFrom(
    0x1b,
    0x5b,
    0x5d,
    0x6d,
    0x33,
    0x3b,
    0x07,
    0x5c,
    0x50,
    0xc2,
    0x9b,
    0x0d,
    0x41,
    0x3e,
    0x20,
    0x7f,
  );
  const bytes = fc.array(
    fc.oneof(
      nasty,
      fc.integer({ min: 0, max: 255 }).filter((byte) => byte !== 10),
    ),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(bytes, (given) => {
      const line = Buffer.from(given);
      const left = (terminalText(line, 0, line.length) ?? line).toString("latin1");
      const withoutColours = left.replaceAll(/\x1b\[[0-9:;]*m/g, "");
      assert.doesNotMatch(withoutColours, /[\x00-\x08\x0a-\x1f\x7f]|\xc2[\x80-\x9f]/);
    }),
  );
});

test("a service that does not wait goes on while the terminal is slow: what is left out there is counted, and in its file", async (t) => {
  const path = join(temporaryDirectory(t), "fast.log");
  const { kernel, hub, service, terminal, shown } = scene({ hub: { filePatienceMs } });
  const slow = service("slow");
  const fast = service("fast", { ...fileLogging(path), mode: "non-blocking" });
  const lines = Array.from({ length: 3_000 }, (_, index) => `${index} ${"x".repeat(1_000)}\n`);
  kernel.setWritable(terminal, false);
  for (const line of lines) kernel.push(fast.stdout, line);
  await kernel.settle();
  kernel.push(slow.stdout, "waits\n");
  await kernel.settle();
  assert.equal(kernel.unread(fast.stdout), 0);
  assert.ok(kernel.unread(slow.stdout) > 0);
  kernel.setWritable(terminal, true);
  await kernel.settle();
  kernel.push(fast.stdout, "last\n");
  await kernel.settle();
  hub.close();
  const rows = shown().split("\n");
  const told = rows.findIndex((row) => row.includes("left out"));
  const [, count = "0"] =
    /^fast +\| \((\d+) lines left out here: standard output was slow\)$/.exec(rows[told] ?? "") ??
    [];
  const seen = rows.filter((row) => row.endsWith("x")).length;
  assert.ok(seen > 900);
  assert.equal(seen + Number(count), lines.length);
  assert.ok(rows.indexOf("slow      | waits") > told);
  assert.match(rows.at(-2) ?? "", /last$/);
  assert.equal(fs.readFileSync(path, "utf8").split("\n").length, lines.length + 2);
});
