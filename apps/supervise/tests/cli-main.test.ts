import { deepEqual, equal, match, ok } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { temporaryDirectory } from "@supervise/testkit";
import { optionsOf } from "#supervise/common-options.js";
import { VERBS } from "#supervise/verbs.js";
import { VERSION } from "#supervise/version.js";
import { run } from "./cli-run.js";

const application = fileURLToPath(new URL("../../", import.meta.url));

test("without words the overview goes to stderr, and that is wrong usage", async () => {
  const { code, out, err } = await run([]);
  deepEqual([code, out], [64, ""]);
  for (const { name } of VERBS) match(err, new RegExp(`^  ${name} +\\S`, "m"));
});

for (const words of [["--help"], ["-h"], ["help"], ["-f", "x", "--help"]]) {
  test(`"${words.join(" ")}" prints every verb on stdout`, async () => {
    const { code, out, err } = await run(words);
    deepEqual([code, err], [0, ""]);
    for (const { name } of VERBS) match(out, new RegExp(`^  ${name} +\\S`, "m"));
  });
}

for (const { name, load } of VERBS) {
  test(`the help of ${name} tells of each of its options, and of each letter once`, async () => {
    const verb = await load();
    equal(verb.name, name);
    const { code, out, err } = await run([name, "--help"]);
    deepEqual([code, err], [0, ""]);
    deepEqual(await run(["help", name]), { code: 0, out, err: "" });
    for (const { long } of optionsOf(verb)) match(out, new RegExp(`--${long}\\b`));
    const longs = optionsOf(verb).map(({ long }) => long);
    const shorts = optionsOf(verb).flatMap(({ short }) => short ?? []);
    deepEqual([longs, shorts], [[...new Set(longs)], [...new Set(shorts)]]);
  });

  test(`${name} refuses an option that it does not have`, async () => {
    const { code, out, err } = await run([name, "--no-such-option"]);
    deepEqual([code, out], [64, ""]);
    match(
      err,
      new RegExp(
        `^supervise: cannot use option "--no-such-option": supervise ${name} has no such option\n`,
      ),
    );
  });
}

const ERRORS: readonly (readonly [words: string[], code: number, err: string])[] = [
  [
    ["stauts"],
    64,
    'supervise: cannot run "stauts": supervise has no such verb\n  hint: did you mean supervise status?\n',
  ],
  [
    ["qqqqqqqq"],
    64,
    'supervise: cannot run "qqqqqqqq": supervise has no such verb\n  hint: see supervise --help\n',
  ],
  [
    ["help", "qqqqqqqq"],
    64,
    'supervise: cannot run "qqqqqqqq": supervise has no such verb\n  hint: see supervise --help\n',
  ],
  [
    ["--verbose"],
    64,
    'supervise: cannot use option "--verbose": supervise has no such option\n  hint: see supervise --help\n',
  ],
  [
    ["down", "web"],
    64,
    'supervise: cannot use "web": supervise down takes options only\n  hint: see supervise down --help\n',
  ],
  [
    ["check", "--", "x"],
    64,
    'supervise: cannot use "x": supervise check takes options only\n  hint: see supervise check --help\n',
  ],
  [
    ["start"],
    64,
    "supervise: cannot start: no service is named\n  hint: supervise start '*' means all\n",
  ],
  [
    ["stop"],
    64,
    "supervise: cannot stop: no service is named\n  hint: supervise stop '*' means all\n",
  ],
  [
    ["restart", "-q"],
    64,
    "supervise: cannot restart: no service is named\n  hint: supervise restart '*' means all\n",
  ],
  [
    ["signal", "HUP"],
    64,
    "supervise: cannot signal: a signal and a service must be named\n  hint: supervise signal USR1 web\n",
  ],
  [
    ["why"],
    64,
    "supervise: cannot say why: no service is named\n  hint: supervise why '*' means all\n",
  ],
  [
    ["exec"],
    64,
    "supervise: cannot run a command: one service and a command must be named\n  hint: supervise exec web -- env\n",
  ],
  [
    ["exec", "web", "--"],
    64,
    "supervise: cannot run a command: one service and a command must be named\n  hint: supervise exec web -- env\n",
  ],
  [
    ["exec", "web", "db", "--", "env"],
    64,
    "supervise: cannot run a command: one service and a command must be named\n  hint: supervise exec web -- env\n",
  ],
  [
    ["wait", "--for", "readiness"],
    64,
    'supervise: cannot use option "--for": it must be one of up, ready, healthy, down, done, found "readiness"\n',
  ],
  [
    ["wait", "-t", "30"],
    64,
    'supervise: cannot use option "--timeout": it must be a duration such as 30s, found "30"\n',
  ],
  [
    ["logs", "-n", "-1"],
    64,
    'supervise: cannot use option "--lines": it must be a whole number, found "-1"\n',
  ],
  [
    ["completion"],
    64,
    "supervise: cannot complete: one of bash, zsh and fish must be named, found none\n",
  ],
  [
    ["completion", "csh"],
    64,
    'supervise: cannot complete: one of bash, zsh and fish must be named, found "csh"\n',
  ],
  [
    ["completion", "toString"],
    64,
    'supervise: cannot complete: one of bash, zsh and fish must be named, found "toString"\n',
  ],
];

