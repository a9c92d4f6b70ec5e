import assert from "node:assert/strict";
import * as fs from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import type { LoggingSpec } from "@supervise/model";
import { temporaryDirectory } from "@supervise/testkit";

import { fileLogging } from "./file-logging.js";
import { scene } from "./hub-scene.js";
import { ENOSPC } from "./memory-kernel.js";

const EACCES = -13;

function toFile(path: string, maxSizeBytes: number | null = null, maxFiles = 5): LoggingSpec {
  return fileLogging(path, { maxSizeBytes, maxFiles });
}

const read = (path: string): string => fs.readFileSync(path, "utf8");
const texts = (path: string): string[] =>
  read(path)
    .split("\n")
    .slice(0, -1)
    .map((row) => row.replace(/^\S+ \S+ \d+ \S+ /, ""));

test("a row is time, service, stream and text; directory and file are made with the first line", async (t) => {
  const path = join(temporaryDirectory(t), "deep/down/web.log");
  const { kernel, hub, service } = scene();
  const web = service("web", toFile(path));
  assert.ok(!fs.existsSync(path));
  kernel.push(web.stdout, "one\ntwo\n");
  kernel.push(web.stderr, "bad\nhalf");
  await kernel.settle();
  hub.close();
  assert.equal(
    read(path),
    "2026-01-02T03:04:05.123456Z web 1 out one\n" +
      "2026-01-02T03:04:05.123456Z web 2 out two\n" +
      "2026-01-02T03:04:05.123457Z web 3 err bad\n" +
      "2026-01-02T03:04:05.123458Z web 4 err+ half\n",
  );
  // The umask may take more away.
  const mode = fs.statSync(path).mode & 0o777;
  assert.equal(mode | 0o640, 0o640);
  assert.equal(mode & 0o600, 0o600);
});

test("a chunk is one write, and an existing file is appended to", async (t) => {
  const path = join(temporaryDirectory(t), "web.log");
  fs.writeFileSync(path, "old\n");
  const { kernel, hub, service } = scene();
  const web = service("web", toFile(path));
  kernel.push(web.stdout, "a\n".repeat(100));
  await kernel.settle();
  assert.equal(kernel.fileWrites, 1);
  hub.close();
  assert.ok(read(path).startsWith("old\n2026-"));
});

test("bytes and long lines reach the file as they are", async (t) => {
  const path = join(temporaryDirectory(t), "web.log");
  const { kernel, hub, service } = scene();
  const web = service("web", toFile(path));
  const long = Buffer.alloc(200_000, "0123456789");
  const binary = Buffer.from([0, 1, 0xff, 0xfe, 13]);
  kernel.push(web.stdout, Buffer.concat([long, Buffer.from("\n"), binary, Buffer.from("\n")]));
  await kernel.settle();
  hub.close();
  const rows = fs.readFileSync(path).toString("latin1").split("\n").slice(0, -1);
  assert.deepEqual(
    rows.map((row) => row.split(" ")[3]),
    ["out+", "out+", "out+", "out", "out"],
  );
  const bodies = rows.map((row) => row.slice(row.indexOf("out")).replace(/^out\+? /, ""));
  assert.equal(bodies.slice(0, 4).join(""), long.toString("latin1"));
  assert.equal(bodies[4], binary.toString("latin1"));
});

test("lines of a full disk are counted, said once, and a gap row stands where they are missing", async (t) => {
  const path = join(temporaryDirectory(t), "web.log");
  const { kernel, hub, service, problems } = scene();
  const [web, db] = [service("web", toFile(path)), service("db", toFile(path))];
  const say = async (fd: number, text: string): Promise<void> => {
    kernel.push(fd, text);
    await kernel.settle();
  };
  await say(web.stdout, "kept\n");
  kernel.onFileWrite = () => ENOSPC;
  await say(web.stdout, "lost 1\nlost 2\n");
  await say(db.stdout, "lost\n");
  await say(web.stdout, "lost 3\n");
  kernel.onFileWrite = null;
  await say(db.stdout, "again\n");
  hub.close();
  assert.deepEqual(problems, [
    {
      kind: "file",
      message: `cannot write log file "${path}": no space left on device (ENOSPC); lines are counted until it can be written`,
    },
  ]);
  assert.deepEqual(
    read(path)
      .split("\n")
      .map((row) => row.replace(/^\S+ /, "")),
    [
      "web 1 out kept",
      "web 2 gap 3 lines lost: no space left on device (ENOSPC)",
      "db 1 gap 1 line lost: no space left on device (ENOSPC)",
      "db 2 out again",
      "",
    ],
  );
  assert.equal(hub.tail(null, null).length, 0);
});

