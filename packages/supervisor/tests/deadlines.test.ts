import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { createDeadlines } from "#supervisor/deadlines.js";

/** A clock and timers that only the test moves. */
function world(): {
  readonly due: string[];
  readonly deadlines: ReturnType<typeof createDeadlines>;
  readonly advance: (ms: number) => void;
  readonly end: () => void;
} {
  mock.timers.enable({ apis: ["setTimeout"] });
  let nowMs = 0;
  const due: string[] = [];
  const deadlines = createDeadlines(
    () => nowMs,
    (key) => due.push(key),
  );
  return {
    due,
    deadlines,
    advance: (ms) => {
      nowMs += ms;
      mock.timers.tick(ms);
    },
    end: () => {
      deadlines.close();
      mock.timers.reset();
    },
  };
}

test("each deadline comes once, in the order of their times", (t) => {
  const { due, deadlines, advance, end } = world();
  t.after(end);
  deadlines.set("late", 30);
  deadlines.set("early", 10);
  advance(9);
  assert.deepEqual(due, []);
  advance(1);
  assert.deepEqual(due, ["early"]);
  advance(20);
  advance(100);
  assert.deepEqual(due, ["early", "late"]);
});

test("a new deadline replaces the old one of the same key", (t) => {
  const { due, deadlines, advance, end } = world();
  t.after(end);
  deadlines.set("a", 10);
  deadlines.set("a", 50);
  advance(49);
  assert.deepEqual(due, []);
  advance(1);
  assert.deepEqual(due, ["a"]);
});

test("a removed deadline does not come", (t) => {
  const { due, deadlines, advance, end } = world();
  t.after(end);
  deadlines.set("a", 10);
  deadlines.set("b", 20);
  deadlines.set("a", null);
  advance(20);
  assert.deepEqual(due, ["b"]);
});

test("a deadline that is set while another comes due is kept", (t) => {
  mock.timers.enable({ apis: ["setTimeout"] });
  t.after(() => mock.timers.reset());
  let nowMs = 0;
  const due: string[] = [];
  const deadlines = createDeadlines(
    () => nowMs,
    (key) => {
      due.push(key);
      if (key === "a") deadlines.set("a2", nowMs + 5);
    },
  );
  deadlines.set("a", 10);
  nowMs = 10;
  mock.timers.tick(10);
  nowMs = 15;
  mock.timers.tick(5);
  assert.deepEqual(due, ["a", "a2"]);
});

test("a time beyond what a timer can wait is waited for in parts", (t) => {
  const { due, deadlines, advance, end } = world();
  t.after(end);
  const month = 2_592_000_000;
  deadlines.set("a", month);
  advance(2_147_483_647);
  assert.deepEqual(due, []);
  advance(month - 2_147_483_647);
  assert.deepEqual(due, ["a"]);
});