for (const [words, code, err] of ERRORS) {
  test(`"${words.join(" ")}" ends with ${code} and says why`, async () => {
    deepEqual(await run(words), { code, out: "", err });
  });
}

test("options of the project may stand before the verb, where -f is the configuration even for logs", async (t) => {
  const directory = temporaryDirectory(t);
  writeFileSync(
    join(directory, "one.yaml"),
    "name: one\nservices:\n  web: { command: [sleep, '1'] }\n",
  );
  writeFileSync(join(directory, "two.yaml"), "services:\n  db: { command: [sleep, '1'] }\n");
  const environment = { XDG_CACHE_HOME: join(directory, "cache") };
  const words = ["-f", "one.yaml", "graph", "--file", "two.yaml", "--names"];
  deepEqual(await run(words, { workingDirectory: directory, environment }), {
    code: 0,
    out: "web\ndb\n",
    err: "",
  });
  const { code, err } = await run(["-f", "absent.yaml", "logs", "-f"], {
    workingDirectory: directory,
    environment,
  });
  equal(code, 78);
  match(err, /^supervise: cannot tell the project: the configuration has mistakes\n/);
});

/** Compiled scripts that Node ran, from the coverage that V8 writes; and the built-in modules that it loaded. */
function loadedBy(
  t: Parameters<typeof temporaryDirectory>[0],
  words: readonly string[],
): { scripts: string[]; builtins: string[]; out: string } {
  const directory = temporaryDirectory(t);
  const coverage = join(directory, "coverage");
  const list = join(directory, "list.json");
  const preload = join(directory, "preload.cjs");
  writeFileSync(
    preload,
    `process.on("exit", () => require("node:fs").writeFileSync(${JSON.stringify(list)}, JSON.stringify(process.moduleLoadList)));`,
  );
  const result = spawnSync(process.execPath, ["-r", preload, ...words], {
    encoding: "utf8",
    env: { PATH: process.env["PATH"], NODE_V8_COVERAGE: coverage },
  });
  equal(result.status, 0, result.stderr);
  const scripts = readdirSync(coverage).flatMap((name) => {
    const found = JSON.parse(readFileSync(join(coverage, name), "utf8")) as {
      result: { url: string }[];
    };
    return found.result.map(({ url }) => url);
  });
  return {
    scripts,
    builtins: JSON.parse(readFileSync(list, "utf8")) as string[],
    out: result.stdout,
  };
}

const HEAVY =
  /node_modules\/(?:\.pnpm\/)?(?:yaml|zod|execa)[@/]|(?:configuration|json-schema|execa)\.cjs$/;

const FORMS: readonly (readonly [what: string, words: readonly string[], expected: RegExp])[] = [
  [
    "the compiled modules",
    [
      "--input-type=module",
      "-e",
      `import { main } from ${JSON.stringify(new URL("../main.js", import.meta.url).href)};
       process.exitCode = await main(["--version"], { out: (text) => process.stdout.write(text), err: () => undefined });`,
    ],
    /\/dist\/main\.js$/,
  ],
  [
    "the command",
    [join(application, "bin/supervise.js"), "--version"],
    /\/dist\/image\/main\.cjs$/,
  ],
];

for (const [what, words, expected] of FORMS) {
  test(`--version of ${what} loads no parser, no client and no runner of commands`, (t) => {
    const { scripts, builtins, out } = loadedBy(t, words);
    equal(out, `supervise ${VERSION}\n`);
    ok(
      scripts.some((url) => expected.test(url)),
      scripts.join("\n"),
    );
    deepEqual(
      scripts.filter((url) => HEAVY.test(url)),
      [],
    );
    deepEqual(
      builtins.filter((name) => /NativeModule (?:_?http|https|child_process)\b/.test(name)),
      [],
    );
  });
}

test("a working directory that was removed is no matter where none is needed, and told where one is", (t) => {
  const directory = temporaryDirectory(t);
  const script = `mkdir gone && cd gone && rmdir ../gone && exec "$@"`;
  const there = (...words: readonly string[]) =>
    spawnSync(
      "sh",
      ["-c", script, "sh", process.execPath, join(application, "bin/supervise.js"), ...words],
      {
        cwd: directory,
        encoding: "utf8",
      },
    );
  equal(there("--version").status, 0);
  equal(there("daemonize", "--status", "--pidfile", join(directory, "x.pid")).status, 3);
  const { status, stderr } = there("up");
  equal(status, 1);
  equal(
    stderr,
    "supervise: cannot tell the working directory: it is not there any more (ENOENT)\n  hint: change to a directory that is there\n",
  );
});
