import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { createScreenModel } from "@supervise/testkit";

const CASES: readonly (readonly [what: string, bytes: string, lines: readonly string[]])[] = [
  ["text, newline and return", "ab\r\ncd", ["ab", "cd", ""]],
  ["a long row goes on in the next one", "abcdefghijk", ["abcdefghij", "k", ""]],
  ["the last column holds back the next row", "abcdefghij\rX", ["Xbcdefghij", "", ""]],
  ["the last row scrolls", "a\r\nb\r\nc\r\nd", ["b", "c", "d"]],
  ["cursor addresses", "\u001b[2;3Hx\u001b[1Gy\u001b[3dz", ["", "y x", " z"]],
  ["erasing", "abcdef\u001b[1;3H\u001b[K\u001b[2;1Hxyz\u001b[1;1H\u001b[1K", [" b", "xyz", ""]],
  [
    "a wide character takes two columns, and what writes over its half clears it",
    "日本\u001b[1;2Hx",
    [" x本", "", ""],
  ],
  [
    "a wide character that does not fit goes to the next row",
    "abcdefghi日",
    ["abcdefghi", "日", ""],
  ],
  ["combining marks stay with their letter", "e\u0301x", ["e\u0301x", "", ""]],
  ["insert and delete", "abcd\u001b[1;2H\u001b[2Px\u001b[1;1H\u001b[@", [" ax", "", ""]],
  ["a scroll region", "a\r\nb\r\nc\u001b[1;2r\u001b[2;1H\nx", ["b", "x", "c"]],
  ["the other screen leaves the first as it was", "a\u001b[?1049hb\u001b[?1049lc", ["ac", "", ""]],
];

for (const [what, bytes, lines] of CASES) {
  test(`${what}, whole and in pieces`, () => {
    const whole = createScreenModel(10, 3);
    whole.write(bytes);
    deepEqual([whole.lines(), whole.unknown], [lines, []]);
    const pieces = createScreenModel(10, 3);
    for (const character of bytes) pieces.write(character);
    deepEqual(pieces.lines(), lines);
  });
}

test("modes, colours, the clipboard and what is not known are told", () => {
  const screen = createScreenModel(10, 3);
  screen.write(
    "\u001b[?25l\u001b[?1000h\u001b[1;31mx\u001b[my\u001b]52;c;aGk=\u0007\u001b[5n\u001b(0",
  );
  deepEqual([...screen.modes].sort(), ["1000", "7"]);
  deepEqual([screen.styleAt(0, 0), screen.styleAt(1, 0)], ["1;31", ""]);
  deepEqual(screen.clipboard, ["hi"]);
  deepEqual(screen.unknown, ['"\\u001b[5n"', '"\\u001b(0"']);
});

test("at another size one terminal cuts its rows, and another one wraps them anew, with the cursor on its character", () => {
  const text = "aaaa\r\nbbbbbbbbbb\r\n\u001b[?7lcccccccccccc\r\u001b[?7h";
  const cuts = createScreenModel(10, 4, "cuts");
  const wraps = createScreenModel(10, 4, "wraps");
  for (const screen of [cuts, wraps]) {
    screen.write(text);
    screen.resize(6, 4);
    screen.write("X");
  }
  deepEqual(cuts.lines(), ["aaaa", "bbbbbb", "Xccccc", ""]);
  deepEqual(wraps.lines(), ["bbbb", "Xccccc", "cccc", ""]);
  deepEqual(wraps.scrollback(), ["aaaa", "bbbbbbbbbb", "Xccccccccc", ""]);
  wraps.resize(6, 2);
  deepEqual(wraps.lines(), ["bbbb", "Xccccc"]);
  wraps.resize(10, 4);
  // What was below the cursor is gone, and what was above the screen comes back.
  deepEqual(wraps.lines(), ["aaaa", "bbbbbbbbbb", "Xccccc", ""]);
});
