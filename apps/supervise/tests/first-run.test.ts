import { deepEqual, equal, match, ok } from "node:assert/strict";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { inTerminal, type InTerminal, type TestScope } from "@supervise/testkit";
import { COMMAND, project, type Project } from "./harness.js";
import { run } from "./cli-run.js";

const COMPOSE = `services:
  web: { image: "node:20", command: sleep 60, depends_on: [db] }
  db: { image: "postgres:16" }
`;
const PACKAGE = JSON.stringify({ scripts: { build: "x", dev: "sleep 60", "start:all": "y" } });

/** A project without a configuration. */
function bare(t: TestScope, files: Readonly<Record<string, string>>): Project {
  const it = project(t);
  rmSync(it.file);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(it.directory, name), text);
  return it;
}

/** The command in a terminal, with somebody before it. */
function typed(
  t: TestScope,
  it: Project,
  words: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): InTerminal {
  const { CI: _, ...env } = it.environment;
  const [verb = "", ...rest] = words;
  const where = verb === "up" ? ["--runtime-dir", it.runtimeDirectory] : [];
  return inTerminal(t, [process.execPath, COMMAND, verb, ...where, ...rest], {
    cwd: it.directory,
    env: { ...env, TERM: "xterm-256color", ...environment },
  });
}

test("up without a configuration shows one made from a compose file, asks, writes it and goes on", async (t) => {
  const it = bare(t, { "compose.yaml": COMPOSE });
  const screen = typed(t, it, ["up"]);
  await screen.shows(/db is left out: it has no command, only the image postgres:16/);
  await screen.shows(/Write it\? \[Y\/n\] $/);
  ok(!existsSync(it.file), "nothing is written before the answer");
  screen.type("y\r");
  await screen.shows(/> web +up +yes/);
  match(readFileSync(it.file, "utf8"), /web:\n +command: sleep 60\n/);
  screen.type("q");
  equal((await screen.exit()).code, 0);
  equal(await screen.restored(), true);
});

for (const [what, keys] of [
  ["n", "n\r"],
  ["the end of the input", "\x04"],
] as const)
  test(`${what} writes nothing, and the command ends with its error`, async (t) => {
    const it = bare(t, { "compose.yaml": COMPOSE });
    const screen = typed(t, it, ["up"]);
    await screen.shows(/Write it\?/);
    screen.type(keys);
    await screen.shows(/cannot find a configuration/);
    equal((await screen.exit()).code, 78);
    ok(!existsSync(it.file));
  });

test("Ctrl-C at the question ends it", async (t) => {
  const it = bare(t, { "compose.yaml": COMPOSE });
  const screen = typed(t, it, ["up"]);
  await screen.shows(/Write it\?/);
  screen.type("\x03");
  equal((await screen.exit()).code, 128 + 2);
  ok(!existsSync(it.file));
});

test("of several files one is chosen, and of package.json the scripts", async (t) => {
  const it = bare(t, { "compose.yaml": COMPOSE, "package.json": PACKAGE });
  const screen = typed(t, it, ["check"]);
  await screen.shows(/1 {2}compose\.yaml\s+2 {2}package\.json\s+Which one\? \[1\]/);
  screen.type("2\r");
  await screen.shows(/Which are to run \(numbers or names\)\? \[dev\]/);
  screen.type("dev 3\r");
  await screen.shows(/Write it\?/);
  screen.type("\r");
  await screen.shows(/2 services, no mistakes/);
  equal((await screen.exit()).code, 0);
  match(readFileSync(it.file, "utf8"), /start-all:\n +command: \[npm, run, start:all\]/);
});

test("where nothing is there to make it from, it is said what would do", async (t) => {
  const it = bare(t, { "package.json": "{}" });
  const screen = typed(t, it, ["up"]);
  await screen.shows(/services:\s+web:\s+command: node server\.js/);
  equal((await screen.exit()).code, 78);
});

test("up says why nothing can be made of what is there", async (t) => {
  const it = bare(t, { "compose.yaml": `services: { db: { image: "postgres:16" } }` });
  const screen = typed(t, it, ["up"]);
  await screen.shows(
    /^There is no configuration here\.\s+supervise: cannot make a configuration from "compose\.yaml"/,
  );
  equal((await screen.exit()).code, 1);
  writeFileSync(join(it.directory, "compose.yaml"), "services: [");
  const broken = typed(t, it, ["up"]);
  await broken.shows(/cannot read "compose\.yaml", line 1, column 12: .*it has mistakes/s);
  equal((await broken.exit()).code, 78);
});

