import assert from "node:assert/strict";
import * as fs from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { temporaryDirectory } from "@supervise/testkit";
import * as fc from "fast-check";

import { allFiles, fileLogging } from "./file-logging.js";
import { scene } from "./hub-scene.js";

interface Run {
  readonly maxSizeBytes: number;
  readonly maxFiles: number;
  readonly chunks: readonly string[];
}

/** Writes the chunks and gives back the files, the oldest first, without the prefix of their rows. */
async function rotated(
  path: string,
  { maxSizeBytes, maxFiles, chunks }: Run,
): Promise<{ sizes: number[]; rows: string[]; names: string[] }> {
  const { kernel, hub, service, problems } = scene();
  const web = service("w", fileLogging(path, { maxSizeBytes, maxFiles }));
  for (const chunk of chunks) {
    kernel.push(web.stdout, chunk);
    await kernel.settle();
  }
  await hub.flush();
  hub.close();
  assert.deepEqual(problems, []);
  const names = allFiles(path);
  const contents = names.map((name) => fs.readFileSync(name, "utf8"));
  const rows = contents.flatMap((content) => {
    assert.ok(content.endsWith("\n"));
    return content.split("\n").slice(0, -1);
  });
  for (const row of rows) assert.match(row, /^2026-\S{21}Z w \d+ out /);
  return {
    sizes: contents.map((content) => content.length),
    rows: rows.map(textOf),
    names,
  };
}

const textOf = (row: string): string => row.replace(/^\S+ w \d+ out /, "");

test("rotation keeps every line once and whole, and no file grows over its size", async (t) => {
  const directory = temporaryDirectory(t);
  let run = 0;
  const chunk = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 30 });
  const property = fc.asyncProperty(
    fc.array(chunk, { minLength: 1, maxLength: 12 }),
    fc.integer({ min: 100, max: 2_000 }),
    async (given, maxSizeBytes) => {
      let line = 0;
      const chunks = given.map((lengths) =>
        lengths.map((length) => `${line++}${"x".repeat(length)}\n`).join(""),
      );
      const path = join(directory, String(run++), "w.log");
      const { sizes, rows } = await rotated(path, { maxSizeBytes, maxFiles: 2_000, chunks });
      assert.deepEqual(rows, chunks.join("").split("\n").slice(0, -1));
      for (const size of sizes) assert.ok(size <= maxSizeBytes, `${size} > ${maxSizeBytes}`);
      // Two files that follow one another would not fit into one.
      for (let index = 1; index < sizes.length; index += 1)
        assert.ok((sizes[index - 1] ?? 0) + 100 > maxSizeBytes);
    },
  );
  await fc.assert(property, { numRuns: 60 });
});

test("so many files are kept, the current one included, and the newest lines are in them", async (t) => {
  const directory = temporaryDirectory(t);
  const chunks = Array.from(
    { length: 100 },
    (_, index) => `line ${String(index).padStart(3, "0")}\n`,
  );
  for (const maxFiles of [1, 2, 5]) {
    const path = join(directory, String(maxFiles), "w.log");
    const { rows, names } = await rotated(path, { maxSizeBytes: 450, maxFiles, chunks });
    assert.equal(names.length, maxFiles);
    assert.equal(names.at(-1), path);
    for (const name of names.slice(0, -1)) assert.match(name, /w\.log\.20260102T030405\.\d{6}Z$/);
    assert.deepEqual(
      rows,
      chunks.slice(-rows.length).map((line) => line.trimEnd()),
    );
    assert.ok(rows.length > (maxFiles - 1) * 9);
  }
});

test("a row larger than a whole file gets a file of its own", async (t) => {
  const path = join(temporaryDirectory(t), "logs/w.log");
  const long = "y".repeat(500);
  const { rows, sizes } = await rotated(path, {
    maxSizeBytes: 100,
    maxFiles: 10,
    chunks: [`a\n${long}\nb\n${long}\n`],
  });
  assert.deepEqual(rows, ["a", long, "b", long]);
  assert.deepEqual(sizes, [38, 537, 38, 537]);
});

test("where a file cannot be moved it grows, no line is lost, and it is said", async (t) => {
  // There is room for its name, and none for that with a time behind it.
  const path = join(temporaryDirectory(t), "w".repeat(250));
  const { kernel, hub, service, problems } = scene();
  const web = service("w", fileLogging(path, { maxSizeBytes: 120, maxFiles: 2 }));
  kernel.push(web.stdout, "one\ntwo\nthree\nfour\nfive\n");
  await kernel.settle();
  hub.close();
  assert.equal(problems.length, 1);
  assert.match(
    problems[0]?.message ?? "",
    /^cannot rotate log file ".*w": .*\(ENAMETOOLONG\); it grows beyond its size$/,
  );
  const rows = fs.readFileSync(path, "utf8").split("\n").slice(0, -1);
  assert.deepEqual(rows.map(textOf), ["one", "two", "three", "four", "five"]);
});
