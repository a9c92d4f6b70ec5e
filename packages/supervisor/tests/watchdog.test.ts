import assert from "node:assert/strict";
import { test } from "node:test";
import type { TestContext } from "node:test";
import type { LiveRun } from "#supervisor/live-run.js";
import { parseNotifyMessage } from "#supervisor/readiness/notify-message.js";
import type { Room } from "#supervisor/room.js";
import { createWatchdogs } from "#supervisor/watchdog.js";

function scene(t: TestContext, watchdogMs: number) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const posted: unknown[] = [];
  const room = { post: (event: unknown) => posted.push(event) } as unknown as Room;
  const live = { name: "web", run: 3, spec: { watchdogMs }, undo: [] } as unknown as LiveRun;
  const watchdogs = createWatchdogs(room);
  watchdogs.begin(live);
  const say = (text: string): void =>
    watchdogs.received(live, parseNotifyMessage(Buffer.from(text)));
  return { posted, live, say, pass: (ms: number): void => t.mock.timers.tick(ms) };
}
const expired = (timeoutMs: number) => [
  { type: "watchdogExpired", name: "web", run: 3, timeoutMs },
];

test("a service that says it lives is given the whole time again", (t) => {
  const { posted, say, pass } = scene(t, 100);
  pass(99);
  say("WATCHDOG=1");
  pass(99);
  assert.deepEqual(posted, []);
  pass(1);
  assert.deepEqual(posted, expired(100));
});

test("a trigger expires the watchdog at once, and once only", (t) => {
  const { posted, say, pass } = scene(t, 100);
  say("WATCHDOG=trigger");
  pass(1_000);
  assert.deepEqual(posted, expired(100));
});

test("a new watchdog time holds from its message on", (t) => {
  const { posted, say, pass } = scene(t, 100);
  say("WATCHDOG_USEC=500000");
  pass(499);
  assert.deepEqual(posted, []);
  pass(1);
  assert.deepEqual(posted, expired(500));
});

test("a run that is over has no watchdog any more", (t) => {
  const { posted, live, pass } = scene(t, 100);
  for (const undo of live.undo) undo();
  pass(1_000);
  assert.deepEqual(posted, []);
});
