import assert from "node:assert/strict";
import * as fs from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";

import { temporaryDirectory } from "@supervise/testkit";

import { fileLogging } from "./file-logging.js";
import { scene } from "./hub-scene.js";

/** A service that writes lines to a file, and rows without their times. */
function writing(path: string): {
  say: (text: string) => Promise<void>;
  rows: (file?: string) => string[];
  problems: () => string[];
  close: () => void;
} {
  const { kernel, hub, service, problems } = scene();
  const web = service("web", fileLogging(path));
  return {
    say: async (text) => {
      kernel.push(web.stdout, text);
      await kernel.settle();
    },
    rows: (file = path) =>
      fs
        .readFileSync(file, "utf8")
        .split("\n")
        .slice(0, -1)
        .map((row) => row.replace(/^\S+ web /, "")),
    problems: () => problems.map(({ message }) => message),
    close: () => hub.close(),
  };
}

test("a file that was deleted is made anew, and the lines that went with it are counted", async (t) => {
  const path = join(temporaryDirectory(t), "logs/web.log");
  const it = writing(path);
  await it.say("one\ntwo\n");
  await it.say("three\n");
  fs.rmSync(dirname(path), { recursive: true });
  await it.say("four\n");
  await it.say("five\n");
  it.close();
  assert.deepEqual(it.rows(), [
    "1 gap 3 lines lost: the file was deleted",
    "4 out four",
    "5 out five",
  ]);
  assert.deepEqual(it.problems(), [`log file "${path}" was deleted; it is made anew`]);
});

test("a file that was truncated goes on at its end, and the lines that were cut off are counted", async (t) => {
  const path = join(temporaryDirectory(t), "web.log");
  const it = writing(path);
  await it.say("one\ntwo\nthree\n");
  const [first = ""] = fs.readFileSync(path, "utf8").split("\n");
  // In the middle of the second row.
  fs.truncateSync(path, first.length + 1 + 10);
  await it.say("four\n");
  fs.truncateSync(path, 0);
  await it.say("five\n");
  it.close();
  assert.deepEqual(it.rows(), ["1 gap 4 lines lost: the file was truncated", "5 out five"]);
});

test("the cut-off row of a truncated file is ended before the next one", async (t) => {
  const path = join(temporaryDirectory(t), "web.log");
  const it = writing(path);
  await it.say("one\ntwo\nthree\n");
  const [first = ""] = fs.readFileSync(path, "utf8").split("\n");
  fs.truncateSync(path, first.length + 1 + 10);
  await it.say("four\n");
  it.close();
  const [one, torn, gap, four] = it.rows();
  assert.equal(one, "1 out one");
  assert.equal(torn, "2026-01-02");
  assert.equal(gap, "2 gap 2 lines lost: the file was truncated");
  assert.equal(four, "4 out four");
});

test("a file that was moved away is left to whoever moved it, and nothing is lost", async (t) => {
  const path = join(temporaryDirectory(t), "web.log");
  const it = writing(path);
  await it.say("one\n");
  fs.renameSync(path, `${path}.mine`);
  await it.say("two\n");
  it.close();
  assert.deepEqual(it.rows(`${path}.mine`), ["1 out one"]);
  assert.deepEqual(it.rows(), ["2 out two"]);
  assert.deepEqual(it.problems(), []);
});

test("numbers go on where the file's last row stopped, be it a gap, and whatever its format", async (t) => {
  const directory = temporaryDirectory(t);
  const time = "2026-01-02T03:04:05.123456Z";
  const rows = [
    [`${time} web 41 out x`, 42],
    [`${time} web 41 err+ x`, 42],
    [`- web 41 daemon.warning x`, 42],
    [`@40000000386d438a000003e8 web 41 gap 10 lines lost: why`, 51],
    [`${time} web 41 out x\n${time} web - end run 1 exited with code 0`, 42],
    [`${time} web 41 out x\n${time} other 99 out x`, 42],
    [`${time} web 41 out ${"x".repeat(60_000)}\n${time} other 99 out ${"x".repeat(60_000)}`, 42],
    [`{"time":"${time}","service":"web","run":1,"seq":41,"stream":"out","text":"x"}`, 42],
    [`{"service":"web","seq":41,"stream":"gap","text":"","lines":10,"cause":"why"}`, 51],
    [`time=${time} service=web run=1 seq=41 stream=out text=x`, 42],
    [`service=web seq=41 stream=gap text="" lines=10 cause=why`, 51],
    ["nothing of ours", 1],
  ] as const;
  for (const [index, [row, next]] of rows.entries()) {
    const path = join(directory, `${index}.log`);
    fs.writeFileSync(path, `${row}\n`);
    const it = writing(path);
    await it.say("next\n");
    it.close();
    assert.equal(it.rows().at(-1), `${next} out next`, row);
  }
});

test("numbers go on after a rotation that left an empty file", async (t) => {
  const path = join(temporaryDirectory(t), "web.log");
  fs.writeFileSync(`${path}.20260102T030405.123456Z`, "- web 7 out x\n");
  fs.writeFileSync(path, "");
  const it = writing(path);
  await it.say("next\n");
  it.close();
  assert.deepEqual(it.rows(), ["8 out next"]);
});
