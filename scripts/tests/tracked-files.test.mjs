import { deepEqual } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { findFaults } from "../tracked-files.mjs";
import { scratchWorkspace } from "./scratch-workspace.mjs";

function repository(t, files) {
  const root = scratchWorkspace(t, files);
  spawnSync("git", ["init", "--quiet"], { cwd: root });
  return root;
}

test("an ordinary tree has no fault", (t) => {
  deepEqual(
    findFaults(repository(t, { "README.md": "See https://www.npmjs.com/package/yaml\n" })),
    [],
  );
});

test("a registry's address is found, in the lockfile too", (t) => {
  const host = "registry.example.org";
  const address = `https://${host}`;
  const root = repository(t, { "pnpm-lock.yaml": `a: 1\ntarball: ${address}/yaml.tgz\n` });
  deepEqual(findFaults(root), [`pnpm-lock.yaml:2: names the registry "${address}"`]);
});

test("the path of the checkout is found", (t) => {
  const root = repository(t, {});
  const sub = repository(t, {});
  deepEqual(findFaults(root), []);
  spawnSync("sh", ["-c", `echo "cd ${sub}/packages" > run.sh`], { cwd: sub });
  deepEqual(findFaults(sub), [`run.sh:1: names the machine's path "${join(sub, "/")}"`]);
});

test("a file that is too long is found, by its kind", (t) => {
  const root = repository(t, {
    "packages/log/src/long.ts": "// line\n".repeat(401),
    "packages/log/src/fits.ts": "// line\n".repeat(400),
    "packages/sys/native/long.c": "/* line */\n".repeat(251),
    "docs/long.md": "line\n".repeat(1000),
  });
  deepEqual(findFaults(root), [
    "packages/log/src/long.ts: 401 lines, over its limit of 400",
    "packages/sys/native/long.c: 251 lines, over its limit of 250",
  ]);
});

test("left-over work needs an issue", (t) => {
  const word = ["TO", "DO"].join("");
  const root = repository(t, { "a.ts": `// ${word}(#12): split\n// ${word}: split\n` });
  deepEqual(findFaults(root), ["a.ts:2: work left over without an issue"]);
});

test("what git ignores is not looked at", (t) => {
  const root = repository(t, { ".gitignore": "dist/\n", "dist/long.js": "// line\n".repeat(500) });
  deepEqual(findFaults(root), []);
});
