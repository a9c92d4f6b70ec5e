import { deepEqual, equal, throws } from "node:assert/strict";
import { test } from "node:test";
import { keysOfText } from "#supervise/verbs/attach-keys.js";
import { DetachKeys } from "#supervise/verbs/attach/detach-keys.js";
import { TerminalModes } from "#supervise/verbs/attach/terminal-modes.js";

test("keys are written as Docker has it", () => {
  deepEqual([...keysOfText("ctrl-p,ctrl-q")], [16, 17]);
  deepEqual(
    [...keysOfText("ctrl-@,CTRL-A,ctrl-[,ctrl-\\,ctrl-],ctrl-^,ctrl-_,a,Z,~")].slice(0, 7),
    [0, 1, 27, 28, 29, 30, 31],
  );
  equal(keysOfText("").length, 0);
  for (const wrong of ["ctrl-1", "ctrl-", "ab", "ctrl-a,", "é", " "])
    throws(() => keysOfText(wrong), /neither a character nor ctrl-/, wrong);
});

test("what may begin the keys is held back, and given back where it does not", () => {
  const keys = new DetachKeys(Buffer.from("aab"));
  deepEqual(keys.feed(Buffer.from("xa")), { passed: Buffer.from("x"), left: false });
  deepEqual(keys.feed(Buffer.from("aa")), { passed: Buffer.from("a"), left: false });
  deepEqual(keys.feed(Buffer.from("c")), { passed: Buffer.from("aac"), left: false });
  deepEqual(keys.feed(Buffer.from("aaabrest")), { passed: Buffer.from("a"), left: true });
});

/** Numbers below `limit`, the same ones in every run. */
function numbers(): (limit: number) => number {
  let state = 1;
  return (limit) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % limit;
  };
}

test("whatever is typed in whatever pieces, all before the first keys is passed, and only that", () => {
  const next = numbers();
  const letters = (alphabet: string, count: number): string =>
    Array.from({ length: count }, () => alphabet.charAt(next(alphabet.length))).join("");
  for (let round = 0; round < 20_000; round += 1) {
    const wanted = letters("ab", 1 + next(4));
    const pieces = Array.from({ length: next(6) }, () => letters("abc", next(12)));
    const all = pieces.join("");
    const at = all.indexOf(wanted);
    const detach = new DetachKeys(Buffer.from(wanted));
    let passed = "";
    let left = false;
    for (const piece of pieces) {
      const fed = detach.feed(Buffer.from(piece));
      passed += fed.passed.toString();
      left = fed.left;
      if (left) break;
    }
    const told = `${wanted} in ${pieces.join("|")}`;
    equal(left, at >= 0, told);
    if (left) equal(passed, all.slice(0, at), told);
    // The rest is held, as it may be their beginning.
    else equal(all.startsWith(passed) && wanted.startsWith(all.slice(passed.length)), true, told);
  }
});

function undoOf(...pieces: readonly string[]): string {
  const modes = new TerminalModes();
  for (const piece of pieces) modes.feed(Buffer.from(piece));
  return modes.undo();
}

test("a terminal that was only written to has nothing to be undone", () => {
  equal(undoOf("plain é \x1b[31mred\x1b[0m \x1b[2J\x1b[H\x1b]0;title\x07\x1b[6n"), "");
  equal(undoOf("\x1b[?25l", "\x1b[?25h", "\x1b[?1049h\x1b[?1049l"), "");
});

test("what is set stays known, in whatever pieces it came, until it is taken back", () => {
  equal(undoOf("\x1b[?10", "49h"), "\x1b[?1049l");
  equal(undoOf("\x1b", "[?25", "l"), "\x1b[?25h");
  equal(undoOf("\x1b[?1000;1006h\x1b[?1000l"), "\x1b[?1006l");
  equal(undoOf("\x1b[1;31mx"), "\x1b[m");
  equal(undoOf("\x1b[3;9r"), "\x1b7\x1b[r\x1b8");
  equal(undoOf("\x1b=\x1b(0"), "\x1b>\x1b(B");
  equal(undoOf("\x1b[?1049h\x1b[?2004h\x1bc"), "");
  equal(undoOf("\x1b[?2004h\x1b[!p"), "");
});

test("no bytes make it fail or keep it from hearing what follows", () => {
  const next = numbers();
  for (let round = 0; round < 5_000; round += 1) {
    const modes = new TerminalModes();
    // Mostly those that sequences are made of.
    modes.feed(
      Buffer.from(
        Array.from({ length: next(64) }, () => (next(3) > 0 ? 27 + next(64) : next(256))),
      ),
    );
    modes.undo();
    modes.feed(Buffer.from("\x1b[?25l"));
    equal(modes.undo(), "\x1b[?25h");
  }
});
