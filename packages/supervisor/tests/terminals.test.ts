import { deepEqual, equal } from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { InputWriter } from "#supervisor/terminals/input-writer.js";
import { OutputQueue } from "#supervisor/terminals/output-queue.js";
import { SharedSize } from "#supervisor/terminals/terminal-size.js";

const EAGAIN = -11;
const EIO = -5;

/** A descriptor that takes as many bytes as there is room for. */
function slowReader(): {
  readonly writer: InputWriter;
  readonly taken: () => string;
  readonly watched: () => boolean;
  room(bytes: number): void;
  broken: boolean;
} {
  let taken = "";
  let left = 0;
  let wake: (() => void) | null = null;
  const scene = {
    broken: false,
    taken: () => taken,
    watched: () => wake !== null,
    room: (bytes: number) => {
      left += bytes;
      wake?.();
    },
  };
  const kernel = {
    write: (_fd: number, bytes: Uint8Array, offset: number, length: number): number => {
      if (scene.broken) return EIO;
      const count = Math.min(left, length);
      if (count === 0) return EAGAIN;
      taken += Buffer.from(bytes.subarray(offset, offset + count)).toString();
      left -= count;
      return count;
    },
  };
  const writable = (_fd: number, onReady: () => void): (() => void) => {
    wake = onReady;
    return () => {
      wake = null;
    };
  };
  return Object.assign(scene, { writer: new InputWriter(kernel, { writable }, 5) });
}

const never = new AbortController().signal;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("what is typed goes in as fast as it is read, each piece whole", async () => {
  const scene = slowReader();
  const first = scene.writer.write(Buffer.from("first"), never);
  const second = scene.writer.write(Buffer.from("second"), never);
  await turn();
  equal(scene.watched(), true);
  scene.room(3);
  await turn();
  equal(scene.taken(), "fir");
  scene.room(4);
  await first;
  await turn();
  equal(scene.taken(), "firstse");
  scene.room(100);
  await second;
  equal(scene.taken(), "firstsecond");
  equal(scene.watched(), false);
});

test("whoever leaves is forgotten with what waits, and the next goes on", async () => {
  const scene = slowReader();
  const leaving = new AbortController();
  const left = scene.writer.write(Buffer.from("never read"), leaving.signal);
  const next = scene.writer.write(Buffer.from("read"), never);
  await turn();
  leaving.abort();
  await left;
  scene.room(100);
  await next;
  equal(scene.taken(), "read");
});

test("a writer whose reader is gone, or that is closed, holds nobody up", async () => {
  const scene = slowReader();
  scene.broken = true;
  await scene.writer.write(Buffer.from("x"), never);
  scene.broken = false;
  const waiting = scene.writer.write(Buffer.from("y"), never);
  await turn();
  scene.writer.close();
  await waiting;
  equal(scene.watched(), false);
});

test("a queue is full at 32 KiB, has room once it was taken, and ends behind its last byte", async () => {
  let over = 0;
  let room = 0;
  const queue = new OutputQueue(() => (over += 1));
  queue.onRoom(() => (room += 1));
  queue.take(Buffer.alloc(32 * 1024 - 1));
  equal(queue.full, false);
  queue.take(Buffer.from("x"));
  equal(queue.full, true);
  const reading = queue.read();
  const first = await reading.next();
  equal(first.value?.length, 32 * 1024);
  deepEqual([queue.full, room], [false, 1]);
  queue.take(Buffer.from("last"));
  queue.endOfRun = () => ({ kind: "ended", run: 1, status: null, text: "it ended" });
  queue.ended();
  await turn();
  equal(over, 1);
  equal(Buffer.from((await reading.next()).value ?? []).toString(), "last");
  equal((await reading.next()).done, true);
  equal(queue.end?.kind, "ended");
});

test("one who takes nothing for 10 s while the queue is full is let go", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let over = 0;
  const queue = new OutputQueue(() => (over += 1));
  queue.take(Buffer.alloc(32 * 1024));
  t.mock.timers.tick(9_999);
  equal(over, 0);
  t.mock.timers.tick(1);
  deepEqual([over, queue.end], [1, { kind: "slow" }]);
});

function sharedSize(t: TestContext) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const set: string[] = [];
  const resizePty = (fd: number, columns: number, rows: number): number => {
    set.push(`${fd}:${columns}x${rows}`);
    return 0;
  };
  return { set, size: new SharedSize({ resizePty }, 9) };
}

test("one who comes in the same size has the program draw anew, and the size back once that was noticed", (t) => {
  const { set, size } = sharedSize(t);
  size.attach(1, { columns: 80, rows: 24 });
  size.attach(2, { columns: 80, rows: 24 });
  deepEqual(set, ["9:80x24", "9:80x23"]);
  t.mock.timers.tick(50);
  deepEqual(set, ["9:80x24", "9:80x23", "9:80x24"]);
});

test("the last one who leaves before that leaves the size as it was", (t) => {
  const { set, size } = sharedSize(t);
  size.attach(1, { columns: 80, rows: 24 });
  size.leave(1);
  size.attach(2, { columns: 80, rows: 24 });
  size.leave(2);
  t.mock.timers.tick(1_000);
  deepEqual(set, ["9:80x24", "9:80x23", "9:80x24"]);
});

test("the size is that of the one who came or was resized last, and of the one before when that leaves", (t) => {
  const { set, size } = sharedSize(t);
  size.attach(1, { columns: 80, rows: 24 });
  size.attach(2, { columns: 100, rows: 30 });
  // The same again: the program is to draw anew, for which the size must change.
  size.attach(3, { columns: 100, rows: 30 });
  size.resize(1, { columns: 81, rows: 25 });
  size.leave(2);
  size.leave(1);
  size.leave(3);
  deepEqual(set, ["9:80x24", "9:100x30", "9:100x29", "9:81x25", "9:100x30"]);
});
