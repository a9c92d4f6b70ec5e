import assert from "node:assert/strict";
import * as fs from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

import { followFiles } from "#log/reading/follow-files.js";
import type { FollowPoint } from "#log/reading/service-reading.js";
import { assertNoLeaks, temporaryDirectory } from "@supervise/testkit";

import { openReading, textOf } from "./reading-scene.js";

// Node keeps its one inotify descriptor once it has had a watch: that is no leak of ours.
fs.watch("/").close();

/** A follower of the service's file from where it ends now, and what ends it. */
async function begin(path: string): Promise<{
  readonly next: () => Promise<string>;
  /** What is there comes, and then the end. */
  readonly end: () => Promise<string[]>;
}> {
  const reading = openReading(path, { lines: 0 });
  for await (const _ of reading.rows());
  const at: FollowPoint = reading.take();
  reading.close();
  const last = new AbortController();
  const source = { service: "web", path, form: "auto" } as const;
  const batches = followFiles(
    [{ source, at }],
    new AbortController().signal,
    last.signal,
    (message) => {
      throw new Error(message);
    },
  );
  const waiting: string[] = [];
  return {
    next: async () => {
      while (waiting.length === 0) {
        const result = await batches.next();
        if (result.done === true) throw new Error("the follower has ended");
        waiting.push(...result.value.map(textOf));
      }
      return waiting.shift() ?? "";
    },
    end: async () => {
      last.abort();
      for await (const batch of batches) waiting.push(...batch.map(textOf));
      return waiting;
    },
  };
}

const row = (seq: number, text = `line ${seq}`): string => `- web ${seq} out ${text}\n`;
const rotated = (path: string, number: number): string => `${path}.2026010${number}T000000.000000Z`;

test("what is appended is told as it comes, a row once it is whole", async (t) => {
  assertNoLeaks(t);
  const path = join(temporaryDirectory(t), "web.log");
  fs.writeFileSync(path, row(1) + row(2));
  const follower = await begin(path);
  fs.appendFileSync(path, row(3));
  assert.equal(await follower.next(), "line 3");
  fs.appendFileSync(path, "- web 4 out li");
  fs.appendFileSync(path, `ne 4\n${row(5)}`);
  assert.equal(await follower.next(), "line 4");
  assert.deepEqual(await follower.end(), ["line 5"]);
});

test("a file that is yet to be made, and its directories, are waited for", async (t) => {
  assertNoLeaks(t);
  const directory = temporaryDirectory(t);
  const path = join(directory, "deep/down/web.log");
  const follower = await begin(path);
  fs.mkdirSync(join(directory, "deep/down"), { recursive: true });
  fs.writeFileSync(path, row(1));
  assert.equal(await follower.next(), "line 1");
  assert.deepEqual(await follower.end(), []);
});

test("rotations, also several between two looks, neither lose nor double a row", async (t) => {
  assertNoLeaks(t);
  const path = join(temporaryDirectory(t), "web.log");
  fs.writeFileSync(path, row(1));
  const follower = await begin(path);
  fs.appendFileSync(path, row(2));
  fs.renameSync(path, rotated(path, 1));
  assert.equal(await follower.next(), "line 2");
  fs.writeFileSync(path, row(3));
  fs.renameSync(path, rotated(path, 2));
  fs.writeFileSync(path, row(4));
  fs.renameSync(path, rotated(path, 3));
  fs.writeFileSync(path, row(5));
  for (const number of [3, 4, 5]) assert.equal(await follower.next(), `line ${number}`);
  fs.appendFileSync(path, row(6));
  fs.renameSync(path, rotated(path, 4));
  assert.deepEqual(await follower.end(), ["line 6"]);
});

test("a file that was rotated and compressed before it was looked at is known by its numbers", async (t) => {
  assertNoLeaks(t);
  const path = join(temporaryDirectory(t), "web.log");
  fs.writeFileSync(path, row(1) + row(2));
  const follower = await begin(path);
  // Between two looks: ours is compressed and gone, another has come and gone, a third is the current one.
  fs.writeFileSync(`${rotated(path, 1)}.gz`, gzipSync(row(1) + row(2) + row(3)));
  fs.writeFileSync(`${rotated(path, 2)}.gz`, gzipSync(row(4)));
  fs.appendFileSync(path, row(3));
  fs.writeFileSync(`${path}.new`, row(5));
  fs.renameSync(`${path}.new`, path);
  assert.deepEqual(await follower.end(), ["line 3", "line 4", "line 5"]);
});

test("a file that somebody empties is read from its beginning", async (t) => {
  assertNoLeaks(t);
  const path = join(temporaryDirectory(t), "web.log");
  fs.writeFileSync(path, row(1) + row(2));
  const follower = await begin(path);
  fs.appendFileSync(path, row(3));
  assert.equal(await follower.next(), "line 3");
  fs.truncateSync(path, 0);
  fs.appendFileSync(path, row(4));
  assert.deepEqual(await follower.end(), ["line 4"]);
});

test("a row of megabytes, as a direct file may hold it, is one row", async (t) => {
  assertNoLeaks(t);
  const path = join(temporaryDirectory(t), "web.log");
  fs.writeFileSync(path, row(1));
  const follower = await begin(path);
  const long = "x".repeat(3_000_000);
  fs.appendFileSync(path, row(2, long) + row(3));
  assert.equal((await follower.next()).length, long.length);
  assert.deepEqual(await follower.end(), ["line 3"]);
});
