/**
 * Makes the start-up form of the commands from what `tsc -b` compiled: apps/supervise/dist/image/main.cjs, one file for everything that `up`
 * needs at once, beside it one file for each part that is loaded later and is heavy, and V8's compiled code for the first. The same for apps/daemond.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  appendFileSync,
  copyFileSync,
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
import { liveOnce } from "./image-daemond.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** Loaded on demand by `supervise`: the entry of each and the name of its file. */
const SUPERVISE_PARTS = [
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
    file: "proposal.cjs",
    entry: join(root, "packages/config/dist/proposal/propose.js"),
    imported: /^\.\/proposal\/propose\.js$/,
    from: /packages\/config\/dist/,
  },
  {
    file: "execa.cjs",
    entry: join(root, "packages/supervisor/dist/execa.js"),
    imported: /^\.\/execa\.js$/,
    from: /packages\/supervisor\/dist/,
  },
  {
    file: "dashboard.cjs",
    entry: join(root, "apps/dashboard/dist/index.js"),
    imported: /^@supervise\/dashboard$/,
    from: /apps\/supervise\/dist/,
  },
  {
    file: "log-reading.cjs",
    entry: join(root, "packages/log/dist/reading/reading.js"),
    imported: /^\.\/reading\/reading\.js$/,
    from: /packages\/log\/dist/,
  },
  {
    file: "file-watch.cjs",
    entry: join(root, "apps/supervise/dist/up/file-watch/file-watch.js"),
    imported: /^\.\/file-watch\.js$/,
    from: /apps\/supervise\/dist\/up\/file-watch/,
  },
  {
    // ink is an ES module that waits for another at its top level, so it stays one.
    file: "screen.cjs",
    module: "screen.mjs",
    functions: ["openScreen"],
    entry: join(root, "apps/supervise/dist/up/screen/screen.js"),
    imported: /^\.\/screen\.js$/,
    from: /apps\/supervise\/dist\/up\/screen/,
  },
];
const DAEMOND_PARTS = [
  {
    file: "measure.cjs",
    entry: join(root, "apps/daemond/dist/measure/measure.js"),
    imported: /^\.\/measure\/measure\.js$/,
    from: /apps\/daemond\/dist/,
  },
];

/** Turns the imports that begin a part into a require of that part's own file. */
const apart = (parts) => ({
  name: "parts",
  setup(plugin) {
    for (const { file, imported, from } of parts) {
      plugin.onResolve({ filter: imported }, (found) =>
        found.kind === "dynamic-import" && from.test(found.resolveDir)
          ? { path: `./${file}`, external: true }
          : undefined,
      );
    }
  },
});

const shared = {
  bundle: true,
  platform: "node",
  target: "node20.19",
  format: "cjs",
  // The command is linked against its own files; a banner keeps import.meta.url meaningful in them.
  define: { "import.meta.url": "__imageUrl", "import.meta.dirname": "__dirname" },
  banner: { js: 'const __imageUrl = require("node:url").pathToFileURL(__filename).href;' },
  supported: { "dynamic-import": false },
  // Of widgets of blessed that are not used.
  external: ["term.js", "pty.js"],
  legalComments: "linked",
  logLevel: "warning",
  absWorkingDir: root,
};

/** For a part that stays an ES module. */
const asModule = {
  format: "esm",
  define: { "process.env.NODE_ENV": '"production"' },
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
  supported: {},
  // ink asks for it only where DEV is "true", for work on a screen.
  plugins: [
    {
      name: "no-devtools",
      setup(plugin) {
        plugin.onResolve({ filter: /^react-devtools-core$/ }, ({ path }) => ({
          path,
          namespace: "none",
        }));
        plugin.onLoad({ filter: /./, namespace: "none" }, () => ({
          contents: "export default {};",
        }));
      },
    },
  ],
};

/** What is required in place of a module: its functions, asynchronous as they are. */
const standIn = (module, functions) =>
  functions
    .map(
      (name) =>
        `exports.${name} = async (...given) => (await import("./${module}")).${name}(...given);\n`,
    )
    .join("");

/** The folder of an app's image: bundled, without V8's compiled code yet. */
async function bundle(app, parts) {
  const folder = join(root, "apps", app, "dist/image");
  mkdirSync(folder, { recursive: true });
  await build({
    ...shared,
    entryPoints: [join(root, "apps", app, "dist/image.js")],
    outfile: join(folder, "main.cjs"),
    plugins: [apart(parts)],
    minifyWhitespace: true,
  });
  for (const { file, module, functions = [], entry } of parts) {
    const own = { ...shared, entryPoints: [entry], minify: true, keepNames: true };
    if (module === undefined) await build({ ...own, outfile: join(folder, file) });
    else {
      await build({ ...own, ...asModule, outfile: join(folder, module) });
      writeFileSync(join(folder, file), standIn(module, functions));
    }
  }
  for (const file of readdirSync(folder)) if (file.endsWith(".cache")) rmSync(join(folder, file));
  // V8 takes compiled code for that of any source of the same length, so the source names the file that is its own.
  const main = join(folder, "main.cjs");
  const id = createHash("sha256").update(readFileSync(main)).digest("hex").slice(0, 16);
  appendFileSync(main, `//# image ${id}\n`);
  return folder;
}

/** What blessed falls back on where no terminal is described: it looks for it in "../usr". */
function keepTerminals(folder) {
  const from = join(root, "apps/dashboard/node_modules/blessed/usr");
  const to = join(folder, "../usr");
  mkdirSync(to, { recursive: true });
  for (const name of ["linux", "xterm", "xterm-256color"])
    copyFileSync(join(from, name), join(to, name));
}

/** Has an image live once, in a directory of its own, so that what it compiled is kept. */
async function warm(app, folder, live) {
  const directory = mkdtempSync(join(tmpdir(), `${app}-image-`));
  try {
    await live([process.execPath, join(root, "scripts/image-cache.cjs"), folder], directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  const { size } = statSync(join(folder, "main.cjs"));
  process.stdout.write(`image of ${app}: ${Math.round(size / 1024)} KB\n`);
}

function upOnce([command, ...words], directory) {
  const file = join(directory, "supervise.yaml");
  // A restart is among what must be fast, so one is among what is compiled.
  writeFileSync(
    file,
    `name: warm
services:
  once: { type: oneshot, command: [/bin/true] }
  again:
    command: [/bin/sh, -c, "mkdir again || exit 0; exit 1"]
    working_dir: ${JSON.stringify(directory)}
    restart: on-failure
    restart_delay: 0s
`,
  );
  const run = spawnSync(
    command,
    [...words, "up", "-f", file, "--runtime-dir", join(directory, "run")],
    {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, XDG_CACHE_HOME: join(directory, "cache") },
      encoding: "utf8",
    },
  );
  if (run.status !== 0)
    throw new Error(`cannot warm the image: exit code ${run.status}\n${run.stdout}${run.stderr}`);
}

const supervise = await bundle("supervise", SUPERVISE_PARTS);
keepTerminals(supervise);
await warm("supervise", supervise, upOnce);
await warm("daemond", await bundle("daemond", DAEMOND_PARTS), liveOnce);
