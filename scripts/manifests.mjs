// Manifest drift: what package.json and tsconfig.json say against what the files do.
import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { importsOf, packageOf } from "./imports.mjs";
import { filesBelow, ifMain, readJson, rooms, report, root } from "./workspace.mjs";

/** Fields with one value in the whole workspace: the root manifest's. */
const SHARED = ["version", "license", "type"];
/** Rooms that compile before the workspace knows them by name (they have no import to show for it). */
const TEST_ONLY = new Set(["@types/node"]);

/** Programs that a room starts: by their path, so that no import shows it. */
const STARTED = new Map([["apps/supervise", ["@supervise/init"]]]);

function importedPackages(paths) {
  const found = new Set();
  for (const path of paths) {
    for (const { specifier } of importsOf(readFileSync(path, "utf8"))) {
      const name = packageOf(specifier);
      if (name) found.add(name);
    }
  }
  return found;
}

function sameSet(what, declared, used) {
  return [
    ...[...used]
      .filter((name) => !declared.has(name))
      .map((name) => `${what}: "${name}" is used but not declared`),
    ...[...declared]
      .filter((name) => !used.has(name))
      .map((name) => `${what}: "${name}" is declared but not used`),
  ];
}

function references(directory, path) {
  const config = readJson(join(directory, path, "tsconfig.json"));
  return new Set(
    (config.references ?? []).map((reference) => join(directory, path, reference.path)),
  );
}

/** Every difference below `from`, one line each. */
export function findDrift(from = root) {
  const all = rooms(from);
  const workspace = new Map(all.map((room) => [room.name, room.directory]));
  const model = readJson(join(from, "package.json"));
  const drift = [];
  for (const { name, folder, directory, manifest } of all) {
    const say = (message) => drift.push(`${folder}: ${message}`);
    for (const field of SHARED)
      if (manifest[field] !== model[field])
        say(`${field} must be "${model[field]}", found "${manifest[field]}"`);
    if (manifest.engines?.node !== model.engines.node)
      say(`engines.node must be "${model.engines.node}", found "${manifest.engines?.node}"`);

    const dependencies = manifest.dependencies ?? {};
    const devDependencies = manifest.devDependencies ?? {};
    for (const [dependency, range] of Object.entries({ ...dependencies, ...devDependencies })) {
      const wanted = workspace.has(dependency) ? "workspace:*" : "catalog:";
      if (range !== wanted) say(`dependency "${dependency}" must be "${wanted}", found "${range}"`);
      if (dependency in dependencies && dependency in devDependencies)
        say(`"${dependency}" is declared twice`);
    }

    const used = importedPackages([
      ...filesBelow(join(directory, "src"), ".ts", ".tsx"),
      ...filesBelow(join(directory, "bin"), ".js"),
    ]);
    for (const started of STARTED.get(folder) ?? []) used.add(started);
    for (const message of sameSet("dependencies", new Set(Object.keys(dependencies)), used))
      say(message);
    const usedByTests = importedPackages([
      ...filesBelow(join(directory, "tests"), ".ts", ".tsx"),
      ...filesBelow(join(directory, "scripts"), ".mjs"),
    ]);
    // The types of a library that has none of its own: no import shows them.
    for (const dependency of Object.keys(dependencies))
      if (`@types/${dependency}` in devDependencies) usedByTests.add(`@types/${dependency}`);
    for (const dependency of [name, ...TEST_ONLY, ...Object.keys(dependencies)])
      usedByTests.delete(dependency);
    for (const message of sameSet(
      "devDependencies",
      new Set(Object.keys(devDependencies)),
      usedByTests,
    ))
      say(message);

    const directoriesOf = (names) =>
      new Set(names.map((dependency) => workspace.get(dependency)).filter(Boolean));
    const label = (path) => relative(from, path);
    const compare = (what, found, wanted) => {
      for (const message of sameSet(
        what,
        new Set([...found].map(label)),
        new Set([...wanted].map(label)),
      ))
        say(message);
    };
    if (existsSync(join(directory, "tsconfig.json"))) {
      compare(
        "references of tsconfig.json",
        references(directory, "."),
        directoriesOf(Object.keys(dependencies)),
      );
    }
    if (existsSync(join(directory, "tests/tsconfig.json"))) {
      const wanted = directoriesOf([
        ...Object.keys(dependencies),
        ...Object.keys(devDependencies),
      ]).add(directory);
      compare("references of tests/tsconfig.json", references(directory, "tests"), wanted);
    }
  }
  const projects = (path, ending) => {
    const listed = new Set(
      readJson(join(from, path)).references.map((reference) => reference.path),
    );
    const present = new Set(
      all
        .map((room) => `${room.folder}${ending}`)
        .filter((project) => existsSync(join(from, project, "tsconfig.json"))),
    );
    drift.push(...sameSet(`references of ${path}`, listed, present));
  };
  projects("tsconfig.json", "");
  projects("tsconfig.tests.json", "/tests");
  return drift;
}

await ifMain(import.meta.url, () => report(findDrift()));
