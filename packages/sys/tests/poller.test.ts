import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { errnoName, pollEvents } from "@supervise/sys";
import type { Poller } from "@supervise/sys";
import { kernel, ownDescriptors, pipe } from "./running.js";

const text = Buffer.from("text");
const { input, hangUp } = pollEvents;

/** A poller whose every turn is given to `onTurn` as pairs; the test ends with what it resolves. */
function polled<T>(
  onTurn: (
    pairs: [token: number, events: number][],
    poller: Poller,
    end: (value: T) => void,
  ) => void,
): {
  poller: Poller;
  done: Promise<T>;
} {
  let end!: (value: T) => void;
  const done = new Promise<T>((resolve) => (end = resolve));
  const poller = kernel.createPoller((ready, count) => {
    onTurn(
      Array.from({ length: count }, (_, index) => [
        ready[2 * index] as number,
        ready[2 * index + 1] as number,
      ]),
      poller,
      end,
    );
  });
  return { poller, done };
}

test("data, then the end, of many pipes: each with its own token, in as few turns as they fit in", async () => {
  const pipes = Array.from({ length: 600 }, () => pipe());
  const seen = new Map<number, number[]>();
  let turns = 0;
  const { poller, done } = polled<void>((pairs, own, end) => {
    turns++;
    for (const [token, events] of pairs) {
      seen.set(token, [...(seen.get(token) ?? []), events]);
      const { read, write } = pipes[token - 4_000_000_000] as { read: number; write: number };
      if ((events & input) !== 0) {
        kernel.read(read, new Uint8Array(8), 0, 8);
        kernel.close(write);
      } else {
        own.remove(read);
        kernel.close(read);
      }
    }
    if ([...seen.values()].filter((all) => all.length === 2).length === pipes.length) end();
  });
  for (const [index, { read, write }] of pipes.entries()) {
    assert.equal(poller.add(read, 4_000_000_000 + index, input), 0);
    kernel.write(write, text, 0, text.length);
  }
  await done;
  for (const events of seen.values()) assert.deepEqual(events, [input, hangUp]);
  assert.ok(turns <= 10, `${turns} turns`);
  poller.close();
});

test("readiness is level-triggered, and modify changes token and events", async () => {
  const { read, write } = pipe();
  const turns: [number, number][] = [];
  const { poller, done } = polled<void>((pairs, own, end) => {
    turns.push(...pairs);
    if (turns.length === 2) assert.equal(own.modify(read, 6, input | pollEvents.priority), 0);
    if (turns.length < 3) return;
    assert.equal(own.modify(write, 7, pollEvents.output), 0);
    end();
  });
  kernel.write(write, text, 0, text.length);
  assert.equal(poller.add(write, 1, 0), 0);
  assert.equal(poller.add(read, 5, input), 0);
  await done;
  assert.deepEqual(turns, [
    [5, input],
    [5, input],
    [6, input],
  ]);
  poller.close();
  kernel.close(read);
  kernel.close(write);
});

test("a descriptor that is removed inside the callback has no events left in that turn", async () => {
  const pipes = [pipe(), pipe(), pipe()];
  const pairs = await new Promise<number[][]>((resolve) => {
    const second = kernel.createPoller((ready, count) => {
      for (const { read } of pipes) second.remove(read);
      resolve(
        Array.from({ length: count }, (_, index) => [...ready.subarray(2 * index, 2 * index + 2)]),
      );
    });
    for (const [index, { read, write }] of pipes.entries()) {
      kernel.write(write, text, 0, text.length);
      second.add(read, index, input);
    }
  });
  assert.deepEqual(
    pairs.sort(([a = 0], [b = 0]) => a - b),
    [
      [0, 0],
      [1, 0],
      [2, 0],
    ],
  );
  for (const { read, write } of pipes) {
    kernel.close(read);
    kernel.close(write);
  }
});

test("a poller that is closed inside its callback is not called again, and answers EBADF", async () => {
  const { read, write } = pipe();
  let calls = 0;
  const { poller, done } = polled<void>((_, own, end) => {
    calls++;
    own.close();
    own.close();
    end();
  });
  kernel.write(write, text, 0, text.length);
  poller.add(read, 1, input);
  await done;
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(calls, 1);
  for (const result of [
    poller.add(read, 1, input),
    poller.modify(read, 1, input),
    poller.remove(read),
  ]) {
    assert.equal(errnoName(result), "EBADF");
  }
  kernel.close(read);
  kernel.close(write);
});

test("wrong descriptors and tokens are refused by their errno", () => {
  const { read, write } = pipe();
  const poller = kernel.createPoller(() => {});
  assert.equal(errnoName(poller.add(9999, 1, input)), "EBADF");
  assert.equal(errnoName(poller.modify(read, 1, input)), "ENOENT");
  assert.equal(errnoName(poller.remove(read)), "ENOENT");
  assert.equal(errnoName(poller.add(read, -1, input)), "EINVAL");
  assert.equal(errnoName(poller.add(read, 2 ** 32, input)), "EINVAL");
  assert.equal(poller.add(read, 1, input), 0);
  assert.equal(errnoName(poller.add(read, 2, input)), "EEXIST");
  poller.close();
  kernel.close(read);
  kernel.close(write);
});

test("a closed poller leaves no descriptor", () => {
  const before = ownDescriptors();
  for (let count = 0; count < 100; count++) kernel.createPoller(() => {}).close();
  assert.deepEqual(ownDescriptors(), before);
});

/** A program of its own, since it is about the end of a process. */
function fixture(name: string): { status: number | null; output: string } {
  const path = fileURLToPath(new URL(`fixtures/${name}.js`, import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [path], {
    encoding: "utf8",
    timeout: 60_000,
  });
  return { status, output: stdout + stderr };
}

test("a poller that watches nothing, or nothing any more, lets the process end", () => {
  assert.deepEqual(fixture("poller-idle"), { status: 0, output: "idle\n" });
});

test("what a callback throws is an uncaught exception, and the poller goes on where that is handled", () => {
  const { status, output } = fixture("poller-throws");
  assert.equal(status, 3, output);
  assert.match(output, /^handled first\nhandled second\n[^]*Error: third/);
});

test("ticks and promises of a callback run before the next turn", () => {
  assert.deepEqual(fixture("poller-ticks"), {
    status: 0,
    output: "call tick promise call tick promise\n",
  });
});

test("a process may exit inside a callback", () => {
  assert.deepEqual(fixture("poller-exits"), { status: 9, output: "" });
});

test("a worker ends with its pollers open, and in the middle of a callback", async () => {
  for (const name of ["worker-polls", "worker-stops"]) {
    const before = ownDescriptors().length;
    const worker = new Worker(new URL(`fixtures/${name}.js`, import.meta.url));
    await once(worker, "message");
    await worker.terminate();
    assert.ok(
      ownDescriptors().length <= before + 2,
      "its epoll descriptors are closed, its pipe is its own affair",
    );
  }
});
