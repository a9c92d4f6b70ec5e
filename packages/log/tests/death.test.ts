import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { temporaryDirectory } from "@supervise/testkit";
import * as fc from "fast-check";

import { allFiles, fileLogging } from "./file-logging.js";
import { Afterlife, pipes, type DeathAt } from "./mortal.js";

type Write = readonly [fd: number, data: string | Buffer];

const long = "x".repeat(70_000);
/** Lines in one piece and in several, a long one, both streams, last words without newline. */
const story: readonly Write[] = [
  [pipes.stdout, "one\ntwo\nthr"],
  [pipes.stderr, "bad"],
  [pipes.stdout, "ee\nfo"],
  [pipes.stdout, "u"],
  [pipes.stdout, "r\n\nsix\n"],
  [pipes.stderr, " news\n"],
  [pipes.stdout, `${long}\nafter\n`],
  [pipes.stdout, "last "],
  [pipes.stdout, "words"],
];

interface Told {
  readonly rows: string;
  readonly shown: string;
  readonly calls: number;
  readonly deaths: number;
}

/** Lives through the writes, with a death. All files of the log, oldest first. */
async function tell(
  directory: string,
  writes: readonly Write[],
  deathAt: DeathAt | null,
  maxSizeBytes: number | null = null,
  shows = true,
): Promise<Told> {
  const path = join(directory, "web.log");
  for (const file of allFiles(path)) rmSync(file);
  const logging = fileLogging(path, { maxSizeBytes, maxFiles: 50 });
  const world = new Afterlife(logging, deathAt, shows);
  await world.mark({ kind: "begin", run: 1, pid: 4123 });
  for (const [fd, data] of writes) await world.write(fd, data);
  await world.mark({ kind: "end", run: 1, text: "exited with code 0" });
  await world.end();
  const rows = allFiles(path)
    .map((file) => readFileSync(file, "latin1"))
    .join("");
  return { rows, shown: world.shown, calls: world.calls, deaths: world.deaths };
}

/** Whoever reads our output may be shown again what one write had given it, and misses nothing. */
function assertShown(shown: string, whole: string): void {
  if (shown === whole) return;
  let same = 0;
  while (shown[same] === whole[same]) same += 1;
  const again = shown.length - whole.length;
  assert.ok(again > 0, "something is missing");
  assert.equal(
    shown.slice(same),
    whole.slice(same - again),
    "what was shown again is no single write",
  );
}

const HOWS = [
  { done: false, half: false, word: "right before" },
  { done: true, half: false, word: "right after" },
  { done: true, half: true, word: "in the middle of" },
] as const;
for (const { done, half, word } of HOWS) {
  test(`a death ${word} each call of the kernel neither loses nor doubles a row of a file`, async (t) => {
    const directory = temporaryDirectory(t);
    const whole = await tell(directory, story, null);
    assert.equal(whole.deaths, 0);
    for (let call = 0; call < whole.calls; call += 1) {
      const told = await tell(directory, story, { call, done, half });
      assert.ok(told.deaths > 0, `call ${call}`);
      assert.equal(told.rows, whole.rows, `call ${call}`);
      assertShown(told.shown, whole.shown);
    }
  });
}

test("a death around reads of hundreds of kilobytes neither loses nor doubles a row", async (t) => {
  const directory = temporaryDirectory(t);
  const lines = Array.from({ length: 3000 }, (_, index) => `line ${index} ${"y".repeat(80)}\n`);
  const writes: Write[] = [
    [pipes.stdout, lines.join("")],
    [pipes.stderr, `${long}${long}\n${"\n".repeat(9000)}`],
    [pipes.stdout, "last words"],
  ];
  for (const maxSizeBytes of [null, 100_000]) {
    const whole = await tell(directory, writes, null, maxSizeBytes, false);
    assert.ok(whole.calls < 60, "much is read at once");
    for (let call = 0; call < whole.calls; call += 1)
      for (const { done, half } of HOWS) {
        const told = await tell(directory, writes, { call, done, half }, maxSizeBytes, false);
        assert.ok(told.deaths > 0, `call ${call}`);
        assert.equal(told.rows, whole.rows, `call ${call}`);
      }
  }
});

test("a death anywhere leaves each row once in each of several files", async (t) => {
  const directory = temporaryDirectory(t);
  const files = ["web.log", "web.json", "web.logfmt"].map((name) => join(directory, name));
  const [first = "", json = "", third = ""] = files;
  const logging = {
    ...fileLogging(first),
    also: [fileLogging(json, { format: "json" }), fileLogging(third, { format: "logfmt" })],
  } as const;
  const rows = async (deathAt: DeathAt | null): Promise<readonly [string, number]> => {
    for (const file of files) rmSync(file, { force: true });
    const world = new Afterlife(logging, deathAt);
    await world.mark({ kind: "begin", run: 1, pid: 4123 });
    for (const [fd, data] of story) await world.write(fd, data);
    await world.mark({ kind: "end", run: 1, text: "exited with code 0" });
    await world.end();
    return [files.map((file) => readFileSync(file, "latin1")).join("\0"), world.calls];
  };
  const [whole, calls] = await rows(null);
  assert.equal(whole.split("\0")[1]?.split("\n").length, whole.split("\0")[2]?.split("\n").length);
  for (const done of [false, true])
    for (let call = 0; call < calls; call += 1)
      assert.equal((await rows({ call, done, half: done }))[0], whole, `call ${call}, ${done}`);
});