test("a row of which the disk took a part is taken back: none is torn at any time, each is there or counted", async (t) => {
  const path = join(temporaryDirectory(t), "web.log");
  const { kernel, hub, service } = scene();
  const web = service("web", toFile(path));
  let seed = 1;
  // Takes between nothing and all of what it is given, and then refuses for a while: every place of a tear comes up.
  let refuse = 0;
  kernel.onFileWrite = (bytes) => {
    seed = (seed * 48_271) % 2_147_483_647;
    if (refuse > 0) {
      refuse -= 1;
      return ENOSPC;
    }
    refuse = seed % 3;
    return 1 + (seed % bytes.length);
  };
  const total = 3_000;
  for (let index = 0; index < total; index += 3) {
    kernel.push(web.stdout, `line ${index}\nline ${index + 1}\nline ${index + 2}\n`);
    await kernel.settle();
    // Were we to die now, nobody would know the rest of a row.
    assert.match(read(path), /(^|\n)$/);
  }
  kernel.onFileWrite = null;
  kernel.push(web.stdout, `line ${total}\n`);
  await kernel.settle();
  hub.close();
  let next = 0;
  let gaps = 0;
  for (const row of read(path).split("\n").slice(0, -1)) {
    const found =
      /^2026-\S+Z web (\d+) (?:out line (\d+)|gap (\d+) lines? lost: no space left on device \(ENOSPC\))$/.exec(
        row,
      );
    assert.ok(found, row);
    assert.equal(Number(found[1]), next + 1);
    if (found[3] === undefined) {
      assert.equal(Number(found[2]), next);
      next += 1;
    } else {
      gaps += 1;
      next += Number(found[3]);
    }
  }
  assert.equal(next, total + 1);
  assert.ok(gaps > 50);
});

test("a file that cannot be opened is tried again with each batch, and a loss at the end is said", async (t) => {
  const path = join(temporaryDirectory(t), "web.log");
  const { kernel, hub, service, problems } = scene();
  const web = service("web", toFile(path));
  kernel.onOpen = () => EACCES;
  kernel.push(web.stdout, "lost\n");
  await kernel.settle();
  kernel.onOpen = null;
  kernel.push(web.stdout, "kept\n");
  await kernel.settle();
  assert.deepEqual(texts(path), ["1 line lost: permission denied (EACCES)", "kept"]);
  kernel.onFileWrite = () => ENOSPC;
  kernel.push(web.stdout, "lost for good\n");
  await kernel.settle();
  hub.close();
  assert.deepEqual(
    problems.map(({ message }) => message),
    [
      `cannot open log file "${path}": permission denied (EACCES); lines are counted until it can be written`,
      `cannot write log file "${path}": no space left on device (ENOSPC); lines are counted until it can be written`,
      `cannot write log file "${path}": no space left on device (ENOSPC); 1 line lost`,
    ],
  );
});

test("a file that does not take a single byte without an error is an error, not an endless loop", async (t) => {
  const path = join(temporaryDirectory(t), "web.log");
  const { kernel, service, problems } = scene();
  const web = service("web", toFile(path));
  const write = kernel.write.bind(kernel);
  kernel.write = (fd, ...rest) => (fd >= 1000 ? write(fd, ...rest) : 0);
  kernel.push(web.stdout, "x\n");
  await kernel.settle();
  assert.match(problems[0]?.message ?? "", /EIO/);
});

test("a changed path takes effect between two lines, without losing one", async (t) => {
  const directory = temporaryDirectory(t);
  const [one, two] = [join(directory, "one.log"), join(directory, "two.log")];
  const { kernel, hub, service } = scene();
  const web = service("web", toFile(one));
  kernel.push(web.stdout, "1\n2");
  await kernel.settle();
  hub.configure({ name: "web", logging: toFile(two) });
  kernel.push(web.stdout, "2\n3\n");
  await kernel.settle();
  hub.configure({ name: "web", logging: { driver: "none" } });
  kernel.push(web.stdout, "4\n");
  await kernel.settle();
  assert.deepEqual([texts(one), texts(two)], [["1"], ["22", "3"]]);
  assert.deepEqual(kernel.opened, new Set([web.stdout, web.stderr]));
});

test("a file that several services share is closed with the last of them", async (t) => {
  const path = join(temporaryDirectory(t), "all.log");
  const { kernel, hub, service } = scene();
  const [web, db] = [service("web", toFile(path)), service("db", toFile(path))];
  kernel.push(web.stdout, "1\n");
  await kernel.settle();
  hub.forget("web");
  kernel.push(db.stdout, "2\n");
  await kernel.settle();
  assert.equal(kernel.opened.size, 3);
  hub.forget("db");
  assert.equal(kernel.opened.size, 0);
  assert.deepEqual(texts(path), ["1", "2"]);
});

test("a row that an earlier supervisor could not finish is ended before the first new one", async (t) => {
  const path = join(temporaryDirectory(t), "web.log");
  fs.writeFileSync(path, "2026-01-01T00:00:00.000000Z web 1 out torn");
  const { kernel, hub, service } = scene();
  const web = service("web", toFile(path));
  kernel.push(web.stdout, "whole\n");
  await kernel.settle();
  hub.close();
  assert.deepEqual(texts(path), ["torn", "whole"]);
});

test("a row that the disk did not take whole until the end is said", async (t) => {
  const path = join(temporaryDirectory(t), "web.log");
  const { kernel, hub, service, problems } = scene();
  const web = service("web", toFile(path));
  let left = 30;
  kernel.onFileWrite = () => {
    const now = left;
    left = 0;
    return now === 0 ? ENOSPC : now;
  };
  kernel.push(web.stdout, "one\n");
  await kernel.settle();
  hub.close();
  assert.match(problems.at(-1)?.message ?? "", /ENOSPC\); 1 line lost$/);
  assert.deepEqual(kernel.opened, new Set());
});
