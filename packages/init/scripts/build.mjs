// Compiles src/*.c into bin/supervise-init: static, without what is not used, small. Where the C library has no static form it is linked
// dynamically, with a word about it.
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const home = dirname(dirname(fileURLToPath(import.meta.url)));
const result = join(home, "bin/supervise-init");
const sources = readdirSync(join(home, "src"))
  .filter((name) => /\.[ch]$/.test(name))
  .map((name) => join(home, "src", name));
const changedMs = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

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
  "-s",
];

function compile(...more) {
  // Made aside, then renamed: nobody executes half a file, and who runs the old one goes on undisturbed.
  const aside = `${result}.${process.pid}`;
  const program = process.env.CC ?? "cc";
  const units = sources.filter((path) => path.endsWith(".c"));
  const { status, error, stderr } = spawnSync(program, [...flags, ...more, "-o", aside, ...units], {
    encoding: "utf8",
  });
  if (error) throw new Error(`cannot compile "supervise-init": ${error.message}`);
  if (status === 0) renameSync(aside, result);
  else rmSync(aside, { force: true });
  return status === 0 ? null : stderr;
}

const newestMs = Math.max(...[...sources, fileURLToPath(import.meta.url)].map(changedMs));
if (changedMs(result) <= newestMs) {
  mkdirSync(dirname(result), { recursive: true });
  if (compile("-static") !== null) {
    const fault = compile();
    if (fault !== null) {
      process.stderr.write(fault);
      process.exitCode = 1;
    } else
      console.log(
        'packages/init: no static C library is installed; "supervise-init" needs the shared one',
      );
  }
}
