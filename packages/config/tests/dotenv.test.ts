import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { parseDotenv } from "#config/dotenv.js";

const outside: Readonly<Record<string, string>> = { HOME: "/root", A: "outer" };
const parse = (text: string): ReturnType<typeof parseDotenv> =>
  parseDotenv(text, (name) => outside[name]);

for (const [text, expected] of [
  ["", {}],
  ["X=1", { X: "1" }],
  ["X=1\nY=2\r\nZ=3", { X: "1", Y: "2", Z: "3" }],
  ["\uFEFFX=1", { X: "1" }],
  ["# comment\n\n  # more\nX=1", { X: "1" }],
  ["export X=1\n  export\tY=2", { X: "1", Y: "2" }],
  ["export=1", { export: "1" }],
  ["X = a b  ", { X: "a b" }],
  ["X=", { X: "" }],
  ["X=a # note", { X: "a" }],
  ["X=a#b", { X: "a#b" }],
  ["X= # only a note", { X: "" }],
  ["X: yaml", { X: "yaml" }],
  ["X='a # $HOME \\n b' # note", { X: "a # $HOME \\n b" }],
  ['X="a\\n\\t\\"b\\" \\\\ \\$HOME $HOME"', { X: 'a\n\t"b" \\ $HOME /root' }],
  ['X="two\nlines"\nY=1', { X: "two\nlines", Y: "1" }],
  ["X=''\nY=\"\"", { X: "", Y: "" }],
  ["X=1\nX=2", { X: "2" }],
  ["X=1\nY=${X}2\nZ=$$X", { X: "1", Y: "12", Z: "$X" }],
  ["A=inner\nB=$A", { A: "inner", B: "outer" }],
  ["X=${NO:-def}", { X: "def" }],
  ["HOME\nNO", { HOME: "/root" }],
  ["HOME # taken over", { HOME: "/root" }],
  ["X=it's", { X: "it's" }],
  ["a.b-c=1", { "a.b-c": "1" }],
] as const) {
  test(`env_file ${JSON.stringify(text)}`, () => {
    const { variables, problems } = parse(text);
    assert.deepEqual(problems, []);
    assert.deepEqual(Object.fromEntries(variables), expected);
  });
}

for (const [text, severity, line, column, message] of [
  ["X=1\n=2", "error", 2, 1, 'a line must be NAME=value, found "=2"'],
  ["1X=2", "error", 1, 1, 'a line must be NAME=value, found "1X=2"'],
  ["X y", "error", 1, 3, 'after the name X must stand "=", found "y"'],
  ["A=1\nX='abc", "error", 2, 3, "the quote ' is not closed"],
  ['X="abc', "error", 1, 3, 'the quote " is not closed'],
  ["X='a'b", "error", 1, 6, "after the closing quote may stand only a comment"],
  [
    "X=1\nY=a$NO",
    "warning",
    2,
    4,
    "the variable NO is not set; an empty string stands in its place",
  ],
  ["X=${A", "error", 1, 3, '"${A" lacks its closing "}"'],
] as const) {
  test(`env_file ${JSON.stringify(text)} is a ${severity} at line ${line}, column ${column}`, () => {
    const { problems } = parse(text);
    assert.equal(problems.length, 1);
    assert.deepEqual(
      { ...problems[0], hint: null },
      { severity, line, column, message, hint: null },
    );
  });
}

test("a bad line hides no other line", () => {
  const { variables, problems } = parse("A B\nX=1\n*\nY=2");
  assert.deepEqual(Object.fromEntries(variables), { X: "1", Y: "2" });
  assert.deepEqual(
    problems.map(({ line }) => line),
    [1, 3],
  );
});

test("values in single quotes come back as they were", () => {
  fc.assert(
    fc.property(
      fc.string().filter((value) => !value.includes("'")),
      (value) => {
        assert.equal(parse(`X='${value}'`).variables.get("X"), value);
      },
    ),
  );
});

test("no text makes it throw, and every problem has a place in the text", () => {
  const tricky = fc.string({
    unit: fc.constantFrom("A", "=", "'", '"', "\\", "\n", "\r", "#", "$", "{", "}", " ", "1"),
    maxLength: 80,
  });
  fc.assert(
    fc.property(tricky, (text) => {
      for (const { line, column } of parse(text).problems) {
        const lines = text.split(/\r\n|\r|\n/);
        assert.ok(
          line >= 1 &&
            line <= lines.length &&
            column >= 1 &&
            column <= (lines[line - 1] ?? "").length + 1,
          `${line}:${column}`,
        );
      }
    }),
  );
});
