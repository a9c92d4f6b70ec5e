// Compiles the addon into build/Release. Node's own headers are used where they are installed beside it, so that nothing is downloaded.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const packageDirectory = dirname(dirname(fileURLToPath(import.meta.url)));
const prefix = dirname(dirname(process.execPath));
const headers = existsSync(join(prefix, "include/node/node_api.h")) ? [`--nodedir=${prefix}`] : [];
const gyp = createRequire(import.meta.url).resolve("node-gyp/bin/node-gyp.js");
const { status } = spawnSync(
  process.execPath,
  [gyp, "rebuild", "--loglevel=warn", ...headers, ...process.argv.slice(2)],
  { cwd: packageDirectory, stdio: "inherit" },
);
process.exitCode = status ?? 1;
