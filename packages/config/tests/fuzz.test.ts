import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { readCompiled, writeCompiled } from "@supervise/config";
import type { LoadResult } from "@supervise/config";
import { serviceShape } from "#config/schema.js";
import { loadFiles, loadText, memoryReader } from "./support/load.js";

/** A mistake has a place in the text, and a configuration is there exactly where no error is. */
function assertSound(result: LoadResult, text: string): void {
  const lines = text.split("\n");
  for (const { line, column, message } of result.diagnostics) {
    assert.ok(line >= 1 && line <= lines.length, `${message}: line ${line} of ${lines.length}`);
    assert.ok(
      column >= 1 && column <= (lines[line - 1] ?? "").length + 1,
      `${message}: column ${column} of line ${line}`,
    );
    assert.doesNotMatch(message, /internal|undefined|\[object|[\u0000-\u001f]/);
  }
  assert.equal(
    result.configuration === null,
    result.diagnostics.some(({ severity }) => severity === "error"),
  );
}

const word = fc.constantFrom(
  "",
  "x",
  "10s",
  "on-failure:3",
  "true",
  "null",
  "-1",
  "8080",
  "SIGTERM",
  "${A:-b}",
  "$",
  "${",
  "'q",
  "a b",
  "ALL",
  "dev",
  "web",
  "db",
  "file",
  "1m",
  "__proto__",
  "0x1f",
  "1e999",
  ".nan",
);
const value: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: "small" },
    word,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.double(),
    fc.array(tie("any"), { maxLength: 3 }),
    tie("map"),
  ),
  map: fc.dictionary(
    fc.constantFrom(
      "test",
      "tcp",
      "log",
      "path",
      "driver",
      "options",
      "soft",
      "hard",
      "condition",
      "web",
      "db",
      "nofile",
      "interval",
      "timeout",
      "<<",
      "A",
    ),
    tie("any"),
    { maxKeys: 3 },
  ),
})).any;

test("any values at all under the keys of a service end in places, never in an exception", async () => {
  const key = fc.constantFrom(...Object.keys(serviceShape), "tty", "image", "x-own", "comand");
  const service = fc.dictionary(key, value, { maxKeys: 6 });
  const root = fc.record({
    services: fc.dictionary(
      fc.constantFrom("web", "db", "-x", "a.b"),
      fc.oneof({ weight: 5, arbitrary: service }, { weight: 1, arbitrary: value }),
      { maxKeys: 3 },
    ),
  });
  await fc.assert(
    fc.asyncProperty(root, async (data) => {
      const text = JSON.stringify(data);
      assertSound(await loadText(text, { profiles: ["dev"] }), text);
    }),
    { numRuns: 500 },
  );
});

test("any text at all, of the characters that YAML is made of, ends in places", async () => {
  const character = fc.constantFrom(
    "a",
    "services",
    ": ",
    ":",
    "- ",
    "\n",
    "\n  ",
    "\t",
    "[",
    "]",
    "{",
    "}",
    "'",
    '"',
    "&a ",
    "*a",
    "<<: ",
    "!",
    "!reset ",
    "|",
    ">",
    "#",
    "---\n",
    "?",
    "%",
    "$",
    "\\",
    ",",
    "\r\n",
    "\u0000",
    "é",
    "😀",
  );
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: character, maxLength: 60 }), async (text) => {
      assertSound(await loadText(text), text);
    }),
    { numRuns: 1000 },
  );
});

test("a good file with one character changed ends in places", async () => {
  const good = `services:
  web:
    command: node x.js \${PORT:-80}
    depends_on: { db: { condition: service_healthy } }
    healthcheck: { test: [CMD, a], interval: 1s }
  db: &db
    command: "a 'b c'"
    ready: { tcp: 80 }
    ulimits: { nofile: { soft: 1, hard: 2 } }
`;
  const change = fc.record({
    at: fc.nat(good.length),
    drop: fc.nat(3),
    put: fc.constantFrom("", "x", " ", "\n", ":", "{", "'", "$", "\t", "-"),
  });
  await fc.assert(
    fc.asyncProperty(change, async ({ at, drop, put }) => {
      const text = good.slice(0, at) + put + good.slice(at + drop);
      assertSound(await loadText(text), text);
    }),
    { numRuns: 500 },
  );
});

test("any Procfile ends in places", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: fc.constantFrom("web", ":", " ", "x", "#", "\n", "\r", "\t", "$", "'") }),
      async (text) => {
        assertSound(await loadFiles({ "/app/Procfile": text }, { files: ["Procfile"] }), text);
      },
    ),
  );
});

test("a configuration survives being compiled, whatever its words are", async () => {
  const words = fc
    .array(
      fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\0")),
      { minLength: 1 },
    )
    .map(([first, ...rest]) => [first || "x", ...rest]);
  await fc.assert(
    fc.asyncProperty(words, async (list) => {
      const files = {
        "/app/supervise.yaml": JSON.stringify({
          services: { a: { command: list.map((text) => text.replaceAll("$", "$$$$")) } },
        }),
      };
      const result = await loadFiles(files);
      assert.deepEqual(result.configuration?.services[0]?.process.command.words, list);
      const request = {
        ...result.options,
        environment: {},
        readFile: memoryReader(files),
        version: "1",
      };
      assert.deepEqual(
        readCompiled(writeCompiled(result, "1") ?? "", request)?.configuration,
        result.configuration,
      );
    }),
  );
});

for (const [what, text] of [
  ["lists", `services: ${"[".repeat(20_000)}`],
  ["closed lists", `services: ${"[".repeat(5000)}${"]".repeat(5000)}`],
  ["block lists", `services:\n${"- ".repeat(5000)}x`],
  ["maps", `services: ${"{a: ".repeat(2000)}`],
  ["a hundred levels", `services: ${"[".repeat(100)}${"]".repeat(100)}`],
] as const) {
  test(`nesting without end is refused with a place: ${what}`, async () => {
    const result = await loadText(text);
    assert.equal(result.configuration, null);
    assertSound(result, text);
  });
}

test("a few lines of aliases cannot unfold to billions of values", async () => {
  let text = "x-0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (let level = 1; level < 10; level++)
    text += `x-${level}: &a${level} [${Array.from({ length: 10 }, () => `*a${level - 1}`).join(", ")}]\n`;
  const result = await loadText(`${text}services: { a: { command: x } }`);
  assert.deepEqual(
    result.diagnostics.map(({ message }) => message),
    ["aliases unfold to more than 1000000 values"],
  );
});
