// Compiles src/*.c into bin/supervise-init: static, without what is not used, small. Where the C library has no static form it is linked
// dynamically, with a word about it. Where musl-gcc is at hand, bin/supervise-init-musl is made as well: the same, a twentieth of the size.
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const home = dirname(dirname(fileURLToPath(import.meta.url)));
const sources = readdirSync(join(home, "src"))
  .filter((name) => /\.[ch]$/.test(name))
  .map((name) => join(home, "src", name));
const units = sources.filter((path) => path.endsWith(".c"));
const changedMs = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const newestMs = Math.max(...[...sources, fileURLToPath(import.meta.url)].map(changedMs));

const flags = [
  "-std=c17",
  "-D_GNU_SOURCE",
  "-Os",
  "-Wall",
  "-Wextra",
  "-Werror",
  "-fvisibility=hidden",
  "-ffunction-sections",
  "-fdata-sections",
  "-fno-asynchronous-unwind-tables",
  "-Wl,--gc-sections",
  // src/entry.c: signals are blocked before the C library has set itself up.
  "-Wl,-e,init_entry",
  "-s",
];

/** Null, or what the compiler said. */
function compile(program, name, ...more) {
  const result = join(home, "bin", name);
  // Made aside, then renamed: nobody executes half a file, and who runs the old one goes on undisturbed.
  const aside = `${result}.${process.pid}`;
  const { status, error, stderr } = spawnSync(program, [...flags, ...more, "-o", aside, ...units], {
    encoding: "utf8",
  });
  if (status === 0) renameSync(aside, result);
  else rmSync(aside, { force: true });
  if (error) return `cannot compile "${name}": ${error.message}\n`;
  return status === 0 ? null : stderr;
}

const has = (program) => spawnSync(program, ["--version"], { stdio: "ignore" }).status === 0;
const isOld = (name) => changedMs(join(home, "bin", name)) <= newestMs;

mkdirSync(join(home, "bin"), { recursive: true });
if (isOld("supervise-init")) {
  const program = process.env.CC ?? "cc";
  let fault = compile(program, "supervise-init", "-static");
  if (fault !== null) {
    fault = compile(program, "supervise-init");
    if (fault === null)
      console.log(
        'packages/init: there is no static C library here; "supervise-init" needs the shared one',
      );
  }
  if (fault !== null) {
    process.stderr.write(fault);
    process.exitCode = 1;
  }
}
if (isOld("supervise-init-musl") && has("musl-gcc")) {
  const fault = compile("musl-gcc", "supervise-init-musl", "-static");
  if (fault !== null) process.stderr.write(fault);
}
