import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "@supervise/control";
import { until } from "@supervise/testkit";
import { fakeTarget } from "./fake-target.js";
import { ask, connectRaw, serve } from "./serving.js";

const timers = (): number =>
  process.getActiveResourcesInfo().filter((kind) => kind === "Timeout" || kind === "Immediate")
    .length;

/** Those that are there for good: what an earlier test has left to be done next is done. */
async function standing(): Promise<number> {
  for (let turns = 0; turns < 3; turns += 1)
    await new Promise<void>((resolve) => void setImmediate(resolve));
  return timers();
}

test("a server that nobody asks has no timer, before its first client and after", async (t) => {
  const before = await standing();
  const { path } = await serve(t, fakeTarget());
  equal(timers(), before);
  const client = createClient({ socketPath: path });
  await client.project();
  for await (const line of client.logs({ names: [], lines: null, follow: true })) {
    equal(line.seq, 4);
  }
  equal((await ask(path, "GET /nowhere")).status, 404);
  const raw = await connectRaw(t, path);
  raw.socket.write("garbage\r\n\r\n");
  await raw.closed;
  // What `until` itself arms is not there while it looks.
  await until(timers, { is: (now) => now === before, what: "no timer" });
});

test("a stream that waits for its next item has no timer", async (t) => {
  const before = await standing();
  const { path } = await serve(
    t,
    fakeTarget({
      async *events(_query, signal) {
        yield { seq: 1 } as never;
        await new Promise<void>((resolve) => {
          signal.addEventListener("abort", () => resolve());
        });
      },
    }),
  );
  const raw = await connectRaw(t, path);
  raw.socket.write("GET /v1/events?follow HTTP/1.1\r\nhost: x\r\n\r\n");
  await until(() => raw.heard().includes('"seq":1'), { what: "the first item" });
  equal(timers(), before);
});

test("requests leave no listener behind on a connection that is kept", async (t) => {
  const warned: string[] = [];
  const onWarning = (warning: Error): void => void warned.push(warning.message);
  process.on("warning", onWarning);
  t.after(() => process.off("warning", onWarning));
  const { path } = await serve(t, fakeTarget());
  const raw = await connectRaw(t, path);
  const count = 50;
  for (let answers = 1; answers <= count; answers += 1) {
    raw.socket.write(`GET /v1/logs?name=${answers % 2 ? "web" : "x"} HTTP/1.1\r\nhost: x\r\n\r\n`);
    await until(() => raw.heard().split("HTTP/1.1 ").length > answers, { what: "an answer" });
  }
  deepEqual(warned, []);
});