const toOther = {
  driver: "service",
  service: "collector",
  format: "plain",
  timestamps: "none",
  maxBufferBytes: 1_048_576,
} as const;

/** Rows that go on in the pipe to another service, which takes 100 bytes at once. */
const tale: readonly Write[] = [
  [pipes.stdout, "one\ntwo\nthr"],
  [pipes.stderr, "bad"],
  [pipes.stdout, `ee\n${"four ".repeat(50)}\nfive\n`],
  [pipes.stderr, ` news\n${"and more of it\n".repeat(20)}`],
  [pipes.stdout, "last words"],
];

/** What another service is sent. */
async function send(deathAt: DeathAt | null): Promise<Afterlife> {
  const world = new Afterlife(toOther, deathAt);
  for (const [fd, data] of tale) await world.write(fd, data);
  await world.end();
  assert.deepEqual(world.said, []);
  return world;
}

test("a death right before each call of the kernel neither loses nor doubles a byte for another service", async () => {
  const whole = await send(null);
  assert.equal(whole.sent.split("\n").length, 28);
  for (let call = 0; call < whole.calls; call += 1) {
    const told = await send({ call, done: false });
    assert.ok(told.deaths > 0, `call ${call}`);
    assert.equal(told.sent, whole.sent, `call ${call}`);
  }
});

test("a death right after a call of the kernel may send rows to another service again, and loses none", async () => {
  const whole = await send(null);
  for (let call = 0; call < whole.calls; call += 1)
    assertShown((await send({ call, done: true })).sent, whole.sent);
});

test("a death around a rotation neither loses nor doubles a row", async (t) => {
  const directory = temporaryDirectory(t);
  const writes: Write[] = Array.from({ length: 12 }, (_, index) => [
    pipes.stdout,
    `number ${index}\nand ${index}\nand`,
  ]);
  const whole = await tell(directory, writes, null, 400);
  for (const done of [false, true])
    for (let call = 0; call < whole.calls; call += 1)
      assert.equal(
        (await tell(directory, writes, { call, done }, 400)).rows,
        whole.rows,
        `call ${call}`,
      );
});

test("whatever is written, and wherever death comes, the file is the same", async (t) => {
  const directory = temporaryDirectory(t);
  const piece = fc.oneof(
    fc.constantFrom("\n", "a", "line\n", "two\nlines\n", "é", "x".repeat(66_000)),
    fc.string({ maxLength: 20 }),
  );
  const write = fc.tuple(fc.constantFrom(pipes.stdout, pipes.stderr), piece);
  await fc.assert(
    fc.asyncProperty(
      fc.array(write, { minLength: 1, maxLength: 12 }),
      fc.nat(),
      fc.boolean(),
      async (writes, where, done) => {
        const whole = await tell(directory, writes, null);
        const told = await tell(directory, writes, { call: where % whole.calls, done });
        assert.equal(told.rows, whole.rows);
        assertShown(told.shown, whole.shown);
      },
    ),
    { numRuns: 150 },
  );
});

/** The disk takes a part of a row, nothing, and everything again. Rows of the log. */
async function tellOfFullDisk(
  directory: string,
  deathAt: DeathAt | null,
): Promise<{ readonly rows: string; readonly calls: number }> {
  const path = join(directory, "web.log");
  for (const file of allFiles(path)) rmSync(file);
  const world = new Afterlife(fileLogging(path), deathAt);
  const steps: readonly (readonly [room: number, data: string])[] = [
    [Number.POSITIVE_INFINITY, "one\n"],
    [50, "two\nthree\n"],
    [0, "four\nfive\n"],
    [Number.POSITIVE_INFINITY, "six\nseven\n"],
    [Number.POSITIVE_INFINITY, "eight\n"],
  ];
  for (const [room, data] of steps) {
    world.diskRoom = room;
    await world.write(pipes.stdout, data);
  }
  await world.end();
  return { rows: readFileSync(path, "latin1"), calls: world.calls };
}

test("a death while the disk is full, or once it is not any more, leaves every line there once or counted once", async (t) => {
  const directory = temporaryDirectory(t);
  const words = ["one", "two", "three", "four", "five", "six", "seven", "eight"];
  const check = (rows: string, when: string): void => {
    let next = 1;
    for (const row of rows.split("\n").slice(0, -1)) {
      const [, number, text, lost] =
        /^\S+ web (\d+) (?:out (\w+)|gap (\d+) lines? lost: .*)$/.exec(row) ?? [];
      assert.equal(Number(number), next, `${when}: ${rows}`);
      if (text !== undefined) assert.equal(text, words[next - 1], `${when}: ${rows}`);
      next += Number(lost ?? 1);
    }
    assert.equal(next, words.length + 1, `${when}: ${rows}`);
  };
  const { rows, calls } = await tellOfFullDisk(directory, null);
  check(rows, "without a death");
  assert.match(rows, / gap \d lines lost: no space left on device \(ENOSPC\)\n/);
  for (let call = 0; call < calls; call += 1)
    for (const way of [{ done: false }, { done: true }, { done: true, half: true }]) {
      const deathAt = { call, ...way };
      check((await tellOfFullDisk(directory, deathAt)).rows, JSON.stringify(deathAt));
    }
});
