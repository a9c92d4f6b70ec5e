import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { splitWords } from "#config/words.js";

function words(text: string): readonly string[] | string {
  const result = splitWords(text);
  return result.ok ? result.words : `${result.offset}: ${result.message}`;
}

const cases: readonly (readonly [string, readonly string[] | string])[] = [
  ["", []],
  ["  \t\n ", []],
  ["node server.js", ["node", "server.js"]],
  ["a\tb\nc\rd", ["a", "b", "c", "d"]],
  ["'a b' c", ["a b", "c"]],
  [`"a b"'c d'e`, ["a bc de"]],
  ["''", [""]],
  ['"" x', ["", "x"]],
  ["a\\ b", ["a b"]],
  ["a\\\nb", ["ab"]],
  ["\\\n", []],
  ["'a\\b'", ["a\\b"]],
  ['"a\\b"', ["a\\b"]],
  ['"\\$HOME \\` \\" \\\\ x\\\ny"', ['$HOME ` " \\ xy']],
  ["$HOME *.js ~ #x", ["$HOME", "*.js", "~", "#x"]],
  ["a 'b", "2: the quote ' is not closed"],
  ['a "b\\"', '2: the quote " is not closed'],
  ["a\\", "1: a backslash stands at the end, with nothing to quote"],
];

for (const [text, expected] of cases) {
  test(`words of ${JSON.stringify(text)}`, () => assert.deepEqual(words(text), expected));
}

test("any words, quoted for a shell, split into the same words", () => {
  const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "grapheme" })), (list) => {
      assert.deepEqual(words(list.map(quoted).join(" ")), list);
    }),
  );
});

test("no text makes the splitter throw, and a refusal points into the text", () => {
  const tricky = fc.string({
    unit: fc.constantFrom("a", " ", "'", '"', "\\", "\n", "$", "|", ">"),
  });
  fc.assert(
    fc.property(tricky, (text) => {
      const result = splitWords(text);
      if (!result.ok) assert.ok(result.offset >= 0 && result.offset < text.length);
    }),
  );
});

for (const [text, operator] of [
  ["a && b", "&&"],
  ["a | b", "|"],
  ["a > out", ">"],
  ["a 2>&1", "2>&1"],
  ["a 2>/dev/null", "2>/dev/null"],
  ["a <in", "<in"],
  ["a ; b", ";"],
  ["a '&&' b", null],
  ["a '>out'", null],
  ["a --x=1>2", null],
  ["a x&y", null],
] as const) {
  test(`a shell operator is noticed only unquoted and at the start of a word: ${text}`, () => {
    const result = splitWords(text);
    assert.ok(result.ok);
    assert.equal(result.operator?.text ?? null, operator);
  });
}
