import { deepEqual, doesNotMatch, equal, match, ok } from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import type { LogLine } from "@supervise/model";
import { until } from "@supervise/testkit";
import { fakeTarget, logLine, UnknownService } from "./fake-target.js";
import { ask, connectRaw, errorOf, serve } from "./serving.js";

const FOLLOW = "GET /v1/logs?follow HTTP/1.1\r\nhost: x\r\n\r\n";

/** Settles when the signal is aborted. */
function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve());
  });
}

/** Has no item, and throws what is made, at once or later. */
async function* throwing(make: () => Error | Promise<Error>): AsyncGenerator<LogLine> {
  const error = make();
  if (error instanceof Error) throw error;
  yield* [];
  throw await error;
}

/** Has no item until the signal is aborted. */
async function* silent(signal: AbortSignal): AsyncGenerator<LogLine> {
  await aborted(signal);
  yield* [];
}

test("an error in place of the first item is an answer of its own, however it comes about", async (t) => {
  const error = new UnknownService('cannot find service "x"');
  const turns: readonly (() => Promise<unknown>)[] = [
    () => Promise.resolve(),
    () => new Promise((resolve) => setImmediate(() => setImmediate(() => setImmediate(resolve)))),
    () => readFile("/proc/self/stat"),
  ];
  const failures: readonly (() => AsyncIterable<LogLine>)[] = [
    () => {
      throw error;
    },
    () => throwing(() => error),
    ...turns.map((turn) => () => throwing(() => turn().then(() => error))),
  ];
  for (const logs of failures) {
    // However long the other thread takes that reads the file.
    const { path } = await serve(t, fakeTarget({ logs }), { limits: { firstItemMs: 60_000 } });
    const reply = await ask(path, "GET /v1/logs?follow");
    equal(errorOf(reply), "404 unknown-service");
  }
});

test("a follower hears that it is heard before the first item is there", async (t) => {
  const { path } = await serve(t, fakeTarget({ logs: (_query, signal) => silent(signal) }));
  const raw = await connectRaw(t, path);
  raw.socket.write(FOLLOW);
  await until(() => raw.heard().includes("\r\n\r\n"), { what: "the head" });
  match(raw.heard(), /^HTTP\/1\.1 200 OK\r\ncontent-type: application\/x-ndjson\r\n/i);
});

test("an error in the middle of a stream is its last line, and is told", async (t) => {
  const { path, warnings } = await serve(
    t,
    fakeTarget({
      async *logs() {
        yield logLine(1, "one");
        throw new Error("boom");
      },
    }),
  );
  const { status, text } = await ask(path, "GET /v1/logs");
  equal(status, 200);
  const [first = "", last = ""] = text.trimEnd().split("\n");
  equal(JSON.parse(first).text, "one");
  deepEqual(JSON.parse(last), {
    error: { code: "internal", message: "internal error: boom", hint: null },
  });
  deepEqual(warnings, ['Cannot answer GET "/v1/logs": internal error: boom']);
});

test("an item that is no JSON ends the stream as an error, and the iterator returns", async (t) => {
  let returned = false;
  const { path, warnings } = await serve(
    t,
    fakeTarget({
      async *logs() {
        try {
          yield 1n as never;
          yield logLine(2, "never");
        } finally {
          returned = true;
        }
      },
    }),
  );
  match((await ask(path, "GET /v1/logs")).text, /"code":"internal"/);
  equal(returned, true);
  equal(warnings.length, 1);
});

for (const [how, leave] of [
  ["closes", "destroy"],
  ["says that it has nothing more to say", "end"],
] as const) {
  test(`a client that ${how} ends its stream, while nothing comes`, async (t) => {
    const seen: string[] = [];
    const { path } = await serve(
      t,
      fakeTarget({
        async *logs(_query, signal) {
          try {
            yield logLine(1, "one");
            await aborted(signal);
            seen.push("aborted");
          } finally {
            seen.push("returned");
          }
        },
      }),
    );
    const raw = await connectRaw(t, path);
    raw.socket.write(FOLLOW);
    await until(() => raw.heard().includes("one"), { what: "the first item" });
    raw.socket[leave]();
    await until(() => seen.includes("returned"), { what: "the iterator's end" });
    deepEqual(seen, ["aborted", "returned"]);
  });
}

