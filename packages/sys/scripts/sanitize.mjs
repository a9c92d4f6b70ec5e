// Builds the addon with AddressSanitizer and UndefinedBehaviorSanitizer into build/sanitize, and runs this package's tests on it.
// Any report ends the process that made it with code 99 and leaves a file; both fail this script. The compiled tests must be there.
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const packageDirectory = dirname(dirname(fileURLToPath(import.meta.url)));
const work = join(packageDirectory, "build/sanitize");
const tests = join(packageDirectory, "dist/tests");

function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { stdio: "inherit", ...options });
  if (error) throw error;
  return status ?? 1;
}

/** node-gyp builds beside binding.gyp, and the ordinary build there has to stay as it is. */
function build() {
  mkdirSync(work, { recursive: true });
  for (const source of ["binding.gyp", "native", "package.json"]) {
    cpSync(join(packageDirectory, source), join(work, source), { recursive: true });
  }
  const prefix = dirname(dirname(process.execPath));
  const headers = existsSync(join(prefix, "include/node/node_api.h"))
    ? [`--nodedir=${prefix}`]
    : [];
  const gyp = createRequire(import.meta.url).resolve("node-gyp/bin/node-gyp.js");
  const args = ["rebuild", "--loglevel=warn", ...headers, "--", "-Dsanitize=address,undefined"];
  return run(process.execPath, [gyp, ...args], { cwd: work });
}

/** Node itself is not instrumented, so the runtime has to be loaded before all else; gcc knows where its own is. */
function runtime(name) {
  const { stdout } = spawnSync("gcc", [`-print-file-name=${name}`], { encoding: "utf8" });
  const path = stdout?.trim() ?? "";
  if (!path.startsWith("/"))
    throw new Error(`cannot find "${name}": is gcc with its sanitizers installed? (ENOENT)`);
  return path;
}

function test() {
  // Open to all, for some tests run as another user.
  const reports = mkdtempSync(join(work, "reports-"));
  chmodSync(reports, 0o777);
  const common = `log_path=${reports}/report:exitcode=99`;
  const status = run(process.execPath, ["--test", "--test-timeout=120000", tests], {
    env: {
      ...process.env,
      LD_PRELOAD: `${runtime("libasan.so")} ${runtime("libubsan.so")}`,
      // Leaks are not looked for: V8 and Node leave much to the end of the process on purpose, and would drown ours.
      ASAN_OPTIONS: `${common}:detect_leaks=0:detect_stack_use_after_return=0:abort_on_error=0`,
      UBSAN_OPTIONS: `${common}:print_stacktrace=1`,
      SUPERVISE_SYS_ADDON: join(work, "build/Release/supervise_sys.node"),
    },
  });
  const files = readdirSync(reports);
  for (const file of files) process.stderr.write(`${readFileSync(join(reports, file), "utf8")}\n`);
  rmSync(reports, { recursive: true, force: true });
  if (files.length > 0)
    process.stderr.write(`cannot pass "packages/sys": ${files.length} sanitizer reports\n`);
  return status === 0 && files.length > 0 ? 1 : status;
}

process.exitCode = build() || test();
