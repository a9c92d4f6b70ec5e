import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { createFakeClock } from "@supervise/testkit";
import { createSyslog, LOG_INFO, parseSyslog } from "@supervise/daemon";
import { kernel as real } from "./fake-syslogd.js";

const again = -11;
const refused = -111;
const tooLong = -90;

/** A kernel whose syslogd takes, is full or is away, as `mood` says, and a clock that moves when told. */
function world(holdBytes: number) {
  const clock = createFakeClock();
  const received: string[] = [];
  let mood: "takes" | "full" | "away" | "refuses" = "takes";
  let ready: (() => void) | null = null;
  const log = createSyslog({
    ident: "a",
    target: { path: "/dev/log" },
    holdMs: 1000,
    holdBytes,
    clock: { nowMs: clock.nowMs, after: (delayMs, call) => clock.after(delayMs, call) },
    kernel: {
      ...real,
      connectSocket: () => (mood === "away" ? refused : 1000),
      close: () => 0,
      send(_fd, data) {
        if (mood === "away") return refused;
        if (mood === "full") return again;
        if (mood === "refuses") return tooLong;
        received.push(parseSyslog(data).text);
        return data.length;
      },
      createPoller: (callback) => ({
        add: () => ((ready = () => callback(new Uint32Array(2), 1)), 0),
        modify: () => 0,
        remove: () => ((ready = null), 0),
        close: () => undefined,
      }),
    },
  });
  return {
    log,
    clock,
    received,
    setMood(next: typeof mood) {
      mood = next;
      if (next !== "full") ready?.();
    },
  };
}

const step = fc.oneof(
  { weight: 4, arbitrary: fc.constant("message") },
  fc.constantFrom("takes", "full", "away", "refuses"),
  fc.constantFrom(10, 300, 1200),
);

test("each message is delivered once and in order, or counted as lost and told", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { log, clock, received, setMood } = world(200);
      let count = 0;
      for (const each of steps) {
        if (each === "message") log.log(LOG_INFO, `m${count++}`);
        else if (typeof each === "number") clock.advance(each);
        else setMood(each);
      }
      setMood("takes");
      log.log(LOG_INFO, `m${count++}`);
      clock.advance(5000);
      const { sent, lost, waiting } = log.counts();
      deepEqual([sent + lost, waiting, clock.armed.length], [count, 0, 0]);
      const numbers = received
        .filter((text) => text.startsWith("m"))
        .map((text) => Number(text.slice(1)));
      equal(numbers.length, sent);
      deepEqual(
        numbers,
        [...new Set(numbers)].toSorted((a, b) => a - b),
      );
      const told = received
        .map((text) => Number(/^cannot deliver (\d+)/.exec(text)?.[1] ?? 0))
        .reduce((sum, each) => sum + each, 0);
      equal(told, lost);
    }),
    { numRuns: 1000 },
  );
});

test("nobody is tried more often than needed: the waits double up to a second", () => {
  const { log, clock, setMood } = world(1e6);
  setMood("away");
  log.log(LOG_INFO, "x");
  const times: number[] = [];
  while (clock.armed.length > 0) {
    times.push(clock.armed[0] as number);
    clock.advanceToNext();
  }
  deepEqual(times, [50, 150, 350, 750, 1000]);
  equal(log.counts().lost, 1);
});

test("a flush is over with the last message or with its time, and leaves no timer behind", async () => {
  const { log, clock, setMood } = world(1e6);
  equal(await log.flush(), true);
  setMood("full");
  log.log(LOG_INFO, "x");
  const late = log.flush(100);
  clock.advance(100);
  equal(await late, false);
  const early = log.flush(100);
  setMood("takes");
  equal(await early, true);
  deepEqual(clock.armed, []);
});
