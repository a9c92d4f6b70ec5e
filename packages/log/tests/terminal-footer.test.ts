import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";

import { scene, type Scene } from "./hub-scene.js";
import { ScreenModel } from "./screen-model.js";

function shownBy(it: Scene, columns?: number): readonly string[] {
  const screen = new ScreenModel(columns);
  screen.write(it.shown());
  return screen.lines;
}

test("the footer stands below all rows, however they come", async () => {
  const it = scene({ terminal: { tty: true } });
  const web = it.service("web");
  it.hub.view?.setFooter(["table", "keys"]);
  await it.kernel.settle();
  assert.deepEqual(shownBy(it), ["table", "keys"]);
  it.kernel.push(web.stdout, "one\ntwo\n");
  await it.kernel.settle();
  it.hub.say("three", "info");
  await it.kernel.settle();
  const rows = ["web       | one", "web       | two", "supervise | three"];
  assert.deepEqual(shownBy(it), [...rows, "table", "keys"]);
  it.hub.view?.setFooter([]);
  await it.kernel.settle();
  assert.deepEqual(shownBy(it), [...rows, ""]);
});

test("a footer that the narrower terminal has wrapped is taken away whole", async () => {
  let columns = 80;
  const it = scene({ terminal: { tty: true, columns: () => columns } });
  it.hub.view?.setFooter(["x".repeat(30), "keys"]);
  await it.kernel.settle();
  columns = 20;
  it.hub.view?.setFooter(["narrow"]);
  await it.kernel.settle();
  assert.match(it.shown(), /\x1b\[2A\x1b\[J/, "two lines are three rows by now");
});

test("whatever the terminal takes at a time, every row is there once and the newest footer last", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.oneof(
          fc.integer({ min: 0, max: 3 }).map((count) => ({ lines: count })),
          fc
            .string({ minLength: 1, maxLength: 9, unit: fc.constantFrom("a", "b") })
            .map((text) => ({
              footer: text,
            })),
        ),
        { maxLength: 20 },
      ),
      fc.integer({ min: 1, max: 40 }),
      async (steps, most) => {
        const it = scene({
          terminal: { tty: true, writer: (bytes) => Math.min(bytes.length, most) },
        });
        const web = it.service("web");
        const rows: string[] = [];
        let footer: string | null = null;
        for (const step of steps) {
          if ("footer" in step) {
            footer = step.footer;
            it.hub.view?.setFooter([`${footer} 1`, `${footer} 2`]);
          } else {
            for (let line = 0; line < step.lines; line += 1) {
              it.kernel.push(web.stdout, `${rows.length}\n`);
              rows.push(`web       | ${rows.length}`);
            }
          }
          await it.kernel.turn();
        }
        await it.kernel.settle();
        const below = footer === null ? [""] : [`${footer} 1`, `${footer} 2`];
        assert.deepEqual(shownBy(it), [...rows, ...below]);
      },
    ),
    { numRuns: 200 },
  );
});

test("held rows wait and all come afterwards; a footer shows meanwhile", async () => {
  const it = scene({ terminal: { tty: true } });
  const web = it.service("web");
  it.hub.view?.hold(true);
  it.hub.view?.setFooter(["paused"]);
  it.kernel.push(web.stdout, "one\n");
  await it.kernel.settle();
  assert.deepEqual(shownBy(it), ["paused"]);
  it.hub.view?.hold(false);
  await it.kernel.settle();
  assert.deepEqual(shownBy(it), ["web       | one", "paused"]);
});

test("rows that are not shown are counted, and the supervisor's own wait", async () => {
  const it = scene({ terminal: { tty: true } });
  const web = it.service("web");
  it.hub.view?.hide(true);
  it.kernel.push(web.stdout, "one\ntwo\n");
  it.hub.say("own", "info");
  await it.kernel.settle();
  assert.equal(it.shown(), "");
  it.hub.view?.hide(false);
  await it.kernel.settle();
  assert.deepEqual(shownBy(it), ["supervise | own", "supervise | 2 lines were not shown here", ""]);
});

test("rows of one service alone are shown, and those of others go everywhere else", async () => {
  const it = scene({ terminal: { tty: true } });
  const [web, db] = [it.service("web"), it.service("db")];
  it.hub.view?.showOnly("db");
  it.kernel.push(web.stdout, "web\n");
  it.kernel.push(db.stdout, "db\n");
  await it.kernel.settle();
  assert.deepEqual(shownBy(it), ["db        | db", ""]);
  assert.deepEqual(
    it.hub.tail(["web"], 1).map(({ text }) => text),
    ["web"],
  );
});

/** A timer that a test lets go off. */
function heldTimer(): {
  readonly after: (delayMs: number, call: () => void) => () => void;
  readonly waits: number[];
  goOff(): void;
} {
  let pending: (() => void) | null = null;
  const waits: number[] = [];
  return {
    waits,
    after(delayMs, call) {
      pending = call;
      waits.push(delayMs);
      return () => (pending = null);
    },
    goOff() {
      const call = pending;
      pending = null;
      call?.();
    },
  };
}

test("rows that come right after a redraw wait, and go out together with the next one", async () => {
  const timer = heldTimer();
  const it = scene({ terminal: { tty: true, after: timer.after } });
  const web = it.service("web");
  it.hub.view?.setFooter(["table"]);
  await it.kernel.settle();
  for (const line of ["one", "two", "three"]) {
    it.kernel.push(web.stdout, `${line}\n`);
    await it.kernel.settle();
  }
  assert.deepEqual(shownBy(it), ["table"]);
  timer.goOff();
  assert.deepEqual(shownBy(it), [
    "web       | one",
    "web       | two",
    "web       | three",
    "table",
  ]);
  assert.deepEqual(timer.waits, [33, 33], "after each redraw once");
  timer.goOff();
  it.kernel.push(web.stdout, "four\n");
  await it.kernel.settle();
  assert.equal(shownBy(it).at(-2), "web       | four", "after the rest a row is not held up");
});

test("many rows, the end of the table and a flush wait for no redraw", async () => {
  const timer = heldTimer();
  const it = scene({ terminal: { tty: true, after: timer.after } });
  const web = it.service("web");
  it.hub.view?.setFooter(["table"]);
  await it.kernel.settle();
  it.kernel.push(web.stdout, "one\n");
  await it.kernel.settle();
  await it.hub.flush();
  assert.equal(shownBy(it).at(-2), "web       | one", "a flush");
  it.kernel.push(web.stdout, `${"x".repeat(60)}\n`.repeat(6000));
  await it.kernel.settle();
  assert.ok(shownBy(it).length > 3000, "more than 256 KiB");
  timer.goOff();
  assert.equal(shownBy(it).length, 6002, "the rest of them");
  it.hub.view?.setFooter([]);
  it.kernel.push(web.stdout, "two\n");
  await it.kernel.settle();
  assert.deepEqual(shownBy(it).slice(-2), ["web       | two", ""], "nothing stands below");
});
