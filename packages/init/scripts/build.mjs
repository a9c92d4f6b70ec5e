// Compiles src/*.c into bin/supervise-init: static, small, without what is not used, and without a C library on the processors that
// src/bare knows (x86-64, arm64). Elsewhere with a static C library; where there is none, with the shared one, and a word about it.
//
//   node scripts/build.mjs [--libc none|static|shared] [--out FILE]    CC names the compiler: CC=musl-gcc with --libc static
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values: asked } = parseArgs({
  options: { libc: { type: "string" }, out: { type: "string" } },
});
const home = dirname(dirname(fileURLToPath(import.meta.url)));
const result = resolve(asked.out ?? join(home, "bin/supervise-init"));
const compiler = process.env.CC ?? "cc";

const sourcesIn = (folder) =>
  readdirSync(folder)
    .filter((name) => /\.[ch]$/.test(name))
    .map((name) => join(folder, name));
const common = sourcesIn(join(home, "src"));
const bare = sourcesIn(join(home, "src/bare"));

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
/**
 * Nothing of the C library but its headers: no stack protector and no checked variants, which would call it. The entry is that of
 * src/entry.c, where the first instructions block all signals.
 */
const alone = [
  "-static",
  "-nostdlib",
  "-fno-builtin",
  "-fno-stack-protector",
  "-U_FORTIFY_SOURCE",
  "-Wl,-e,init_entry",
];

const ways = [
  { libc: "none", args: alone, sources: [...common, ...bare] },
  // Not position-independent, as src/pages.c rests on it.
  { libc: "static", args: ["-static", "-no-pie", "-DLET_GO_OF_PAGES"], sources: common },
  { libc: "shared", args: [], sources: common },
].filter(({ libc }) => asked.libc === undefined || libc === asked.libc);
if (ways.length === 0)
  throw new Error(`cannot link the C library "${asked.libc}": it must be none, static or shared`);

/** Null, or what the compiler said. */
function compile({ args, sources }) {
  // Made aside, then renamed: nobody executes half a file, and who runs the old one goes on undisturbed.
  const aside = `${result}.${process.pid}`;
  const units = sources.filter((path) => path.endsWith(".c"));
  const { status, error, stderr } = spawnSync(
    compiler,
    [...flags, ...args, "-o", aside, ...units],
    { encoding: "utf8" },
  );
  if (error) throw new Error(`cannot compile "supervise-init": ${error.message}`);
  if (status === 0) renameSync(aside, result);
  else rmSync(aside, { force: true });
  return status === 0 ? null : stderr;
}

function build() {
  const faults = [];
  for (const way of ways) {
    const fault = compile(way);
    if (fault === null) {
      const why = faults[0]?.match(/^.*(?:error|undefined reference).*$/m)?.[0];
      if (why)
        console.log(
          `packages/init: supervise-init was linked with the ${way.libc} C library: ${why}`,
        );
      return;
    }
    faults.push(fault);
  }
  // The first way is the one that is meant to work; a fault in the sources shows in every one.
  process.stderr.write(faults[0]);
  process.exitCode = 1;
}

const changedMs = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const newestMs = Math.max(...[...common, ...bare, fileURLToPath(import.meta.url)].map(changedMs));
if (asked.libc !== undefined || changedMs(result) <= newestMs) {
  mkdirSync(dirname(result), { recursive: true });
  build();
}
