// Builds supervise-init with AddressSanitizer and UndefinedBehaviorSanitizer (and the C library, which these need) into build/sanitize, and
// runs the compiled tests of this package on it, or those named as arguments. A report ends the process that made it with code 99 and
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

/** The tests that look at what the program is made of, or how few resources it needs, are of the ordinary build alone. */
const names = process.argv.slice(2);
const tests =
  names.length > 0
    ? names
    : readdirSync(join(home, "dist/tests"))
        .filter((name) => name.endsWith(".test.js"))
        .map((name) => join(home, "dist/tests", name));

function build(name, sources, ...flags) {
  const binary = join(work, name);
  const { status, error } = spawnSync(
    process.env.CC ?? "cc",
    ["-std=c17", "-D_GNU_SOURCE", "-g", "-O1", "-Wall", "-Wextra", "-Werror"].concat(
      ["-fno-omit-frame-pointer", "-Wl,-e,init_entry", ...flags, "-o", binary],
      sources,
    ),
    { stdio: "inherit" },
  );
  if (error) throw error;
  if (status !== 0) throw new Error(`cannot compile "${name}"`);
  return binary;
}

function test(binary) {
  // Open to all, for some tests run as another user.
  const reports = mkdtempSync(join(work, "reports-"));
  chmodSync(reports, 0o777);
  const common = `log_path=${reports}/report:exitcode=99`;
  const { status } = spawnSync(process.execPath, ["--test", "--test-timeout=300000", ...tests], {
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
  const files = readdirSync(reports);
  for (const file of files) process.stderr.write(`${readFileSync(join(reports, file), "utf8")}\n`);
  rmSync(reports, { recursive: true, force: true });
  if (files.length > 0)
    process.stderr.write(`cannot pass "packages/init": ${files.length} sanitizer reports\n`);
  return status === 0 && files.length === 0;
}

mkdirSync(work, { recursive: true });
const common = sourcesIn("src");
const checked = build("supervise-init", common, "-fsanitize=address,undefined");
const bare = build(
  "supervise-init-bare",
  [...common, ...sourcesIn("src/bare")],
  ...["-static", "-nostdlib", "-fno-builtin", "-fno-stack-protector", "-U_FORTIFY_SOURCE"],
  ...["-fsanitize=undefined", "-fsanitize-undefined-trap-on-error"],
);
process.exitCode = [checked, bare].map(test).every(Boolean) ? 0 : 1;
