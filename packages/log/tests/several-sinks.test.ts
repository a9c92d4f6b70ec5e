import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import type { LoggingSpec, LogSink } from "@supervise/model";
import { temporaryDirectory } from "@supervise/testkit";

import { fileLogging } from "./file-logging.js";
import { scene, type Scene } from "./hub-scene.js";

const toCollector = {
  driver: "service",
  service: "collector",
  format: "raw",
  timestamps: "none",
  maxBufferBytes: 1_048_576,
} as const satisfies LogSink;

interface Receiving extends Scene {
  /** All that its pipe took. */
  readonly got: () => string;
  /** From now on there is room for so many bytes in its pipe. */
  readonly give: (bytes: number) => void;
  readonly input: number;
}

/** A hub with a service whose standard input is a pipe. */
function receiving(): Receiving {
  let got = "";
  let room = Number.POSITIVE_INFINITY;
  const made = scene({ hub: { input: () => input }, terminal: null });
  const input: number = made.kernel.output((bytes) => {
    const taken = Math.min(bytes.length, room);
    give(room - taken);
    got += bytes.toString("latin1", 0, taken);
    return taken === 0 ? -11 : taken;
  });
  // The hub owns it, and closes it.
  made.kernel.opened.add(input);
  const give = (bytes: number): void => {
    room = bytes;
    made.kernel.setWritable(input, room > 0);
  };
  return { ...made, got: () => got, give, input };
}

test("the lines of a service reach each of its files, in the form of each", async (t) => {
  const directory = temporaryDirectory(t);
  const { kernel, hub, service } = scene();
  const path = join(directory, "web.log");
  const json = fileLogging(join(directory, "web.json"), { format: "json" });
  const raw = fileLogging(join(directory, "web.raw"), { format: "raw" });
  const pipes = service("web", { ...fileLogging(path), also: [json, raw] });
  hub.markRun("web", { kind: "begin", run: 1, pid: 7 });
  kernel.push(pipes.stdout, "one\ntwo\n");
  await kernel.settle();
  hub.configure({ name: "web", logging: { ...fileLogging(path), also: [raw] } });
  kernel.push(pipes.stdout, "three\n");
  await kernel.settle();
  hub.close();
  assert.match(
    readFileSync(path, "utf8"),
    /begin run 1.*\n.* 1 out one\n.* 2 out two\n.* 3 out three\n$/,
  );
  assert.match(readFileSync(json.path, "utf8"), /"begin".*\n.*"text":"one"\}\n.*"text":"two"\}\n$/);
  assert.equal(readFileSync(raw.path, "utf8"), "one\ntwo\nthree\n");
});

test("a service whose lines go to another waits while that one's pipe is full, and loses nothing", async () => {
  const one = receiving();
  const { kernel, hub, service } = one;
  const pipes = service("web", toCollector);
  one.give(10);
  kernel.push(pipes.stdout, "one\ntwo\nthree\n");
  kernel.push(pipes.stdout, "four\n");
  await kernel.settle();
  assert.equal(one.got(), "one\ntwo\nth");
  // What came later is still in its own pipe.
  assert.equal(kernel.unread(pipes.stdout), 5);
  one.give(1_000);
  await kernel.settle();
  assert.equal(one.got(), "one\ntwo\nthree\nfour\n");
  hub.close();
  assert.deepEqual(one.problems, []);
});

test("a run that ends while its service waits is read no more once there is room", async () => {
  const one = receiving();
  const { kernel, hub, service } = one;
  const pipes = service("web", toCollector);
  one.give(10);
  kernel.push(pipes.stdout, "one\ntwo\nthree\n");
  kernel.push(pipes.stdout, "four\n");
  await kernel.settle();
  hub.closeRun("web", 1);
  one.give(1_000);
  await kernel.settle();
  assert.equal(one.got(), "one\ntwo\nthree\nfour\n");
  assert.deepEqual(
    [kernel.isWatched(pipes.stdout), kernel.isWatched(pipes.stderr)],
    [false, false],
  );
  hub.close();
  assert.deepEqual(one.problems, []);
});

test("a service that need not wait loses what goes over its buffer, and where and how much is told", async () => {
  const one = receiving();
  const { kernel, hub, service } = one;
  const logging: LoggingSpec = {
    ...toCollector,
    format: "plain",
    mode: "non-blocking",
    maxBufferBytes: 40,
  };
  const pipes = service("web", logging);
  one.give(16);
  kernel.push(pipes.stdout, "one\ntwo\nthree\n");
  kernel.push(pipes.stdout, "four\nfive\n");
  await kernel.settle();
  assert.equal(kernel.unread(pipes.stdout), 0);
  one.give(1_000);
  await kernel.settle();
  kernel.push(pipes.stdout, "six\n");
  await kernel.settle();
  hub.close();
  assert.equal(
    one.got(),
    [
      "- web 1 out one",
      "- web 2 out two",
      "- web 3 out three",
      "- web 4 gap 2 lines lost: the buffer was full",
      "- web 6 out six",
      "",
    ].join("\n"),
  );
  assert.deepEqual(
    one.problems.map(({ message }) => message),
    ['service "collector" did not get 2 lines of service "web": the buffer was full'],
  );
});

test("rows of several services never mix within a row", async () => {
  const one = receiving();
  const { kernel, hub, service } = one;
  const web = service("web", toCollector);
  const api = service("api", { ...toCollector, mode: "non-blocking" });
  for (let turn = 0; turn < 200; turn += 1) {
    one.give(7);
    kernel.push(web.stdout, `web ${turn} ${"w".repeat(turn)}\n`);
    kernel.push(api.stdout, `api ${turn}\n`);
    await kernel.settle();
  }
  one.give(1_000_000);
  await kernel.settle();
  hub.close();
  const rows = one.got().split("\n").slice(0, -1);
  assert.equal(rows.length, 400);
  for (const row of rows) assert.match(row, /^(?:web \d+ w*|api \d+)$/);
  for (const name of ["web", "api"])
    assert.deepEqual(
      rows.filter((row) => row.startsWith(name)).map((row) => Number(row.split(" ")[1])),
      Array.from({ length: 200 }, (_, turn) => turn),
    );
});

test("the input of a service ends once what waits for it has gone", async () => {
  const one = receiving();
  const { kernel, hub, service } = one;
  const pipes = service("web", toCollector);
  one.give(2);
  kernel.push(pipes.stdout, "one\n");
  await kernel.settle();
  let ended = false;
  hub.endInput("collector", () => (ended = true));
  assert.ok(!ended);
  one.give(10);
  await kernel.settle();
  assert.ok(ended);
  assert.equal(one.got(), "one\n");
  assert.ok(!kernel.isWatched(one.input));
  hub.close();
});
