// Runs the compiled tests of every room and of the scripts, and adds them up.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { filesBelow, ifMain, rooms, root, run } from "./workspace.mjs";

/** Per file; so long that only a hang meets it. */
const TIMEOUT_MS = 240_000;

/** The test files of all rooms, or of those whose folder begins with one of `folders`. Node 20 knows no globs, hence the list. */
export function testFiles(folders = []) {
  const found = filesBelow(join(root, "scripts/tests"), ".test.mjs");
  for (const room of rooms()) {
    const compiled = join(room.directory, "dist/tests");
    for (const path of filesBelow(compiled, ".test.js")) {
      // A result whose source was deleted is no test any more.
      const source = join(room.directory, "tests", `${relative(compiled, path).slice(0, -3)}.ts`);
      if (existsSync(source)) found.push(path);
    }
  }
  return found.filter(
    (path) =>
      folders.length === 0 || folders.some((folder) => relative(root, path).startsWith(folder)),
  );
}

/** Returns `{ ok, passed, failed, skipped }`. */
export function runTests(folders = []) {
  const files = testFiles(folders);
  if (files.length === 0) return { ok: false, passed: 0, failed: 0, skipped: 0 };
  const directory = mkdtempSync(join(tmpdir(), "sv-test-"));
  const totals = join(directory, "totals.json");
  try {
    const reporters = [
      ["./scripts/test-reporter.mjs", "stdout"],
      ["./scripts/totals-reporter.mjs", totals],
    ].flatMap(([reporter, destination]) => [
      `--test-reporter=${reporter}`,
      `--test-reporter-destination=${destination}`,
    ]);
    const limits = [
      `--test-timeout=${TIMEOUT_MS}`,
      "--test-concurrency=2",
      "--import=./scripts/fail-on-warning.mjs",
    ];
    const { ok } = run(
      process.execPath,
      [...limits, ...reporters, "--test", ...files.map((path) => relative(root, path))],
      { env: process.env },
    );
    const counted = JSON.parse(readFileSync(totals, "utf8"));
    return { ok: ok && counted.failed === 0 && counted.passed > 0, ...counted };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

export const closingLine = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`;

await ifMain(import.meta.url, () => {
  const result = runTests(process.argv.slice(2));
  console.log(closingLine(result));
  process.exitCode = result.ok ? 0 : 1;
});
