import assert from "node:assert/strict";
import { constants } from "node:os";
import { test } from "node:test";
import { parseSignal, signalNames } from "#config/signal-names.js";

test("every signal is known by its name, with and without SIG, in any case, and by its number", () => {
  for (const name of signalNames) {
    const number = constants.signals[name as NodeJS.Signals];
    assert.equal(parseSignal(name), name);
    assert.equal(parseSignal(name.slice(3).toLowerCase()), name);
    assert.equal(parseSignal(String(number)), name);
  }
});

test("every number from 1 to 64 has one name, except the two that the C library keeps", () => {
  const names = Array.from({ length: 64 }, (_, index) => parseSignal(String(index + 1)));
  assert.deepEqual(
    names.flatMap((name, index) => (name === null ? [index + 1] : [])),
    [32, 33],
  );
  assert.equal(new Set(names.filter((name) => name !== null)).size, 62);
});

for (const [text, expected] of [
  ["SIGRTMIN", "SIGRTMIN"],
  ["rtmin+3", "SIGRTMIN+3"],
  ["37", "SIGRTMIN+3"],
  ["SIGRTMAX", "SIGRTMIN+30"],
  ["SIGRTMAX-1", "SIGRTMIN+29"],
  ["SIGRTMIN+30", "SIGRTMIN+30"],
  ["SIGRTMAX-30", "SIGRTMIN"],
  ["SIGRTMIN+31", null],
  ["SIGRTMAX-31", null],
  ["SIGRTMIN-1", null],
  ["SIGRTMAX+1", null],
  ["SIGIOT", "SIGABRT"],
  ["cld", "SIGCHLD"],
  ["POLL", "SIGIO"],
  ["0", null],
  ["65", null],
  ["-9", null],
  ["SIGNOPE", null],
  ["", null],
] as const) {
  test(`the signal "${text}" is ${expected}`, () => assert.equal(parseSignal(text), expected));
}