test("mistakes in a package.json and in what was answered are told", async (t) => {
  const it = bare(t, { "package.json": '{"scripts":' });
  const screen = typed(t, it, ["up"]);
  await screen.shows(/cannot read "package\.json", line 1, .*it has mistakes/s);
  equal((await screen.exit()).code, 78);
  writeFileSync(join(it.directory, "package.json"), PACKAGE);
  const asked = typed(t, it, ["up"]);
  await asked.shows(/Which are to run/);
  asked.type("4\r");
  await asked.shows(/cannot choose script "4": package\.json has build, dev, start:all/);
  equal((await asked.exit()).code, 1);
});

test("in CI nobody is asked", async (t) => {
  const it = bare(t, { "compose.yaml": COMPOSE });
  const screen = typed(t, it, ["up"], { CI: "true" });
  await screen.shows(/cannot find a configuration .*supervise new/s);
  equal((await screen.exit()).code, 78);
});

const inProcess = (it: Project, ...words: readonly string[]): ReturnType<typeof run> =>
  run(words, { workingDirectory: it.directory, environment: it.environment });

test("without a terminal there is one error, and a hint at what makes one", async (t) => {
  const it = bare(t, { "compose.yaml": COMPOSE });
  for (const verb of ["up", "check", "graph"]) {
    const { code, err } = await inProcess(it, verb);
    equal(code, 78);
    equal(
      err,
      `supervise: cannot find a configuration in "${it.directory}": neither supervise.yaml, supervise.yml nor Procfile is there\n  hint: name one with --file, or have one made with supervise new\n`,
    );
  }
});

test("new asks, and without a terminal wants to be told", async (t) => {
  const it = bare(t, { "package.json": PACKAGE });
  const refused = await inProcess(it, "new");
  equal(refused.code, 1);
  match(refused.err, /--yes writes it, --print shows it/);
  const printed = await inProcess(it, "new", "--print", "--script", "build");
  equal(printed.code, 0);
  match(printed.out, /build:\n +command: \[npm, run, build\]/);
  ok(!existsSync(it.file));
  deepEqual(await inProcess(it, "new", "--yes"), { code: 0, out: "", err: "" });
  match(readFileSync(it.file, "utf8"), /dev:\n +command: \[npm, run, dev\]/);
});

test("new overwrites nothing", async (t) => {
  const it = bare(t, { "package.json": PACKAGE, "supervise.yaml": "mine" });
  const { code, err } = await inProcess(it, "new", "--yes");
  equal(code, 1);
  match(err, /^supervise: cannot write "supervise\.yaml": it is there already \(EEXIST\)\n/);
  equal(readFileSync(it.file, "utf8"), "mine");
  rmSync(it.file);
  writeFileSync(join(it.directory, "supervise.yml"), "mine");
  const other = await inProcess(it, "new", "--yes");
  equal(other.code, 1);
  match(other.err, /"supervise\.yml": it is there already/);
});

test("new says why nothing can be made", async (t) => {
  const it = bare(t, { "compose.yaml": `services: { db: { image: "postgres:16" } }` });
  const images = await inProcess(it, "new", "--yes");
  equal(images.code, 1);
  match(images.err, /nothing in it says which programs to run\n {2}hint: db is left out/);
  writeFileSync(join(it.directory, "compose.yaml"), "services: [");
  const broken = await inProcess(it, "new", "--yes");
  equal(broken.code, 78);
  match(broken.err, /^supervise: cannot read "compose\.yaml", line 1, column 12: /);
  const unknown = await inProcess(it, "new", "--yes", "--from", "Makefile");
  equal(unknown.code, 64);
  const several = bare(t, { "compose.yaml": COMPOSE, "package.json": PACKAGE });
  const choice = await inProcess(several, "new", "--yes");
  equal(choice.code, 1);
  match(choice.err, /compose\.yaml, package\.json are here\n {2}hint: choose one with --from/);
});