test("an iterator is told to return while its next item is awaited", async (t) => {
  let returned = 0;
  let end: ((result: IteratorResult<never>) => void) | undefined;
  const logs = (): AsyncIterableIterator<never> => ({
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () => new Promise((resolve) => (end = resolve)),
    return: () => {
      returned += 1;
      const result = { done: true, value: undefined } as const;
      end?.(result);
      return Promise.resolve(result);
    },
  });
  const { path } = await serve(t, fakeTarget({ logs }));
  const raw = await connectRaw(t, path);
  raw.socket.write(FOLLOW);
  await until(() => raw.heard().includes("200 OK"), { what: "the head" });
  raw.socket.destroy();
  await until(() => returned, { what: "the return" });
  await ask(path, "GET /v1/project");
  equal(returned, 1);
});

test("what an iterator throws because its client is gone is told to nobody", async (t) => {
  let thrown = false;
  const { path, warnings } = await serve(
    t,
    fakeTarget({
      async *logs(_query, signal) {
        yield logLine(1, "one");
        await aborted(signal);
        thrown = true;
        throw new Error("aborted");
      },
    }),
  );
  const raw = await connectRaw(t, path);
  raw.socket.write(FOLLOW);
  await until(() => raw.heard().includes("one"), { what: "the first item" });
  raw.socket.destroy();
  await until(() => thrown, { what: "the iterator's end" });
  equal((await ask(path, "GET /v1/project")).status, 200);
  deepEqual(warnings, []);
});

test("a reader that stops holds no more than a socket's worth, and is cut", async (t) => {
  let taken = 0;
  let returned = false;
  const { path } = await serve(
    t,
    fakeTarget({
      async *logs() {
        try {
          for (let seq = 1; ; seq += 1) {
            taken = seq;
            yield logLine(seq, "x".repeat(1_000));
          }
        } finally {
          returned = true;
        }
      },
    }),
    { limits: { stalledMs: 100 } },
  );
  const raw = await connectRaw(t, path);
  raw.socket.pause();
  raw.socket.write(FOLLOW);
  await until(() => returned, { what: "the cut" });
  ok(taken > 1 && taken < 5_000, `${taken} items of 1 KB were taken`);
  equal((await ask(path, "GET /v1/project")).status, 200);
});

test("a reader that is slow gets every item", async (t) => {
  const count = 3_000;
  const { path } = await serve(
    t,
    fakeTarget({
      async *logs() {
        for (let seq = 1; seq <= count; seq += 1) yield logLine(seq, "x".repeat(500));
      },
    }),
  );
  const raw = await connectRaw(t, path);
  raw.socket.on("data", () => {
    raw.socket.pause();
    setImmediate(() => raw.socket.resume());
  });
  raw.socket.write(FOLLOW.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n"));
  await raw.closed;
  const seqs = [...raw.heard().matchAll(/"seq":(\d+)/g)].map((found) => Number(found[1]));
  deepEqual(
    seqs,
    Array.from({ length: count }, (_, index) => index + 1),
  );
});

test("a stream that is under way when the server closes sends its last items", async (t) => {
  let end: (() => void) | undefined;
  const { path, server } = await serve(
    t,
    fakeTarget({
      async *shutDown() {
        yield { type: "progress", name: "web", state: "stopping", message: "stopping" };
        await new Promise<void>((resolve) => (end = resolve));
        yield { type: "end", ok: true };
      },
    }),
  );
  const raw = await connectRaw(t, path);
  raw.socket.write("POST /v1/shutdown HTTP/1.1\r\nhost: x\r\n\r\n");
  await until(() => raw.heard().includes("progress"), { what: "the first item" });
  const closed = server.close();
  end?.();
  await closed;
  await raw.closed;
  match(raw.heard(), /\{"type":"end","ok":true\}\n\r\n0\r\n\r\n$/);
});

test("a stream that does not end by itself ends properly when the server closes", async (t) => {
  const { path, server } = await serve(
    t,
    fakeTarget({
      async *logs(_query, signal) {
        yield logLine(1, "one");
        await aborted(signal);
      },
    }),
  );
  const raw = await connectRaw(t, path);
  const idle = await connectRaw(t, path);
  raw.socket.write(FOLLOW);
  await until(() => raw.heard().includes("one"), { what: "the first item" });
  await server.close();
  await Promise.all([raw.closed, idle.closed]);
  match(raw.heard(), /\r\n0\r\n\r\n$/);
  doesNotMatch(raw.heard(), /error/);
});

test("a stream that heeds no signal is cut when the server closes", async (t) => {
  let end: (() => void) | undefined;
  const { path, server } = await serve(
    t,
    fakeTarget({
      async *logs() {
        yield logLine(1, "one");
        await new Promise<void>((resolve) => (end = resolve));
      },
    }),
  );
  const raw = await connectRaw(t, path);
  raw.socket.write(FOLLOW);
  await until(() => raw.heard().includes("one"), { what: "the first item" });
  await server.close();
  await raw.closed;
  end?.();
});
