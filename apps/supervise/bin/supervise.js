#!/usr/bin/env node
"use strict";
// Starts one of the images that `npm run build` leaves in dist/image: "up" alone, or the whole command, in one file, with V8's compiled code beside it.
// docs/design.md says why: as separate ES modules the same code takes twice as long to start.
const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const { Script } = require("node:vm");

const folder = join(__dirname, "..", "dist", "image");
const filename = join(folder, process.argv[2] === "up" ? "up.cjs" : "main.cjs");

function read(path, encoding) {
  try {
    return readFileSync(path, encoding);
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

const source = read(filename, "utf8");
if (source === undefined) {
  process.stderr.write(
    `supervise: cannot find "${filename}": the program has not been built (ENOENT)\n  hint: run npm run build\n`,
  );
  process.exit(1);
}
const script = new Script(source, {
  filename,
  // Its last line names it: "//# image 0123456789abcdef".
  cachedData: read(join(folder, `${source.slice(-17).trim()}.cache`)),
});
const loaded = { exports: {} };
script.runInThisContext()(
  loaded.exports,
  // As one of its own would, which takes node:module.
  (name) => require(name.startsWith("./") ? join(folder, name) : name),
  loaded,
  filename,
  folder,
);
loaded.exports.runCommand();
