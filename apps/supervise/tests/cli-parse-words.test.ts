import { deepEqual, equal, throws } from "node:assert/strict";
import { test } from "node:test";
import { parseWords } from "#supervise/parse-words.js";
import { CommandError } from "#supervise/verb.js";
import type { OptionSpec } from "#supervise/verb.js";

const spec = (
  long: string,
  short: string | null,
  value: string | null,
  repeatable = false,
): OptionSpec => ({
  long,
  short,
  value,
  repeatable,
  help: "",
});
const SPECS = [
  spec("follow", "f", null),
  spec("quiet", "q", null),
  spec("lines", "n", "N"),
  spec("profile", "P", "PROFILE", true),
];
const parse = (...words: string[]) =>
  parseWords(words, { specs: SPECS, command: "supervise logs" });

const GOOD: readonly (readonly [
  words: string[],
  options: object,
  plain: string[],
  rest?: string[],
])[] = [
  [[], {}, []],
  [["web", "db"], {}, ["web", "db"]],
  [["--follow"], { follow: true }, []],
  [["-f", "-f"], { follow: true }, []],
  [["-fq"], { follow: true, quiet: true }, []],
  [["--lines", "5"], { lines: "5" }, []],
  [["--lines=5"], { lines: "5" }, []],
  [["--lines=a=b"], { lines: "a=b" }, []],
  [["-n", "5"], { lines: "5" }, []],
  [["-n5"], { lines: "5" }, []],
  [["-fn5", "web"], { follow: true, lines: "5" }, ["web"]],
  [["-fn", "5", "web"], { follow: true, lines: "5" }, ["web"]],
  [["-nf"], { lines: "f" }, []],
  [["-n", "-5"], { lines: "-5" }, []],
  [["-n1", "--lines", "2"], { lines: "2" }, []],
  [["-Pa", "--profile=b", "--profile", "c"], { profile: ["a", "b", "c"] }, []],
  [["web", "-q", "db"], { quiet: true }, ["web", "db"]],
  [["-"], {}, ["-"]],
  [["web", "--"], {}, ["web"], []],
  [["web", "--", "-f", "--", "x"], {}, ["web"], ["-f", "--", "x"]],
];

for (const [words, options, plain, rest] of GOOD) {
  test(`"${words.join(" ")}" is understood`, () => {
    deepEqual({ ...parse(...words) }, { options, words: plain, rest: rest ?? null });
  });
}

const BAD: readonly (readonly [words: string[], message: string, hint: string | null])[] = [
  [
    ["--nosuchthing"],
    'cannot use option "--nosuchthing": supervise logs has no such option',
    "see supervise logs --help",
  ],
  [
    ["--folow"],
    'cannot use option "--folow": supervise logs has no such option',
    "did you mean --follow?",
  ],
  [
    ["--line=5"],
    'cannot use option "--line": supervise logs has no such option',
    "did you mean --lines?",
  ],
  [
    ["-x"],
    'cannot use option "-x": supervise logs has no such option',
    "see supervise logs --help",
  ],
  [
    ["-fx"],
    'cannot use option "-x": supervise logs has no such option',
    "see supervise logs --help",
  ],
  [["--follow=yes"], 'cannot use option "--follow": it takes no value', null],
  [["--lines"], 'cannot use option "--lines": its N is missing', null],
  [["web", "-n"], 'cannot use option "--lines": its N is missing', null],
  [["--lines="], 'cannot use option "--lines": its N is empty', null],
  [["-P", ""], 'cannot use option "--profile": its PROFILE is empty', null],
  [
    ["--__proto__"],
    'cannot use option "--__proto__": supervise logs has no such option',
    "see supervise logs --help",
  ],
];

for (const [words, message, hint] of BAD) {
  test(`"${words.join(" ")}" is wrong usage, and says why`, () => {
    throws(
      () => parse(...words),
      (error: unknown) => {
        equal(error instanceof CommandError, true);
        const { exitCode, message: said, hint: hinted } = error as CommandError;
        deepEqual({ exitCode, said, hinted }, { exitCode: 64, said: message, hinted: hint });
        return true;
      },
    );
  });
}

test("with options first, everything from the first word on is left as it stands", () => {
  const parsed = parseWords(["-q", "-n", "2", "logs", "-f", "--"], {
    specs: SPECS,
    command: "supervise",
    optionsFirst: true,
  });
  deepEqual(
    { ...parsed },
    { options: { quiet: true, lines: "2" }, words: ["logs", "-f", "--"], rest: null },
  );
});
