import assert from "node:assert/strict";
import { test } from "node:test";
import { createScreenModel, type Resizing } from "@supervise/testkit";
import * as fc from "fast-check";

import { scene, type Scene } from "./hub-scene.js";
import { EAGAIN } from "./memory-kernel.js";

/** Everything down to the last row that is not blank. */
function shownBy(it: Scene): readonly string[] {
  const screen = createScreenModel(80, 24);
  screen.write(asTerminalDevice(it.shown()));
  return untilBlank(screen.scrollback());
}

const nothing: Buffer = Buffer.alloc(0);

/** ONLCR of termios(3). */
function asTerminalDevice(text: string): string {
  return text.replaceAll("\n", "\r\n");
}

function untilBlank(lines: readonly string[]): readonly string[] {
  return lines.slice(0, lines.findLastIndex((line) => line !== "") + 1);
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
  assert.deepEqual(shownBy(it), [...rows]);
});

for (const resizing of ["cuts", "wraps"] as const satisfies readonly Resizing[])
  test(`whatever sizes a terminal that ${resizing} its rows is given, every row is there once and one footer, the newest`, async () => {
    const step = fc.oneof(
      fc.record({ lines: fc.integer({ min: 1, max: 5 }), width: fc.integer({ min: 1, max: 100 }) }),
      fc.record({ footer: fc.integer({ min: 1, max: 4 }) }),
      // As low and narrow that a footer may still be on the screen once it is wrapped: no terminal takes rows of its history back.
      fc.record({
        columns: fc.integer({ min: 20, max: 60 }),
        rows: fc.integer({ min: 13, max: 30 }),
      }),
      // The size is another one before the supervisor knows.
      fc.constant({ notice: true } as const),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 40 }),
        fc.integer({ min: 9, max: 600 }),
        async (steps, most) => {
          const screen = createScreenModel(60, 20, resizing);
          let [columns, height] = [60, 20];
          let known = { columns, height };
          let room = Infinity;
          const it = scene({
            terminal: {
              tty: true,
              screenRows: () => known.height,
              writer: (bytes) => {
                // Not all at once: another size comes in the middle of it too, but not in the middle of a row.
                const end = room < bytes.length ? bytes.indexOf("\r", room) + 1 : 0;
                const taken = room > 0 ? bytes.subarray(0, end || bytes.length) : nothing;
                room -= taken.length;
                screen.write(asTerminalDevice(taken.toString()));
                return taken.length > 0 ? taken.length : EAGAIN;
              },
            },
          });
          const web = it.service("web");
          // The screen is full: what tmux wraps moves blank rows below it up too.
          it.kernel.push(web.stdout, "first\n".repeat(40));
          const rows = Array<string>(40).fill("web       | first");
          const footer = (count: number): readonly string[] =>
            Array.from({ length: count }, (_, at) => `${at}`.repeat(known.columns - 1));
          let count = 2;
          for (const one of steps) {
            room = most;
            if ("lines" in one) {
              // What a terminal that cuts has cut is not to be had from it again.
              const width = resizing === "cuts" ? 1 : one.width;
              const text = "x".repeat(width);
              for (let line = 0; line < one.lines; line += 1) {
                it.kernel.push(web.stdout, `${text}\n`);
                rows.push(`web       | ${text}`);
              }
            } else if ("columns" in one) {
              [columns, height] = [one.columns, one.rows];
              screen.resize(columns, height);
            } else {
              if ("notice" in one) known = { columns, height };
              else count = one.footer;
              it.hub.view?.setFooter(footer(count));
            }
            await it.kernel.turn();
          }
          room = Infinity;
          known = { columns, height };
          it.hub.view?.setFooter(footer(count));
          await it.kernel.settle();
          assert.deepEqual(untilBlank(screen.scrollback()), [...rows, ...footer(count)]);
          it.hub.view?.setFooter([]);
          await it.kernel.settle();
          assert.deepEqual(untilBlank(screen.scrollback()), rows);
          assert.deepEqual(screen.unknown, []);
        },
      ),
      { numRuns: 100 },
    );
  });

test("in GNU screen rows are deleted, which forgets that they were wrapped", async () => {
  const it = scene({ terminal: { tty: true, gnuScreen: true } });
  const web = it.service("web");
  it.hub.view?.setFooter(["table", "keys"]);
  await it.kernel.settle();
  it.kernel.push(web.stdout, "one\n");
  await it.kernel.settle();
  assert.deepEqual(shownBy(it), ["web       | one", "table", "keys"]);
  assert.ok(!it.shown().includes("\x1b[J"));
  assert.ok(it.shown().includes("\x1b[999M"));
});

test("of a footer that is higher than the screen the first lines are shown", async () => {
  const it = scene({ terminal: { tty: true, screenRows: () => 3 } });
  const web = it.service("web");
  for (const footer of [
    ["1", "2", "3", "4"],
    ["a", "b", "c", "d"],
  ]) {
    it.hub.view?.setFooter(footer);
    it.kernel.push(web.stdout, "row\n");
    await it.kernel.settle();
  }
  const row = "web       | row";
  assert.deepEqual(shownBy(it), [row, row, "a", "b"]);
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
        const below = footer === null ? [] : [`${footer} 1`, `${footer} 2`];
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
  assert.deepEqual(shownBy(it), ["supervise | own", "supervise | 2 lines were not shown here"]);
});

test("rows of one service alone are shown, and those of others go everywhere else", async () => {
  const it = scene({ terminal: { tty: true } });
  const [web, db] = [it.service("web"), it.service("db")];
  it.hub.view?.showOnly("db");
  it.kernel.push(web.stdout, "web\n");
  it.kernel.push(db.stdout, "db\n");
  await it.kernel.settle();
  assert.deepEqual(shownBy(it), ["db        | db"]);
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
  assert.deepEqual(shownBy(it).slice(-1), ["web       | two"], "nothing stands below");
});
