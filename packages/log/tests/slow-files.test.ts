import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { atEnd, temporaryDirectory, until, type TestScope } from "@supervise/testkit";

import { fileLogging } from "./file-logging.js";
import { scene, type Scene } from "./hub-scene.js";

const none = fs.constants.O_NONBLOCK;

/** Of a hub whose files are quick, though others have the processors. */
const patient = { hub: { filePatienceMs: 60_000 } } as const;

/** A FIFO in place of a log file, with a reader that reads when it is told to. */
function fifo(t: TestScope): { path: string; read: () => string } {
  const path = join(temporaryDirectory(t), "web.log");
  execFileSync("mkfifo", [path]);
  const fd = fs.openSync(path, fs.constants.O_RDONLY | none);
  atEnd(t, () => fs.closeSync(fd));
  const buffer = Buffer.alloc(1024 * 1024);
  return {
    path,
    read() {
      try {
        return buffer.toString("latin1", 0, fs.readSync(fd, buffer));
      } catch (thrown) {
        // Nothing is there now.
        if ((thrown as NodeJS.ErrnoException).code === "EAGAIN") return "";
        throw thrown;
      }
    },
  };
}

/** Rows of a plain format: number and what follows it. */
function rowsOf(text: string): string[] {
  return text
    .split("\n")
    .slice(0, -1)
    .map((row) => row.replace(/^\S+ web /u, ""));
}

function lines(from: number, to: number): string {
  let text = "";
  for (let number = from; number <= to; number += 1) text += `line ${number} ${"x".repeat(90)}\n`;
  return text;
}

/** Pushes so many chunks of 500 lines. */
async function push({ kernel }: Scene, fd: number, chunks: number): Promise<void> {
  for (let chunk = 0; chunk < chunks; chunk += 1) {
    kernel.push(fd, lines(chunk * 500 + 1, chunk * 500 + 500));
    await kernel.settle();
  }
}

test("a service waits for a FIFO whose reader does not read, and no line is lost; others go on", async (t) => {
  const { path, read } = fifo(t);
  const other = join(temporaryDirectory(t), "other.log");
  const here = scene();
  const web = here.service("web", fileLogging(path));
  const { stdout } = here.service("other", fileLogging(other));
  await push(here, web.stdout, 20);
  assert.ok(here.kernel.unread(web.stdout) > 0, "web is read no more");
  here.kernel.push(stdout, "one\n");
  await here.kernel.settle();
  assert.match(fs.readFileSync(other, "utf8"), / other 1 out one\n$/);
  let text = "";
  await until(
    async () => {
      await here.kernel.settle();
      text += read();
      return rowsOf(text).length;
    },
    { what: "all rows", is: (rows) => rows === 10_000 },
  );
  here.hub.close();
  assert.deepEqual(
    rowsOf(text).map((row) => Number.parseInt(row, 10)),
    Array.from({ length: 10_000 }, (_, index) => index + 1),
  );
});

test("with mode non-blocking the lines that a FIFO does not take are counted, and the service never waits", async (t) => {
  const { path, read } = fifo(t);
  const here = scene();
  const web = here.service(
    "web",
    fileLogging(path, { mode: "non-blocking", maxBufferBytes: 200_000 }),
  );
  await push(here, web.stdout, 20);
  assert.equal(here.kernel.unread(web.stdout), 0);
  assert.deepEqual(
    here.problems.map(({ message }) => message),
    [`cannot write log file "${path}": it does not keep up; lines are counted until it does`],
  );
  let text = "";
  await until(
    () => {
      text += read();
      return text;
    },
    { what: "a gap row", is: (all) => all.includes(" gap ") },
  );
  here.kernel.push(web.stdout, "back again\n");
  await here.kernel.settle();
  await until(
    () => {
      text += read();
      return text;
    },
    { what: "the next line", is: (all) => all.includes("back again") },
  );
  here.hub.close();
  const rows = rowsOf(text);
  const gap = rows.findIndex((row) => row.includes(" gap "));
  assert.equal(rows[gap], `${gap + 1} gap ${10_000 - gap} lines lost: the buffer was full`);
  assert.deepEqual(rows.slice(gap + 1), ["10001 out back again"]);
  const taken = text.indexOf(" gap ");
  assert.ok(taken > 199_000 && taken < 201_000, `${taken} bytes had room`);
});

test("with mode non-blocking the last words of a run are in its file when its drain is over", async (t) => {
  const path = join(temporaryDirectory(t), "web.log");
  const here = scene(patient);
  const web = here.service(
    "web",
    fileLogging(path, { mode: "non-blocking", maxBufferBytes: 1000 }),
  );
  here.kernel.push(web.stdout, "one\n");
  here.hub.drain("web");
  here.kernel.push(web.stdout, "last words");
  here.hub.drain("web");
  const text = fs.readFileSync(path, "utf8");
  here.hub.close();
  assert.deepEqual(rowsOf(text), ["1 out one", "2 out+ last words"]);
});

test("a file of another thread is rotated, made anew where it was deleted, and goes on where a reload makes it one", async (t) => {
  const path = join(temporaryDirectory(t), "web.log");
  const here = scene(patient);
  const slow = { mode: "non-blocking", maxBufferBytes: 1000 } as const;
  const web = here.service("web", fileLogging(path));
  const say = async (text: string): Promise<void> => {
    here.kernel.push(web.stdout, text);
    await here.kernel.settle();
  };
  await say("one\n");
  here.hub.configure({ name: "web", logging: fileLogging(path, slow) });
  await say("two\n");
  assert.equal(here.hub.rotate("web"), 0);
  await say("three\n");
  fs.rmSync(path);
  await say("four\n");
  here.hub.configure({ name: "web", logging: fileLogging(path) });
  await say("five\n");
  await here.hub.flush();
  here.hub.close();
  const [older = ""] = fs.readdirSync(join(path, "..")).filter((name) => name !== "web.log");
  assert.deepEqual(rowsOf(fs.readFileSync(join(path, "..", older), "utf8")), [
    "1 out one",
    "2 out two",
  ]);
  assert.deepEqual(rowsOf(fs.readFileSync(path, "utf8")), [
    "3 gap 1 line lost: the file was deleted",
    "4 out four",
    "5 out five",
  ]);
  assert.deepEqual(
    here.problems.map(({ message }) => message),
    [`log file "${path}" was deleted; it is made anew`],
  );
});

test("a reload to mode non-blocking lets a service go on that waits for its file", async (t) => {
  const { path } = fifo(t);
  const here = scene();
  const web = here.service("web", fileLogging(path));
  await push(here, web.stdout, 20);
  assert.ok(here.kernel.unread(web.stdout) > 0, "web waits");
  const logging = fileLogging(path, { mode: "non-blocking", maxBufferBytes: 1000 });
  here.hub.configure({ name: "web", logging });
  await here.kernel.settle();
  assert.equal(here.kernel.unread(web.stdout), 0);
  here.hub.close();
  assert.match(here.problems.at(-1)?.message ?? "", /": it hangs; 10000 lines may not be in it$/);
});
