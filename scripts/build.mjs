// Makes everything that runs: the addon, the init, the test fixtures, the compiled packages with their tests, the start-up image.
// Each step does only what has changed since the last time.
import { existsSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { install } from "./install.mjs";
import { filesBelow, ifMain, rooms, root, run } from "./workspace.mjs";

function step(what, command, args, options) {
  console.log(`build: ${what}`);
  if (!run(command, args, options).ok)
    throw new Error(`cannot build: ${command} ${args.join(" ")} failed`);
}

const changedMs = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

function buildAddon() {
  const directory = join(root, "packages/sys");
  const recipe = join(directory, "binding.gyp");
  const sources = [recipe, ...filesBelow(join(directory, "native"), ".c", ".h")];
  const results = ["supervise_sys.node", "supervise_apply"].map((name) =>
    join(directory, "build/Release", name),
  );
  const builtMs = Math.min(...results.map(changedMs));
  if (Math.max(...sources.map(changedMs)) < builtMs) return;
  step("addon of packages/sys", process.execPath, [join(directory, "scripts/build.mjs")]);
}

/** tsc believes its notes, not the folder: where the result was deleted, the notes have to go too. */
function dropStaleNotes() {
  for (const room of rooms()) {
    if (!existsSync(join(room.directory, "dist", "index.js")))
      rmSync(join(room.directory, "tsconfig.tsbuildinfo"), { force: true });
  }
}

/** Throws at the first step that fails; the step has printed why. */
export function build({ tests = true } = {}) {
  buildAddon();
  step("supervise-init of packages/init", process.execPath, ["packages/init/scripts/build.mjs"]);
  if (tests)
    step("programs of packages/testkit", process.execPath, [
      "packages/testkit/scripts/build-native.mjs",
    ]);
  dropStaleNotes();
  const projects = tests ? ["tsconfig.json", "tsconfig.tests.json"] : ["tsconfig.json"];
  step(`tsc -b ${projects.join(" ")}`, "tsc", ["-b", ...projects]);
  if (existsSync(join(root, "scripts/image.mjs")))
    step("start-up image", process.execPath, ["scripts/image.mjs"]);
}

await ifMain(import.meta.url, () => {
  install();
  build();
});
