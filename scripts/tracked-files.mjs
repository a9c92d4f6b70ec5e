// What no tracked file may hold: a registry's address, a path of the machine it was written on, a length beyond the limit.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { tmpdir } from "node:os";
import { ifMain, report, root } from "./workspace.mjs";

/** Lines per file, by ending. Tables and protocols may be longer, if they are named here with their limit. */
const LIMITS = { ".ts": 400, ".tsx": 400, ".mjs": 400, ".js": 400, ".c": 250, ".h": 250 };
const LONGER = {
  // Tables: a row for each message, rule or state.
  "packages/config/tests/diagnostics.test.ts": 700,
  "packages/model/tests/dependencies.test.ts": 420,
  "packages/model/tests/run.test.ts": 470,
};

const REGISTRY = /https?:\/\/[\w.-]*(?:registry|npmmirror|artifactory|nexus|verdaccio)[\w.-]*/i;
const UNOWNED = /\b(?:TODO|FIXME|XXX)\b(?!\(#\d+\))/;
const TEXT = new Set([
  ".ts",
  ".tsx",
  ".mjs",
  ".js",
  ".json",
  ".yaml",
  ".yml",
  ".md",
  ".c",
  ".h",
  ".sh",
  ".gyp",
  ".conf",
  ".sql",
  "",
]);

/** Paths that git tracks or would track, relative to `from`. */
function trackedFiles(from) {
  const listed = spawnSync(
    "git",
    ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    { cwd: from, encoding: "utf8" },
  );
  if (listed.status !== 0)
    throw new Error(`cannot list the tracked files: ${listed.stderr.trim()}`);
  return listed.stdout.split("\0").filter((path) => path !== "" && existsSync(join(from, path)));
}

/** This checkout and the folder that holds it, where that is not a place everybody has. */
function machinePaths(from) {
  const parent = dirname(from);
  const common = new Set(["/", "/home", "/root", "/srv", "/opt", "/usr", "/var", tmpdir()]);
  return [from, ...(common.has(parent) ? [] : [parent])].map((path) => `${path}/`);
}

/** Every fault below `from`, one line each. */
export function findFaults(from = root) {
  const faults = [];
  const machine = machinePaths(from);
  for (const path of trackedFiles(from)) {
    const ending = extname(path);
    if (!TEXT.has(ending)) continue;
    const lines = readFileSync(join(from, path), "utf8").split("\n");
    const limit = LONGER[path] ?? LIMITS[ending] ?? Infinity;
    if (lines.length - 1 > limit)
      faults.push(`${path}: ${lines.length - 1} lines, over its limit of ${limit}`);
    lines.forEach((line, index) => {
      const at = `${path}:${index + 1}`;
      const registry = REGISTRY.exec(line)?.[0];
      if (registry) faults.push(`${at}: names the registry "${registry}"`);
      const place = machine.find((known) => line.includes(known));
      if (place) faults.push(`${at}: names the machine's path "${place}"`);
      if (UNOWNED.test(line) && path !== "scripts/tracked-files.mjs" && ending !== ".md")
        faults.push(`${at}: work left over without an issue`);
    });
  }
  return faults;
}

await ifMain(import.meta.url, () => report(findFaults()));
