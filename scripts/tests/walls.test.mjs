import { deepEqual, match } from "node:assert/strict";
import { test } from "node:test";
import { findBreaches } from "../walls.mjs";
import { scratchWorkspace } from "./scratch-workspace.mjs";

test("a workspace that keeps the walls has no breach", (t) => {
  deepEqual(findBreaches(scratchWorkspace(t)), []);
});

/** @type {[string, string, string, RegExp][]} */
const seeded = [
  [
    "model imports no room",
    "packages/model/src/state.ts",
    'import "@supervise/log";',
    /imports "@supervise\/log", but this room imports nothing/,
  ],
  [
    "model imports nothing of Node",
    "packages/model/src/state.ts",
    'import type { Stats } from "node:fs";',
    /imports "node:fs", but this room imports nothing/,
  ],
  [
    "a room imports only rooms below it",
    "packages/log/src/line.ts",
    'import "@supervise/testkit";',
    /may not import "@supervise\/testkit"/,
  ],
  [
    "a room is entered by its entry",
    "packages/log/src/line.ts",
    'import "@supervise/model/dist/state.js";',
    /goes past the entry of "@supervise\/model"/,
  ],
  [
    "a relative import stays in its room",
    "packages/log/src/line.ts",
    'import "../../model/src/state.js";',
    /leads out of the room/,
  ],
  [
    "a room does not import itself by name",
    "packages/log/src/line.ts",
    'import "@supervise/log";',
    /imports its own room by name/,
  ],
  [
    "only apps exit",
    "packages/log/src/line.ts",
    "process.exit(1);",
    /uses "process\.exit", which only apps may/,
  ],
  [
    "only apps write to stdout",
    "packages/log/src/line.ts",
    'process.stdout.write("x");',
    /uses "process\.stdout", which only apps may/,
  ],
  [
    "only apps use the console",
    "packages/log/src/line.ts",
    'console.log("x");',
    /uses "console\.", which only apps may/,
  ],
  [
    "only sys loads native code",
    "packages/log/src/line.ts",
    'import load from "node-gyp-build";',
    /loads native code/,
  ],
  [
    "an index holds no code",
    "packages/log/src/index.ts",
    "export const answer = 42;",
    /an index only re-exports by name/,
  ],
  [
    "an index re-exports by name",
    "packages/log/src/index.ts",
    'export * from "./line.js";',
    /an index only re-exports by name/,
  ],
  [
    "a test of a room keeps the walls too",
    "packages/log/tests/a.test.ts",
    'import "@supervise/supervisor";',
    /a test of this room may not import "@supervise\/supervisor"/,
  ],
];

for (const [rule, path, text, message] of seeded) {
  test(`a breach is found: ${rule}`, (t) => {
    const others = ["testkit", "supervisor"].map((room) => [
      `packages/${room}/package.json`,
      JSON.stringify({ name: `@supervise/${room}` }),
    ]);
    const breaches = findBreaches(
      scratchWorkspace(t, { ...Object.fromEntries(others), [path]: `${text}\n` }),
    );
    deepEqual(breaches.length, 1, breaches.join("\n"));
    match(breaches[0], message);
  });
}

test("the kit for daemons may end the process, and may not write to stdout", (t) => {
  const kit = (text) =>
    findBreaches(
      scratchWorkspace(t, {
        "packages/daemon/package.json": JSON.stringify({ name: "@supervise/daemon" }),
        "packages/daemon/src/end.ts": text,
      }),
    );
  deepEqual(kit("process.exit(1);\n"), []);
  deepEqual(kit('process.exit(1);\nprocess.stdout.write("x");\n'), [
    'packages/daemon/src/end.ts: uses "process.stdout", which only apps may',
  ]);
});

test("a breach is found: files do not import each other in a circle", (t) => {
  const root = scratchWorkspace(t, {
    "packages/log/src/a.ts": 'import "./b.js";\n',
    "packages/log/src/b.ts": 'import "./c.js";\n',
    "packages/log/src/c.ts": 'import "./a.js";\n',
  });
  deepEqual(findBreaches(root), ["packages/log: import cycle a.ts -> b.ts -> c.ts -> a.ts"]);
});

test("types alone may refer to each other in a circle", (t) => {
  const root = scratchWorkspace(t, {
    "packages/log/src/a.ts": 'import type { B } from "./b.js";\n',
    "packages/log/src/b.ts": 'import type { A } from "./a.js";\n',
  });
  deepEqual(findBreaches(root), []);
});

test("a room that the table does not know is a breach", (t) => {
  const root = scratchWorkspace(t, { "packages/new/package.json": '{ "name": "@supervise/new" }' });
  match(
    findBreaches(root).join("\n"),
    /packages\/new: room "@supervise\/new" has no entry in the table/,
  );
});
