// Compiles each fixtures/NAME.c and native/NAME.c of this package into build/NAME, and each tests/fixtures/NAME.c of the other packages into their
// build/fixtures/NAME, where it is newer than the result.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const home = dirname(dirname(fileURLToPath(import.meta.url)));
const flags = ["-std=c17", "-D_GNU_SOURCE", "-O1", "-pthread", "-Wall", "-Wextra", "-Werror"];
const changedMs = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

function compileFolder(folder, results) {
  if (!existsSync(folder)) return;
  const files = readdirSync(folder);
  const headersMs = files
    .filter((name) => name.endsWith(".h"))
    .map((name) => changedMs(join(folder, name)));
  for (const file of files.filter((name) => name.endsWith(".c"))) {
    mkdirSync(results, { recursive: true });
    const source = join(folder, file);
    const result = join(results, file.slice(0, -2));
    if (changedMs(result) > Math.max(changedMs(source), ...headersMs)) continue;
    // Made aside, then renamed: a test that runs meanwhile never executes half a file (nor gets ETXTBSY).
    const aside = `${result}.${process.pid}`;
    const compiled = spawnSync(process.env.CC ?? "cc", [...flags, "-o", aside, source, "-lutil"], {
      stdio: "inherit",
    });
    if (compiled.error) throw new Error(`cannot compile "${file}": ${compiled.error.message}`);
    if (compiled.status !== 0) process.exit(1);
    renameSync(aside, result);
  }
}

for (const folder of ["fixtures", "native"]) compileFolder(join(home, folder), join(home, "build"));
for (const room of readdirSync(dirname(home))) {
  const other = join(dirname(home), room);
  compileFolder(join(other, "tests/fixtures"), join(other, "build/fixtures"));
}
