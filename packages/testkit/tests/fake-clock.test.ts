import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { createFakeClock } from "@supervise/testkit";

test("timers run in the order of their times, each at its own time", () => {
  const clock = createFakeClock(1000);
  const ran: [string, number][] = [];
  const note = (name: string) => (): void => void ran.push([name, clock.nowMs()]);
  clock.after(20, note("second"));
  clock.after(10, note("first"));
  clock.after(20, note("third"));
  clock.after(21, note("never"));
  clock.advance(20);
  deepEqual(ran, [
    ["first", 1010],
    ["second", 1020],
    ["third", 1020],
  ]);
  deepEqual(clock.armed, [1021]);
});

test("a timer set by a timer runs in the same advance if it falls due", () => {
  const clock = createFakeClock();
  let ran = 0;
  clock.after(5, () => void clock.after(5, () => void ran++));
  clock.advance(9);
  equal(ran, 0);
  clock.advance(1);
  equal(ran, 1);
});

test("a disarmed timer does not run", () => {
  const clock = createFakeClock();
  const disarm = clock.after(5, () => {
    throw new Error("ran");
  });
  disarm();
  equal(clock.advanceToNext(), false);
});
