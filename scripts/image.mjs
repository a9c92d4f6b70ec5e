/**
 * Makes the start-up form of the command from what `tsc -b` compiled: apps/supervise/dist/image/main.cjs, one file for everything that `up`
 * needs at once, beside it one file for each part that is loaded later and is heavy, and V8's compiled code for the first.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const app = join(root, "apps/supervise");
const folder = join(app, "dist/image");

/** Loaded on demand: the entry of each and the name of its file. */
const PARTS = [
  {
    file: "configuration.cjs",
    entry: join(root, "packages/config/dist/load.js"),
    imported: /^\.\/load\.js$/,
    from: /packages\/config\/dist/,
  },
  {
    file: "json-schema.cjs",
    entry: join(root, "packages/config/dist/json-schema.js"),
    imported: /^\.\/json-schema\.js$/,
    from: /packages\/config\/dist/,
  },
  {
    file: "execa.cjs",
    entry: join(root, "packages/supervisor/dist/execa.js"),
    imported: /^\.\/execa\.js$/,
    from: /packages\/supervisor\/dist/,
  },
];

/** Turns the imports that begin a part into a require of that part's own file. */
const parts = {
  name: "parts",
  setup(plugin) {
    for (const { file, imported, from } of PARTS) {
      plugin.onResolve({ filter: imported }, (found) =>
        found.kind === "dynamic-import" && from.test(found.resolveDir)
          ? { path: `./${file}`, external: true }
          : undefined,
      );
    }
  },
};

const shared = {
  bundle: true,
  platform: "node",
  target: "node20.19",
  format: "cjs",
  // The command is linked against its own files; a banner keeps import.meta.url meaningful in them.
  define: { "import.meta.url": "__imageUrl", "import.meta.dirname": "__dirname" },
  banner: { js: 'const __imageUrl = require("node:url").pathToFileURL(__filename).href;' },
  supported: { "dynamic-import": false },
  legalComments: "linked",
  logLevel: "warning",
  absWorkingDir: root,
};

mkdirSync(folder, { recursive: true });
await build({
  ...shared,
  entryPoints: [join(app, "dist/image.js")],
  outfile: join(folder, "main.cjs"),
  plugins: [parts],
  minifyWhitespace: true,
});
for (const { file, entry } of PARTS)
  await build({
    ...shared,
    entryPoints: [entry],
    outfile: join(folder, file),
    minify: true,
    keepNames: true,
  });

for (const file of readdirSync(folder)) if (file.endsWith(".cache")) rmSync(join(folder, file));
// V8 takes compiled code for that of any source of the same length, so the source names the file that is its own.
const main = join(folder, "main.cjs");
const source = readFileSync(main);
const id = createHash("sha256").update(source).digest("hex").slice(0, 16);
appendFileSync(main, `//# image ${id}\n`);
const warm = mkdtempSync(join(tmpdir(), "supervise-image-"));
try {
  const file = join(warm, "supervise.yaml");
  // A restart is among what must be fast, so one is among what is compiled.
  writeFileSync(
    file,
    `name: warm
services:
  once: { type: oneshot, command: [/bin/true] }
  again:
    command: [/bin/sh, -c, "mkdir again || exit 0; exit 1"]
    working_dir: ${JSON.stringify(warm)}
    restart: on-failure
    restart_delay: 0s
`,
  );
  const run = spawnSync(
    process.execPath,
    [
      join(root, "scripts/image-cache.cjs"),
      folder,
      "up",
      "-f",
      file,
      "--runtime-dir",
      join(warm, "run"),
    ],
    {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, XDG_CACHE_HOME: join(warm, "cache") },
      encoding: "utf8",
    },
  );
  if (run.status !== 0)
    throw new Error(`cannot warm the image: exit code ${run.status}\n${run.stdout}${run.stderr}`);
} finally {
  rmSync(warm, { recursive: true, force: true });
}
process.stdout.write(`image: ${Math.round(statSync(join(folder, "main.cjs")).size / 1024)} KB\n`);
