import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { suggest, validateNames } from "@supervise/config";

const words = ["restart", "restart_delay", "ready", "command", "user"];

for (const [word, expected] of [
  ["comand", "command"],
  ["commnad", "command"],
  ["RESTART", "restart"],
  ["restrat", "restart"],
  ["restart_dely", "restart_delay"],
  ["usr", "user"],
  ["us", null],
  ["volumes", null],
  ["", null],
] as const) {
  test(`"${word}" was meant to be ${expected}`, () => assert.equal(suggest(word, words), expected));
}

test("one slip in a word of six letters or more still finds it, whichever slip it is", () => {
  const slip = fc.record({
    word: fc.constantFrom("restart", "command", "working_dir"),
    at: fc.nat(6),
    kind: fc.constantFrom("drop", "double", "swap", "other"),
  });
  fc.assert(
    fc.property(slip, ({ word, at, kind }) => {
      const [head, char, next] = [word.slice(0, at), word.charAt(at), word.charAt(at + 1)];
      const slipped = {
        drop: head + word.slice(at + 1),
        double: head + char + word.slice(at),
        swap: head + next + char + word.slice(at + 2),
        other: `${head}x${word.slice(at + 1)}`,
      }[kind];
      assert.equal(suggest(slipped, ["working_dir", "restart", "command"]), word);
    }),
  );
});

test("names that no service has are named, with the nearest that exists", () => {
  const services = [
    { name: "web-1", service: "web" },
    { name: "web-2", service: "web" },
    { name: "cache", service: "cache" },
  ];
  assert.deepEqual(validateNames(["web", "web-2", "cache"], services), []);
  assert.deepEqual(validateNames(["cahce", "zzzzz"], services), [
    { name: "cahce", message: 'no service is named "cahce"', hint: 'did you mean "cache"?' },
    { name: "zzzzz", message: 'no service is named "zzzzz"', hint: null },
  ]);
});
