// Compiles each fixtures/NAME.c and native/NAME.c into build/NAME, where it is newer than the result.
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, renameSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const home = dirname(dirname(fileURLToPath(import.meta.url)));
const results = join(home, "build");
const flags = ["-std=c17", "-D_GNU_SOURCE", "-O1", "-Wall", "-Wextra", "-Werror"];
const changedMs = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

mkdirSync(results, { recursive: true });
const headerMs = changedMs(join(home, "fixtures", "fixture.h"));
for (const folder of ["fixtures", "native"]) {
  for (const file of readdirSync(join(home, folder)).filter((name) => name.endsWith(".c"))) {
    const source = join(home, folder, file);
    const result = join(results, file.slice(0, -2));
    if (changedMs(result) > Math.max(changedMs(source), headerMs)) continue;
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
