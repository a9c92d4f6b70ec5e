/**
 * Makes the start-up form of the commands from what `tsc -b` compiled: apps/supervise/dist/image/up.cjs, one file for everything that `up` needs at
 * once, main.cjs for all verbs, beside them one file for each part that is loaded later and is heavy, and V8's compiled code for the first two. The same
 * for apps/daemond.
 */
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { liveOnce } from "./image-daemond.mjs";
import { statusOnce, upOnce } from "./image-supervise.mjs";

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
    file: "pidusage.cjs",
    entry: join(root, "packages/process/node_modules/pidusage/index.js"),
    imported: /^pidusage$/,
    from: /packages\/process\/dist/,
  },
  {
    file: "dashboard.cjs",
    entry: join(root, "apps/dashboard/dist/index.js"),
    imported: /^@supervise\/dashboard$/,
    from: /apps\/supervise\/dist/,
  },
  {
    file: "attaching.cjs",
    entry: join(root, "packages/supervisor/dist/terminals/attaching.js"),
    imported: /^\.\/terminals\/attaching\.js$/,
    from: /packages\/supervisor\/dist/,
  },
  {
    file: "attach-session.cjs",
    entry: join(root, "apps/supervise/dist/verbs/attach/session.js"),
    imported: /^\.\/attach\/session\.js$/,
    from: /apps\/supervise\/dist\/verbs/,
  },
  {
    file: "log-reading.cjs",
    entry: join(root, "packages/log/dist/reading/reading.js"),
    imported: /^\.\/reading\/reading\.js$/,
    from: /packages\/log\/dist/,
  },
  {
    // Of a thread, which is begun with this file.
    file: "file-thread.cjs",
    entry: join(root, "packages/log/dist/threads/file-thread.js"),
    imported: /^\.\/file-thread\.js$/,
    from: /packages\/log\/dist\/threads/,
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
  // The command is linked against its own files; a banner keeps import.meta.url meaningful in them, where it is asked for.
  define: { "import.meta.url": "__image.url", "import.meta.dirname": "__dirname" },
  banner: {
    js: 'const __image = { get url() { return require("node:url").pathToFileURL(__filename).href; } };',
  },
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
  // yoga decodes its own code where there is no fetch, which in Node brings an HTTP client along: 20 ms and more, in which no line is shown.
  define: { "process.env.NODE_ENV": '"production"', fetch: "undefined" },
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

/** An empty folder beside the images of an app: they may be at work while new ones are made. */
function besideOf(app) {
  const folder = join(root, "apps", app, "dist/image.new");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Puts what was made there in place of the images of the app. Returns their folder. */
function replaceBy(beside) {
  const folder = beside.slice(0, -".new".length);
  const old = `${folder}.old`;
  rmSync(old, { recursive: true, force: true });
  if (existsSync(folder)) renameSync(folder, old);
  renameSync(beside, folder);
  rmSync(old, { recursive: true, force: true });
  return folder;
}

/** One image, bundled, without V8's compiled code yet. Returns its file. */
async function bundle(entry, outfile, parts) {
  await build({
    ...shared,
    entryPoints: [entry],
    outfile,
    plugins: [apart(parts)],
    minifySyntax: true,
    minifyWhitespace: true,
  });
  // A function already, as node:module makes one of a module: nobody has to put half a megabyte together anew at each start.
  const source = `(function (exports, require, module, __filename, __dirname) {${readFileSync(outfile, "utf8")}})\n`;
  // V8 takes compiled code for that of any source of the same length, so the source names the file that is its own.
  const id = createHash("sha256").update(source).digest("hex").slice(0, 16);
  writeFileSync(outfile, `${source}//# image ${id}\n`);
  return outfile;
}

async function bundleParts(folder, parts) {
  for (const { file, module, functions = [], entry } of parts) {
    const own = { ...shared, entryPoints: [entry], minify: true, keepNames: true };
    if (module === undefined) await build({ ...own, outfile: join(folder, file) });
    else {
      await build({ ...own, ...asModule, outfile: join(folder, module) });
      writeFileSync(join(folder, file), standIn(module, functions));
    }
  }
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
async function warm(image, live) {
  const directory = mkdtempSync(join(tmpdir(), "image-"));
  try {
    await live([process.execPath, join(root, "scripts/image-cache.cjs"), image], directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  const { size } = statSync(image);
  process.stdout.write(`${relative(root, image)}: ${Math.round(size / 1024)} KB\n`);
}

const dist = join(root, "apps/supervise/dist");
let supervise = besideOf("supervise");
const up = await bundle(join(dist, "image-up.js"), join(supervise, "up.cjs"), SUPERVISE_PARTS);
await bundle(join(dist, "image.js"), join(supervise, "main.cjs"), SUPERVISE_PARTS);
await bundleParts(supervise, SUPERVISE_PARTS);
keepTerminals(supervise);
await warm(up, upOnce);
supervise = replaceBy(supervise);
await warm(join(supervise, "main.cjs"), statusOnce);

const daemond = besideOf("daemond");
const daemon = await bundle(
  join(root, "apps/daemond/dist/image.js"),
  join(daemond, "main.cjs"),
  DAEMOND_PARTS,
);
await bundleParts(daemond, DAEMOND_PARTS);
await warm(daemon, liveOnce);
replaceBy(daemond);
