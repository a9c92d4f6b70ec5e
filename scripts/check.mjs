// One command, here and in CI: builds, checks everything, runs all tests. Names as arguments choose among the checks.
import { spawnSync } from "node:child_process";
import { isAbsolute, join } from "node:path";
import { build } from "./build.mjs";
import { findDrift } from "./manifests.mjs";
import { install } from "./install.mjs";
import { closingLine, runTests } from "./run-tests.mjs";
import { findFaults } from "./tracked-files.mjs";
import { filesBelow, ifMain, rooms, root, run } from "./workspace.mjs";
import { findBreaches } from "./walls.mjs";

/** A check returns null when all is well, a text with what is wrong, or `{ skipped: reason }`. */
const tool =
  (command, ...args) =>
  () => {
    const { ok, text } = run(command, args, { output: "capture" });
    return ok ? null : text;
  };
const list = (find) => () => find().join("\n") || null;

const checks = {
  format: tool("oxfmt", "--check", "."),
  lint: tool("oxlint", "--deny-warnings"),
  walls: list(findBreaches),
  manifests: list(findDrift),
  "tracked-files": list(findFaults),
  unused: tool("knip", "--no-progress", "--no-config-hints"),
  packages: checkPackages,
  "c-format": checkCFormat,
  sanitizers: runSanitizers,
};

function checkPackages() {
  const wrong = rooms()
    .filter((room) => !room.manifest.private)
    .map((room) =>
      run("publint", ["run", room.directory, "--strict", "--pack", "npm"], { output: "capture" }),
    )
    .filter((result) => !result.ok);
  return wrong.map((result) => result.text).join("\n") || null;
}

/** Versions of clang-format differ in what they find right, so only one counts. */
const CLANG_FORMAT = "14";

function checkCFormat() {
  const isRight = (name) =>
    spawnSync(name, ["--version"], { encoding: "utf8" }).stdout?.includes(` ${CLANG_FORMAT}.`);
  const program = [`clang-format-${CLANG_FORMAT}`, "clang-format"].find(isRight);
  if (!program) return { skipped: `clang-format ${CLANG_FORMAT} is not installed` };
  const sources = filesBelow(join(root, "packages"), ".c", ".h").filter(
    (path) => !/\/(?:node_modules|build)\//.test(path),
  );
  return tool(program, "--dry-run", "--Werror", ...sources)();
}

/** The tests of what is written in C with AddressSanitizer and UBSan, where the compiler brings these. */
function runSanitizers() {
  const scripts = ["packages/sys", "packages/init"].map((room) =>
    join(root, room, "scripts/sanitize.mjs"),
  );
  const library = run(process.env.CC ?? "cc", ["-print-file-name=libasan.so"], {
    output: "capture",
  }).text.trim();
  if (!isAbsolute(library) && !process.env.CI) return { skipped: "the compiler has no libasan" };
  return scripts.map((script) => tool(process.execPath, script)()).join("") || null;
}

/** Runs the checks of these names, or all; true if all is well. */
function check(asked) {
  const known = [...Object.keys(checks), "tests"];
  const unknown = asked.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new Error(`unknown check "${unknown}"; known: ${known.join(", ")}`);
  const wanted = (name) => asked.length === 0 || asked.includes(name);

  install();
  build();
  const wrong = [];
  for (const [name, find] of Object.entries(checks)) {
    if (!wanted(name)) continue;
    const result = find();
    if (result === null) console.log(`check: ${name}: ok`);
    else if (typeof result === "object") console.log(`check: ${name}: skipped: ${result.skipped}`);
    else {
      wrong.push(name);
      console.log(`${result.trimEnd()}\ncheck: ${name}: not ok`);
    }
  }
  let closing = "check: all well";
  if (wanted("tests")) {
    console.log("check: tests");
    const tests = runTests();
    if (!tests.ok) wrong.push("tests");
    closing = closingLine(tests);
  }
  if (wrong.length > 0) console.log(`check: not ok: ${wrong.join(", ")}`);
  if (wrong.length === 0 || wanted("tests")) console.log(closing);
  return wrong.length === 0;
}

await ifMain(import.meta.url, () => {
  process.exitCode = check(process.argv.slice(2)) ? 0 : 1;
});
