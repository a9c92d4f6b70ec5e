import { deepEqual, equal } from "node:assert/strict";
import { mock, test } from "node:test";
import { createDeadlines } from "#supervisor/deadlines.js";

function scene(): {
  set(key: string, atMs: number | null): void;
  pass(ms: number): void;
  due: string[];
  armed(): number;
} {
  let nowMs = 0;
  const due: string[] = [];
  const deadlines = createDeadlines(
    () => nowMs,
    (key) => due.push(`${key} at ${nowMs}`),
  );
  return {
    set: deadlines.set,
    due,
    armed: () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length,
    pass: (ms) => {
      for (let passed = 0; passed < ms; passed += 1) {
        nowMs += 1;
        mock.timers.tick(1);
      }
    },
  };
}

test("each deadline comes once, at its time, whatever the order they were set in", (t) => {
  mock.timers.enable({ apis: ["setTimeout"] });
  t.after(() => mock.timers.reset());
  const it = scene();
  it.set("late", 30);
  it.set("soon", 10);
  it.set("same", 30);
  it.pass(100);
  deepEqual(it.due, ["soon at 10", "late at 30", "same at 30"]);
});

test("a deadline that is replaced comes at its new time only, one that is removed never", (t) => {
  mock.timers.enable({ apis: ["setTimeout"] });
  t.after(() => mock.timers.reset());
  const it = scene();
  it.set("moved", 10);
  it.set("moved", 40);
  it.set("gone", 20);
  it.set("gone", null);
  it.pass(100);
  deepEqual(it.due, ["moved at 40"]);
});

test("without a deadline no timer is armed", () => {
  const it = scene();
  const before = it.armed();
  it.set("one", 60_000);
  equal(it.armed(), before + 1);
  it.set("two", 60_000);
  equal(it.armed(), before + 1);
  it.set("one", null);
  it.set("two", null);
  equal(it.armed(), before);
});
