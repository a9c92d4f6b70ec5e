"use strict";
// node image-cache.cjs IMAGE ARGS...: runs the image once with ARGS and keeps what V8 compiled on the way beside it in ID.cache,
// where ID is what the last line of the image says.
const { readFileSync, writeFileSync } = require("node:fs");
const { dirname, join } = require("node:path");
const { Script } = require("node:vm");

const [filename, ...words] = process.argv.slice(2);
const folder = dirname(filename);
const source = readFileSync(filename, "utf8");
const script = new Script(source, { filename });
const loaded = { exports: {} };
script.runInThisContext()(
  loaded.exports,
  require("node:module").createRequire(filename),
  loaded,
  filename,
  folder,
);
process.argv.splice(2, process.argv.length - 2, ...words);
process.once("exit", () =>
  writeFileSync(join(folder, `${source.slice(-17).trim()}.cache`), script.createCachedData()),
);
loaded.exports.runCommand();
