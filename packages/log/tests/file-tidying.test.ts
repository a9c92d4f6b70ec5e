import assert from "node:assert/strict";
import * as fs from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";

import { temporaryDirectory, until } from "@supervise/testkit";

import { allFiles, fileLogging } from "./file-logging.js";
import { scene } from "./hub-scene.js";

const lines = (count: number): string =>
  Array.from({ length: count }, (_, index) => `line ${index + 1}\n`).join("");

function rowsOf(path: string): string[] {
  return allFiles(path).flatMap((file) => {
    const bytes = fs.readFileSync(file);
    const text = (file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString();
    return text.split("\n").slice(0, -1);
  });
}

test("rotated files are compressed in the background, and hold the same rows", async (t) => {
  const path = join(temporaryDirectory(t), "web.log");
  const { kernel, hub, service, problems } = scene();
  const logging = { maxSizeBytes: 2_000, maxFiles: 100, compression: "gzip" } as const;
  const web = service("web", fileLogging(path, logging));
  kernel.push(web.stdout, lines(500));
  await kernel.settle();
  await until(() => allFiles(path), {
    is: (files) => files.length > 5 && files.slice(0, -1).every((file) => file.endsWith(".gz")),
    what: "compressed files",
  });
  hub.close();
  assert.deepEqual(problems, []);
  assert.deepEqual(
    rowsOf(path).map((row) => row.replace(/^\S+ web (\d+) out line /, "$1 ")),
    Array.from({ length: 500 }, (_, index) => `${index + 1} ${index + 1}`),
  );
});

test("what a death in the middle of compressing left is finished by the next life", async (t) => {
  const path = join(temporaryDirectory(t), "web.log");
  const older = [1, 2].map((number) => `${path}.20260102T03040${number}.123456Z`);
  for (const [index, file] of older.entries()) fs.writeFileSync(file, `- web ${index + 1} out x\n`);
  fs.writeFileSync(`${older[0]}.gz.part`, "half");
  fs.writeFileSync(`${path}.20260101T030405.123456Z.gz.part`, "of one that is gone");
  const { kernel, hub, service } = scene();
  const web = service("web", fileLogging(path, { compression: "gzip" }));
  kernel.push(web.stdout, "next\n");
  await kernel.settle();
  const names = [...older.map((file) => `${file}.gz`), path];
  await until(() => allFiles(path).join(" "), {
    is: (found) => found === names.join(" "),
    what: "the files",
  });
  hub.close();
  assert.deepEqual(
    rowsOf(path).map((row) => row.replace(/^\S+ web /, "")),
    ["1 out x", "2 out x", "3 out next"],
  );
});

test("all files together stay below the limit: the oldest go, whosever they are", async (t) => {
  const directory = temporaryDirectory(t);
  const { kernel, hub, service } = scene();
  const logging = { maxSizeBytes: 1_000, maxFiles: 1000, maxTotalBytes: 10_000 };
  const names = ["one", "two"];
  const paths = names.map((name) => join(directory, name, `${name}.log`));
  const outs = names.map((name, index) => service(name, fileLogging(paths[index] ?? "", logging)));
  for (let round = 0; round < 50; round += 1)
    for (const { stdout } of outs.slice(0, round < 25 ? 2 : 1)) {
      kernel.push(stdout, lines(10));
      await kernel.settle();
    }
  await hub.flush();
  hub.close();
  const files = paths.flatMap(allFiles);
  const sizes = files.map((file) => fs.statSync(file).size);
  assert.ok(sizes.reduce((sum, size) => sum + size, 0) <= 10_000 + 1_000);
  assert.ok(files.length > 8);
  // The second wrote nothing for as long as the first filled everything.
  assert.equal(fs.readdirSync(dirname(paths[1] ?? "")).length, 1);
  assert.match(rowsOf(paths[0] ?? "").at(-1) ?? "", / 500 out line 10$/);
});

test("a file that has become too old is rotated with the next line, and an empty one never", async (t) => {
  const path = join(temporaryDirectory(t), "web.log");
  fs.writeFileSync(path, "- web 1 out old\n");
  const { kernel, hub, service } = scene();
  // For the scene it is the beginning of 2026.
  const born = fs.statSync(path).birthtimeMs;
  const age = Date.UTC(2026, 0, 2, 3, 4, 5) - born;
  const web = service("web", fileLogging(path, { maxAgeMs: age - 1_000 }));
  kernel.push(web.stdout, "one\n");
  await kernel.settle();
  assert.equal(allFiles(path).length, 2);
  hub.configure({ name: "web", logging: fileLogging(path, { maxAgeMs: age + 1e12 }) });
  kernel.push(web.stdout, "two\n");
  await kernel.settle();
  hub.close();
  assert.equal(allFiles(path).length, 2);
});

test("a rotation on demand changes the file at once, and an empty or missing one is no mistake", async (t) => {
  const path = join(temporaryDirectory(t), "web.log");
  const { kernel, hub, service } = scene();
  const web = service("web", fileLogging(path));
  service("silent");
  assert.equal(hub.rotate("silent"), null);
  assert.equal(hub.rotate("web"), 0);
  kernel.push(web.stdout, "one\n");
  await kernel.settle();
  assert.equal(hub.rotate("web"), 0);
  assert.equal(hub.rotate("web"), 0);
  kernel.push(web.stdout, "two\n");
  await kernel.settle();
  hub.close();
  assert.deepEqual(
    allFiles(path).map((file) => fs.readFileSync(file, "utf8").replace(/^\S+ web /, "")),
    ["1 out one\n", "2 out two\n"],
  );
});
