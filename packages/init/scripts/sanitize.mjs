// Builds supervise-init with AddressSanitizer and UndefinedBehaviorSanitizer (and the C library, which these need) into build/sanitize, and
// runs the compiled tests of this package on it, or those files that are named as arguments. A report ends the process that made it with code 99 and
// leaves a file; both fail this script. A second build checks src/bare: there undefined behaviour ends the program with SIGILL.
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const home = dirname(dirname(fileURLToPath(import.meta.url)));
const work = join(home, "build/sanitize");
const sourcesIn = (folder) =>
  readdirSync(join(home, folder))
    .filter((name) => name.endsWith(".c"))
    .map((name) => join(home, folder, name));

/** Cases of the other programs that the suite compares with begin with their names; and who measures memory would measure the sanitizer's. */
const OWN = "/^(?!(?:tini|dumb-init|catatonit) as |.* leave no trace )/";
const names = process.argv.slice(2);
const files = (chosen) => {
  if (names.length > 0) return names;
  return readdirSync(join(home, "dist/tests"))
    .filter((name) => name.endsWith(".test.js") && chosen(name.slice(0, -".test.js".length)))
    .map((name) => join(home, "dist/tests", name));
};
/** These measure, or look at what the ordinary build is made of. */
const OTHERS = new Set(["memory", "valgrind", "container"]);
/** What goes through every file of src/bare. */
const BARE = new Set([
  "child-options",
  "exit-codes",
  "keeper-exits",
  "leftovers",
  "options",
  "terminal",
  "transparency",
]);

function build(name, sources, ...flags) {
  const binary = join(work, name);
  const { status, error } = spawnSync(
    process.env.CC ?? "cc",
    ["-std=c17", "-D_GNU_SOURCE", "-g", "-O1", "-Wall", "-Wextra", "-Werror"].concat(
      ["-fno-omit-frame-pointer", ...flags, "-o", binary],
      sources,
    ),
    { stdio: "inherit" },
  );
  if (error) throw error;
  if (status !== 0) throw new Error(`cannot compile "${name}"`);
  return binary;
}

function test(binary, tests) {
  // Open to all, for some tests run as another user.
  const reports = mkdtempSync(join(work, "reports-"));
  chmodSync(reports, 0o777);
  const common = `log_path=${reports}/report:exitcode=99`;
  const options = ["--test", "--test-timeout=300000", `--test-name-pattern=${OWN}`];
  const { status } = spawnSync(process.execPath, [...options, ...tests], {
    stdio: "inherit",
    env: {
      ...process.env,
      SUPERVISE_INIT_BINARY: binary,
      SUPERVISE_INIT_SANITIZED: "1",
      // There is no heap, so no leak; and the child of a vfork leaves the stack by exec.
      ASAN_OPTIONS: `${common}:detect_leaks=0:detect_stack_use_after_return=0:abort_on_error=0`,
      UBSAN_OPTIONS: `${common}:print_stacktrace=1`,
    },
  });
  const found = readdirSync(reports);
  for (const file of found) process.stderr.write(`${readFileSync(join(reports, file), "utf8")}\n`);
  rmSync(reports, { recursive: true, force: true });
  if (found.length > 0)
    process.stderr.write(`cannot pass "packages/init": ${found.length} sanitizer reports\n`);
  return status === 0 && found.length === 0;
}

mkdirSync(work, { recursive: true });
const common = sourcesIn("src");
const checked = build("supervise-init", common, "-fsanitize=address,undefined");
const bare = build(
  "supervise-init-bare",
  [...common, ...sourcesIn("src/bare")],
  ...["-static", "-nostdlib", "-fno-builtin", "-fno-stack-protector", "-U_FORTIFY_SOURCE"],
  ...["-Wl,-e,init_entry"],
  ...["-fsanitize=undefined", "-fsanitize-undefined-trap-on-error"],
);
const passed = [
  test(
    checked,
    files((name) => !OTHERS.has(name)),
  ),
  test(
    bare,
    files((name) => BARE.has(name)),
  ),
];
process.exitCode = passed.every(Boolean) ? 0 : 1;
