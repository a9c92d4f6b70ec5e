import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { interpolate } from "#config/interpolate.js";

const variables: Readonly<Record<string, string>> = { NAME: "value", EMPTY: "", _x1: "under" };
const lookUp = (name: string): string | undefined => variables[name];

for (const [text, expected] of [
  ["plain", "plain"],
  ["$NAME", "value"],
  ["a${NAME}b", "avalueb"],
  ["$NAME.x $_x1", "value.x under"],
  ["$$NAME $${NAME} $$", "$NAME ${NAME} $"],
  ["$$$NAME", "$value"],
  ["${NO-def}", "def"],
  ["${EMPTY-def}", ""],
  ["${EMPTY:-def}", "def"],
  ["${NAME:-def}", "value"],
  ["${NO:-}", ""],
  ["${NAME+alt}", "alt"],
  ["${NO+alt}", ""],
  ["${EMPTY+alt}", "alt"],
  ["${EMPTY:+alt}", ""],
  ["${NAME?must}", "value"],
  ["${EMPTY?must}", ""],
  ["${NO:-${NAME}}", "value"],
  ["${NO:-${NO2:-${EMPTY:-deep}}}!", "deep!"],
  ["${NO:-a$$b}", "a$b"],
  ["${NO:-a:-b?c}", "a:-b?c"],
  ["${NO:-{}}", "{}"],
  ["${NAME:+$_x1}", "under"],
] as const) {
  test(`"${text}" becomes "${expected}" without a word`, () => {
    assert.deepEqual(interpolate(text, lookUp), { text: expected, problems: [] });
  });
}

for (const [text, severity, offset, message] of [
  ["a $NO b", "warning", 2, "the variable NO is not set; an empty string stands in its place"],
  ["${NO}", "warning", 0, "the variable NO is not set; an empty string stands in its place"],
  ["ab${NO?}", "error", 2, "the variable NO is required"],
  ["${EMPTY:?set it, ${NAME}}", "error", 0, "the variable EMPTY is required: set it, value"],
  ["$1", "error", 0, '"$" must be followed by a name, by "{" or by "$"'],
  ["x$", "error", 1, '"$" must be followed by a name, by "{" or by "$"'],
  ["${}", "error", 0, '"${" must be followed by the name of a variable'],
  ["${1}", "error", 0, '"${" must be followed by the name of a variable'],
  ["${NAME", "error", 0, '"${NAME" lacks its closing "}"'],
  ["${NAME:-x", "error", 0, '"${NAME" lacks its closing "}"'],
  ["${NAME/x}", "error", 0, '"${NAME" is followed by "/"'],
] as const) {
  test(`"${text}" is a ${severity} at ${offset}`, () => {
    const { problems } = interpolate(text, lookUp);
    assert.equal(problems.length, 1);
    assert.deepEqual({ ...problems[0], hint: null }, { severity, offset, message, hint: null });
  });
}

test("a branch that is not taken looks nothing up and says nothing", () => {
  const seen: string[] = [];
  const result = interpolate("${NAME:-${OTHER}} ${NO+${OTHER?x}}", (name) => {
    seen.push(name);
    return variables[name];
  });
  assert.deepEqual(seen, ["NAME", "NO"]);
  assert.deepEqual(result.problems, []);
});

test("a text with every dollar sign doubled comes back as it was", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      assert.deepEqual(interpolate(text.replaceAll("$", "$$$$"), lookUp), { text, problems: [] });
    }),
  );
});

test("no text makes it throw, and every problem points into the text", () => {
  const tricky = fc.string({
    unit: fc.constantFrom("$", "{", "}", ":", "-", "?", "+", "A", "1", " "),
    maxLength: 60,
  });
  fc.assert(
    fc.property(tricky, (text) => {
      for (const { offset } of interpolate(text, lookUp).problems)
        assert.ok(offset >= 0 && offset < text.length);
    }),
  );
});

test("nesting without end is refused, not followed", () => {
  const { problems } = interpolate(`${"${A:-".repeat(10_000)}x`, lookUp);
  assert.equal(problems.at(0)?.message, "variables are nested deeper than 32 levels");
});
