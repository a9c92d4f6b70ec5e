import assert from "node:assert/strict";
import { test } from "node:test";

import type { OutputTap } from "@supervise/log";
import { scene } from "./hub-scene.js";

test("lines of services come to the terminal whole, under the service's name, padded to the longest", async () => {
  const { kernel, hub, service, shown } = scene();
  const web = service("web");
  const db = service("database-1");
  kernel.push(web.stdout, "one\ntw");
  kernel.push(db.stderr, "bad\n");
  await kernel.settle();
  kernel.push(web.stdout, "o\n");
  await kernel.settle();
  hub.say("two services run", "info");
  await hub.flush();
  assert.equal(
    shown(),
    "web        | one\ndatabase-1 | bad\nweb        | two\nsupervise  | two services run\n",
  );
});

test("a line without newline is held until the run is drained, then flagged", async () => {
  const { kernel, hub, service, shown } = scene();
  const web = service("web");
  kernel.push(web.stdout, "done\nlast words");
  await kernel.settle();
  assert.equal(shown(), "web       | done\n");
  hub.drain("web");
  await hub.flush();
  assert.equal(shown(), "web       | done\nweb       | last words\n");
  assert.deepEqual(
    hub.tail(["web"], null).map(({ text, partial, seq }) => ({ text, partial, seq })),
    [
      { text: "done", partial: false, seq: 1 },
      { text: "last words", partial: true, seq: 2 },
    ],
  );
});

test("after a drain the rest of the line is marked as going on", async () => {
  const { kernel, hub, service, shown } = scene();
  const web = service("web");
  kernel.push(web.stdout, "half");
  await kernel.settle();
  hub.drain("web");
  kernel.push(web.stdout, " line\nnext\n");
  await kernel.settle();
  assert.equal(shown(), "web       | half\nweb       +  line\nweb       | next\n");
});

test("a drain reads all that is there at once and never waits for a descendant that holds the pipe", async () => {
  const { kernel, hub, service } = scene();
  const web = service("web");
  for (let index = 0; index < 50; index += 1) kernel.push(web.stdout, `line ${index}\n`);
  hub.drain("web");
  assert.equal(hub.tail(["web"], null).length, 50);
  assert.ok(kernel.opened.has(web.stdout));
  kernel.push(web.stdout, "still here\n");
  await kernel.settle();
  assert.equal(hub.tail(["web"], 1)[0]?.text, "still here");
});

test("a drain of a pipe that is filled without end comes back, and all that was read is shown", async () => {
  const { kernel, hub, service, shown } = scene();
  const web = service("web");
  const flood = Buffer.alloc(65_536, "flood\n");
  const read = kernel.read.bind(kernel);
  kernel.read = (fd, ...rest) => {
    kernel.push(fd, flood);
    return read(fd, ...rest);
  };
  hub.drain("web");
  assert.ok(kernel.opened.has(web.stdout));
  const { length } = hub.tail(["web"], 1)[0]?.text ?? "";
  assert.equal(length, 4, "the last words");
  await hub.flush();
  // Of both streams 16 chunks, and the last words of each.
  const lines = 2 * (16 * Math.floor(flood.length / 6) + 1);
  assert.equal(shown().split("\n").length, lines + 1);
});

test("at end of file the descriptor is closed and the last line filed", async () => {
  const { kernel, hub, service } = scene();
  const web = service("web");
  kernel.push(web.stdout, "no newline");
  kernel.end(web.stdout);
  kernel.end(web.stderr);
  await kernel.settle();
  assert.deepEqual(kernel.opened, new Set());
  assert.deepEqual(
    hub.tail(["web"], null).map(({ text, partial }) => [text, partial]),
    [["no newline", true]],
  );
});

test("closing a run drains it and leaves the pipes of the next run", async () => {
  const { kernel, hub, service } = scene();
  const first = service("web");
  const second = { stdout: kernel.pipe(), stderr: null };
  hub.openRun("web", 2, second);
  kernel.push(first.stdout, "old\n");
  hub.closeRun("web", 1);
  assert.deepEqual(kernel.opened, new Set([second.stdout]));
  kernel.push(second.stdout, "new\n");
  await kernel.settle();
  assert.deepEqual(
    hub.tail(null, null).map(({ run, text, seq }) => [run, text, seq]),
    [
      [1, "old", 1],
      [2, "new", 2],
    ],
  );
});

/** Keeps what it is given; full when told so. */
class Keeping implements OutputTap {
  text = "";
  full = false;
  over = false;
  take(bytes: Uint8Array): void {
    this.text += Buffer.from(bytes).toString();
  }
  ended(): void {
    this.over = true;
  }
}

test("a tap gets the bytes of both streams as they come, and is told of the end", async () => {
  const { kernel, hub, service } = scene();
  const web = service("web");
  const tap = new Keeping();
  assert.equal(hub.tap("web", 1, tap)?.fd, web.stdout);
  assert.equal(hub.tap("web", 2, new Keeping()), null);
  kernel.push(web.stdout, "no newline\r");
  await kernel.settle();
  kernel.push(web.stderr, "\x1b[1mbold");
  await kernel.settle();
  assert.equal(tap.text, "no newline\r\x1b[1mbold");
  hub.closeRun("web", 1);
  assert.ok(tap.over);
});

