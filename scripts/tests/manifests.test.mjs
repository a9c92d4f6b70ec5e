import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { findDrift } from "../manifests.mjs";
import { scratchWorkspace } from "./scratch-workspace.mjs";

const log = (more) =>
  JSON.stringify({
    name: "@supervise/log",
    version: "0.1.0",
    license: "MIT",
    type: "module",
    engines: { node: ">=20.19" },
    ...more,
  });
const needsModel = { dependencies: { "@supervise/model": "workspace:*" } };

test("manifests that say what the files do have no drift", (t) => {
  deepEqual(findDrift(scratchWorkspace(t)), []);
});

/** @type {[string, Record<string, string>, string][]} */
const seeded = [
  [
    "an import that is not declared",
    { "packages/log/src/file.ts": 'import "yaml";\n' },
    'packages/log: dependencies: "yaml" is used but not declared',
  ],
  [
    "a dependency that nothing imports",
    { "packages/log/src/line.ts": "" },
    'packages/log: dependencies: "@supervise/model" is declared but not used',
  ],
  [
    "a test's import that is not declared",
    { "packages/log/tests/a.test.ts": 'import "fast-check";\n' },
    'packages/log: devDependencies: "fast-check" is used but not declared',
  ],
  [
    "a version outside the catalog",
    { "packages/log/package.json": log({ dependencies: { "@supervise/model": "^0.1.0" } }) },
    'packages/log: dependency "@supervise/model" must be "workspace:*", found "^0.1.0"',
  ],
  [
    "another license",
    { "packages/log/package.json": log({ ...needsModel, license: "ISC" }) },
    'packages/log: license must be "MIT", found "ISC"',
  ],
  [
    "another version",
    { "packages/log/package.json": log({ ...needsModel, version: "0.2.0" }) },
    'packages/log: version must be "0.1.0", found "0.2.0"',
  ],
  [
    "another floor of Node",
    { "packages/log/package.json": log({ ...needsModel, engines: { node: ">=18" } }) },
    'packages/log: engines.node must be ">=20.19", found ">=18"',
  ],
  [
    "a project reference that is missing",
    { "packages/log/tsconfig.json": "{}" },
    'packages/log: references of tsconfig.json: "packages/model" is used but not declared',
  ],
  [
    "a room that the root does not compile",
    { "tsconfig.json": '{ "references": [{ "path": "packages/model" }] }' },
    'references of tsconfig.json: "packages/log" is used but not declared',
  ],
  [
    "tests that the root does not compile",
    { "packages/model/tests/tsconfig.json": '{ "references": [{ "path": ".." }] }' },
    'references of tsconfig.tests.json: "packages/model/tests" is used but not declared',
  ],
];

for (const [what, files, message] of seeded) {
  test(`drift is found: ${what}`, (t) => {
    deepEqual(findDrift(scratchWorkspace(t, files)), [message]);
  });
}
