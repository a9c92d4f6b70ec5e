import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { createInputDecoder } from "#dashboard/terminal/input.js";
import type { Input } from "#dashboard/terminal/input.js";

const keys = (...names: readonly string[]): readonly Input[] =>
  names.map((key) => ({ type: "key", key }));

const CASES: readonly (readonly [what: string, bytes: string, inputs: readonly Input[]])[] = [
  ["letters", "aZ?", keys("a", "Z", "?")],
  [
    "control keys",
    "\u0003\u0004\r\t\u007f \n",
    keys("C-c", "C-d", "enter", "tab", "backspace", "space", "enter"),
  ],
  ["arrows of both modes", "\u001b[A\u001bOB", keys("up", "down")],
  ["arrows with modifiers", "\u001b[1;2C\u001b[1;5D", keys("S-right", "C-left")],
  [
    "pages and ends",
    "\u001b[5~\u001b[6~\u001b[H\u001b[4~",
    keys("pageup", "pagedown", "home", "end"),
  ],
  [
    "function keys of xterm, rxvt and the console",
    "\u001bOP\u001b[20~\u001b[[A",
    keys("f1", "f9", "f1"),
  ],
  ["shifted tab and a key with Alt", "\u001b[Z\u001bx", keys("S-tab", "M-x")],
  ["wide characters", "日😀", keys("日", "😀")],
  [
    "a click",
    "\u001b[<0;5;3M\u001b[<0;5;3m",
    [{ type: "mouse", mouse: { kind: "press", x: 4, y: 2 } }],
  ],
  ["the wheel", "\u001b[<65;1;1M", [{ type: "mouse", mouse: { kind: "wheelDown", x: 0, y: 0 } }]],
  [
    "a paste",
    "\u001b[200~q\u001b[A\u001b[201~j",
    [{ type: "paste", text: "q\u001b[A" }, ...keys("j")],
  ],
  ["a sequence without a meaning", "\u001b[99zx", keys("x")],
  [
    "keys around a click",
    "a\u001b[<0;1;1Mb",
    [...keys("a"), { type: "mouse", mouse: { kind: "press", x: 0, y: 0 } }, ...keys("b")],
  ],
];

for (const [what, bytes, inputs] of CASES) {
  test(`${what}: the same, whole and one byte at a time`, () => {
    const whole = createInputDecoder();
    deepEqual([...whole.feed(bytes), ...whole.flush()], inputs);
    const pieces = createInputDecoder();
    const found = Array.from({ length: bytes.length }, (_, at) => bytes[at] ?? "")
      // Half of a surrogate pair is never handed over: the stream decodes UTF-8.
      .reduce<string[]>((all, unit) => {
        if (/[\udc00-\udfff]/.test(unit)) all.push((all.pop() ?? "") + unit);
        else all.push(unit);
        return all;
      }, [])
      .flatMap((piece) => pieces.feed(piece));
    deepEqual([...found, ...pieces.flush()], inputs);
  });
}

test("a lone ESC is the key once nothing more comes", () => {
  const decoder = createInputDecoder();
  deepEqual(decoder.feed("\u001b"), []);
  deepEqual(decoder.waits, true);
  deepEqual(decoder.flush(), keys("escape"));
  deepEqual(decoder.waits, false);
});