test("nothing is read for a tap that is full until it has room, and others get all of it", async () => {
  const { kernel, hub, service } = scene();
  const web = service("web");
  const [slow, quick] = [new Keeping(), new Keeping()];
  const tapped = hub.tap("web", 1, slow);
  hub.tap("web", 1, quick);
  slow.full = true;
  kernel.push(web.stdout, "held\n");
  await kernel.settle();
  assert.equal(kernel.unread(web.stdout), 5);
  slow.full = false;
  tapped?.resume();
  await kernel.settle();
  assert.deepEqual([slow.text, quick.text], ["held\n", "held\n"]);
  slow.full = true;
  kernel.push(web.stdout, "left\n");
  await kernel.settle();
  tapped?.undo();
  await kernel.settle();
  assert.deepEqual([slow.text, quick.text], ["held\n", "held\nleft\n"]);
});

test("one service's flood does not starve another: each gets one read per turn", async () => {
  const { kernel, hub, service } = scene({ terminal: null });
  const flood = service("flood");
  const quiet = service("quiet");
  kernel.push(flood.stdout, Buffer.alloc(1_000_000, "x\n"));
  kernel.push(quiet.stdout, "heard\n");
  await kernel.turn();
  assert.equal(hub.tail(["quiet"], null).length, 1);
  assert.ok(kernel.unread(flood.stdout) > 700_000);
});

test("the tail of several services is in the order of arrival", async () => {
  const { kernel, hub, service } = scene();
  const [a, b] = [service("a"), service("b")];
  for (const [fd, text] of [
    [a.stdout, "1\n2\n"],
    [b.stdout, "3\n"],
    [a.stderr, "4\n"],
    [b.stdout, "5\n6\n"],
  ] as const) {
    kernel.push(fd, text);
    await kernel.settle();
  }
  assert.deepEqual(
    hub.tail(null, null).map((line) => line.text),
    ["1", "2", "3", "4", "5", "6"],
  );
  assert.deepEqual(
    hub.tail(["b", "a"], 2).map((line) => line.text),
    ["2", "4", "5", "6"],
  );
  assert.deepEqual(
    hub.tail(["a"], 1).map(({ stream, text, seq }) => [stream, text, seq]),
    [["stderr", "4", 3]],
  );
  assert.deepEqual(hub.tail(["unknown"], null), []);
  assert.deepEqual(hub.tail(null, 0), []);
});

test("bytes that are not UTF-8 come as base64 beside the text, others do not", async () => {
  const { kernel, hub, service } = scene();
  const web = service("web");
  kernel.push(web.stdout, Buffer.from([0x61, 0xff, 0x00, 0x62, 10, 0xc3, 0xa9, 10]));
  await kernel.settle();
  const [binary, text] = hub.tail(["web"], null);
  assert.equal(binary?.text, "a\ufffd\0b");
  assert.equal(binary?.bytes, Buffer.from([0x61, 0xff, 0x00, 0x62]).toString("base64"));
  assert.equal(text?.text, "é");
  assert.ok(text !== undefined && !("bytes" in text));
  assert.equal(text.time, "2026-01-02T03:04:05.123Z");
});

test("a watched line is told once its memory is free, so that the watcher may drain and close", async () => {
  const { kernel, hub, service } = scene();
  const web = service("web");
  const seen: string[] = [];
  const end = hub.watchLines("web", 1, /listening on (\d+)$/g, (text) => {
    seen.push(text);
    end();
    hub.closeRun("web", 1);
  });
  kernel.push(web.stdout, "starting\nlistening on 80\r\nlistening on 81\nrest");
  await kernel.settle();
  assert.deepEqual(seen, ["listening on 80"]);
  assert.deepEqual(
    hub.tail(["web"], null).map((line) => line.text),
    ["starting", "listening on 80\r", "listening on 81", "rest"],
  );
  assert.deepEqual(kernel.opened, new Set());
});

test("lines of another run are not watched", async () => {
  const { kernel, hub, service } = scene();
  const web = service("web");
  const seen: string[] = [];
  hub.watchLines("web", 2, /x/, (text) => seen.push(text));
  const second = kernel.pipe();
  hub.openRun("web", 2, { stdout: second, stderr: null });
  kernel.push(web.stdout, "x of run 1\n");
  kernel.push(second, "x of run 2\n");
  await kernel.settle();
  assert.deepEqual(seen, ["x of run 2"]);
});

test("a pipe that cannot be read is closed and said, the other goes on", async () => {
  const { kernel, hub, service, problems } = scene();
  const web = service("web");
  const read = kernel.read.bind(kernel);
  kernel.read = (fd, ...rest) => (fd === web.stdout ? -9 : read(fd, ...rest));
  kernel.push(web.stdout, "x");
  kernel.push(web.stderr, "fine\n");
  await kernel.settle();
  assert.deepEqual(problems, [
    {
      kind: "pipe",
      message: 'cannot read stdout of service "web": bad file descriptor (EBADF); it is closed',
    },
  ]);
  assert.equal(hub.tail(["web"], null)[0]?.text, "fine");
});

test("a forgotten service leaves no descriptor and no lines; closing the hub leaves nothing", async () => {
  const { kernel, hub, service, shown } = scene();
  const web = service("web");
  service("db");
  kernel.push(web.stdout, "bye");
  hub.forget("web");
  assert.deepEqual(hub.tail(null, null), []);
  hub.drain("web");
  assert.throws(() => hub.openRun("web", 2, { stdout: null, stderr: null }), /internal error/);
  hub.close();
  assert.deepEqual(kernel.opened, new Set());
  assert.equal(shown(), "web       | bye\n");
});
