// Import walls: who may import whom (docs/design.md), what only some rooms may do, no cycles.
import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { importsOf, onlyCode, packageOf } from "./imports.mjs";
import { filesBelow, ifMain, rooms, report, root } from "./workspace.mjs";

/** The rooms that the source of a room may import. A room that is not named here may not exist. */
const EDGES = {
  "@supervise/model": [],
  "@supervise/config": ["@supervise/model"],
  "@supervise/control": ["@supervise/model"],
  "@supervise/sys": ["@supervise/model"],
  "@supervise/process": ["@supervise/model", "@supervise/sys"],
  "@supervise/log": ["@supervise/model", "@supervise/sys"],
  "@supervise/supervisor": [
    "@supervise/model",
    "@supervise/sys",
    "@supervise/process",
    "@supervise/log",
  ],
  // The model for its syslog messages alone: the daemon that writes them and the supervisor that reads them share one pure codec.
  "@supervise/daemon": ["@supervise/model", "@supervise/sys"],
  "@supervise/init": [],
  // The proof that the kit is enough.
  daemond: ["@supervise/daemon"],
  "@supervise/testkit": [],
  "@supervise/dashboard": ["@supervise/model", "@supervise/control", "@supervise/process"],
  supervise: [
    "@supervise/model",
    "@supervise/config",
    "@supervise/control",
    "@supervise/sys",
    "@supervise/process",
    "@supervise/log",
    "@supervise/supervisor",
    "@supervise/daemon",
    "@supervise/dashboard",
  ],
};

/** Imports nothing at all, not even Node. */
const PURE = new Set(["@supervise/model"]);
const TESTKIT = "@supervise/testkit";
/** The kit of authors of daemons ends the daemon's process: at the deadline of its shutdown, and the parent when the child is ready. */
const MAY_EXIT = "@supervise/daemon";
const APPS_ONLY = /\bprocess\.(?:exit|exitCode|abort|stdout|stderr)\b|\bconsole\./g;
const NATIVE = /\bprocess\.dlopen\b|\bnode-gyp-build\b/;

/** Every breach below `from`, one line each. */
export function findBreaches(from = root) {
  const all = rooms(from);
  const names = new Set(all.map((room) => room.name));
  return all.flatMap((room) => {
    const source = join(room.directory, "src");
    const sources = filesBelow(source, ".ts", ".tsx");
    const tests = filesBelow(join(room.directory, "tests"), ".ts", ".tsx");
    const say = (path, message) => `${relative(from, path)}: ${message}`;
    const breaches = [];
    if (!EDGES[room.name])
      breaches.push(
        `${room.folder}: room "${room.name}" has no entry in the table of scripts/walls.mjs`,
      );
    for (const path of sources) {
      const text = readFileSync(path, "utf8");
      for (const { specifier } of importsOf(text)) {
        const refusal = refuse(room, names, source, path, specifier);
        if (refusal) breaches.push(say(path, refusal));
      }
      breaches.push(...forbiddenWords(room, text).map((message) => say(path, message)));
      if (path === join(source, "index.ts"))
        breaches.push(...indexOnlyReexports(text).map((message) => say(path, message)));
    }
    for (const path of tests) {
      for (const { specifier } of importsOf(readFileSync(path, "utf8"))) {
        const target = packageOf(specifier);
        if (
          target &&
          names.has(target) &&
          target !== room.name &&
          target !== TESTKIT &&
          !EDGES[room.name]?.includes(target)
        ) {
          breaches.push(say(path, `a test of this room may not import "${target}"`));
        } else if (target && names.has(target) && specifier !== target)
          breaches.push(say(path, `"${specifier}" goes past the entry of "${target}"`));
      }
    }
    return [
      ...breaches,
      ...cycles(sources).map(
        (cycle) =>
          `${room.folder}: import cycle ${cycle.map((path) => relative(source, path)).join(" -> ")}`,
      ),
    ];
  });
}

function refuse(room, names, source, path, specifier) {
  if (PURE.has(room.name) && !specifier.startsWith("."))
    return `imports "${specifier}", but this room imports nothing`;
  if (specifier.startsWith(".")) {
    const target = join(dirname(path), specifier);
    return relative(source, target).startsWith("..")
      ? `"${specifier}" leads out of the room`
      : null;
  }
  const target = packageOf(specifier);
  if (target === null || !names.has(target)) return null;
  if (target === room.name) return `imports its own room by name; use a relative path`;
  if (!EDGES[room.name]?.includes(target)) return `may not import "${target}"`;
  return specifier === target ? null : `"${specifier}" goes past the entry of "${target}"`;
}

function forbiddenWords(room, text) {
  const code = onlyCode(text);
  const found = [];
  const word = code
    .match(APPS_ONLY)
    ?.find((each) => !(room.name === MAY_EXIT && each.startsWith("process.exit")));
  if (word && !room.folder.startsWith("apps/") && room.name !== TESTKIT)
    found.push(`uses "${word}", which only apps may`);
  if (NATIVE.test(text) && room.name !== "@supervise/sys")
    found.push("loads native code, which only packages/sys may");
  return found;
}

/** An index holds no code and re-exports by name. */
function indexOnlyReexports(text) {
  const rest = onlyCode(text).replaceAll(
    /export\s+(?:type\s+)?\{[^}]*\}\s*(?:from\s*"")?\s*;|export\s+type\s+\*\s+from\s*""\s*;/g,
    "",
  );
  return rest.trim() === ""
    ? []
    : [`an index only re-exports by name, but it has: ${rest.trim().split("\n")[0]}`];
}

/** Cycles among files through imports that exist at run time; each one once. */
function cycles(paths) {
  const known = new Set(paths);
  const edges = new Map(
    paths.map((path) => [
      path,
      importsOf(readFileSync(path, "utf8"))
        .filter(({ specifier, typeOnly }) => specifier.startsWith(".") && !typeOnly)
        .map(({ specifier }) => join(dirname(path), specifier.replace(/\.js$/, ".ts")))
        .filter((target) => known.has(target)),
    ]),
  );
  const done = new Set();
  const found = [];
  const visit = (path, trail) => {
    if (trail.includes(path)) {
      found.push([...trail.slice(trail.indexOf(path)), path]);
      return;
    }
    if (done.has(path)) return;
    for (const target of edges.get(path)) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of paths) visit(path, []);
  return found;
}

await ifMain(import.meta.url, () => report(findBreaches()));
