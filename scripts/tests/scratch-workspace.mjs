// A small workspace in a folder of its own, for tests of the checks.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const manifest = (name, more) =>
  JSON.stringify({
    name,
    version: "0.1.0",
    license: "MIT",
    type: "module",
    engines: { node: ">=20.19" },
    ...more,
  });

/** Two rooms without a fault: model, and log which imports it. `files` adds to them or replaces; removed when the test ends. */
export function scratchWorkspace(t, files = {}) {
  const root = mkdtempSync(join(tmpdir(), "sv-ws-"));
  t.after(() => rmSync(root, { recursive: true }));
  const all = {
    "package.json": manifest("workspace", { private: true }),
    "tsconfig.json": JSON.stringify({
      references: [{ path: "packages/model" }, { path: "packages/log" }],
    }),
    "tsconfig.tests.json": JSON.stringify({ references: [] }),
    "packages/model/package.json": manifest("@supervise/model"),
    "packages/model/tsconfig.json": "{}",
    "packages/model/src/index.ts": 'export { state } from "./state.js";\n',
    "packages/model/src/state.ts": "export const state = 1;\n",
    "packages/log/package.json": manifest("@supervise/log", {
      dependencies: { "@supervise/model": "workspace:*" },
    }),
    "packages/log/tsconfig.json": JSON.stringify({ references: [{ path: "../model" }] }),
    "packages/log/src/index.ts": 'export type { Line } from "./line.js";\n',
    "packages/log/src/line.ts":
      'import { state } from "@supervise/model";\nimport { open } from "node:fs";\nexport type Line = [typeof state, typeof open];\n',
    ...files,
  };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}
