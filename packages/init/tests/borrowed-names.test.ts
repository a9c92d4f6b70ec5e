import { deepEqual, equal, match } from "node:assert/strict";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { childrenOf, start, temporaryDirectory, until } from "@supervise/testkit";
import { runToEnd } from "./conformance.js";
import type { Ended } from "./conformance.js";
import { INITS, OWN_PATH, program } from "./inits.js";

/** A program called by a name that is not its own, and the one whose name that is: both are to do the same. */
interface Bearer {
  readonly who: string;
  readonly path: string;
}

function bearers(t: TestContext, name: "tini" | "dumb-init"): Bearer[] {
  const link = join(temporaryDirectory(t), name);
  symlinkSync(OWN_PATH, link);
  const installed = INITS.find((init) => init.name === name)?.path;
  if (!installed) t.diagnostic(`${name} is not installed: only its imitation was tested`);
  return [
    { who: `supervise-init as ${name}`, path: link },
    ...(installed ? [{ who: name, path: installed }] : []),
  ];
}

interface Row {
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly code: number;
  readonly stdout?: RegExp;
  readonly stderr?: RegExp;
  /** On stdout or on stderr: tini's own remarks go to stdout, among the output of its child. */
  readonly either?: RegExp;
}

const signalled = ["sh", "-c", "kill -TERM $$"];
const says = (text: string): string[] => ["sh", "-c", `echo ${text}; exit 3`];

const TINI: readonly Row[] = [
  { args: ["--", ...says("word")], code: 3, stdout: /^word\n$/ },
  { args: ["-s", "-g", "-vvv", "-w", "--", ...says("word")], code: 3, stdout: /word\n/ },
  { args: ["-sgvw", "--", ...says("word")], code: 3, stdout: /word\n/ },
  { args: ["-e", "143", "--", ...signalled], code: 0 },
  { args: ["-e143", "-e", "5", "--", ...signalled], code: 0 },
  { args: ["-s", "--", ...signalled], code: 143 },
  { args: ["-p", "SIGTERM", "-s", "--", ...says("word")], code: 3, stdout: /^word\n$/ },
  { args: ["-p", "SIGNOTHING", "--", "true"], code: 1, stderr: /./ },
  { args: ["-e", "256", "--", "true"], code: 1, stderr: /./ },
  { args: ["-e", "x", "--", "true"], code: 1, stderr: /./ },
  { args: ["-z", "--", "true"], code: 1, stderr: /./ },
  { args: [], code: 1 },
  { args: ["--version"], code: 0, stdout: /^tini version \d/ },
  { args: ["-h"], code: 0, stdout: /-p SIGNAL[\s\S]*TINI_SUBREAPER/ },
  { args: ["-l"], code: 0, stdout: /MIT License/ },
  { args: ["-s", "/nowhere"], code: 127, stderr: /./ },
  { args: ["-s", "/"], code: 126, stderr: /./ },
  { args: ["--", ...says("word")], env: { TINI_SUBREAPER: "" }, code: 3, stdout: /^word\n$/ },
  {
    args: ["-s", "--", ...says("word")],
    env: { TINI_VERBOSITY: "3" },
    code: 3,
    either: /Spawned|started|child/,
  },
  { args: ["-s", "/nowhere"], env: { TINI_VERBOSITY: "0" }, code: 127 },
];

const DUMB_INIT: readonly Row[] = [
  { args: ["--", ...says("word")], code: 3, stdout: /^word\n$/ },
  { args: says("word"), code: 3, stdout: /^word\n$/ },
  { args: ["-c", ...says("word")], code: 3, stdout: /^word\n$/ },
  { args: ["--single-child", "--verbose", ...says("word")], code: 3, stderr: /./ },
  { args: ["-v", ...says("word")], code: 3, stdout: /^word\n$/, stderr: /./ },
  { args: ["-r", "15:3", "--rewrite", "1:0", "--rewrite=2:15", ...says("word")], code: 3 },
  { args: ["-r", "9:15", "-r", "17:15", "-r", "19:0", ...says("word")], code: 3 },
  { args: ["-r", "x", "true"], code: 1, stderr: /./ },
  { args: ["-z", "true"], code: 1 },
  { args: [], code: 1 },
  { args: ["--version"], code: 0 },
  { args: ["-V"], code: 0 },
  { args: ["-h"], code: 0 },
  { args: ["--help"], code: 0 },
  { args: says("word"), env: { DUMB_INIT_DEBUG: "1" }, code: 3, stderr: /./ },
  { args: says("word"), env: { DUMB_INIT_SETSID: "0" }, code: 3, stdout: /^word\n$/ },
  { args: ["--", ...signalled], code: 143 },
];

function check(who: string, row: Row, ended: Ended): void {
  const told = `${who} ${row.args.join(" ")} ${JSON.stringify(row.env ?? {})}: ${ended.stdout}${ended.stderr}`;
  equal(ended.code, row.code, told);
  if (row.stdout) match(ended.stdout, row.stdout, told);
  if (row.stderr) match(ended.stderr, row.stderr, told);
  if (row.either) match(ended.stdout + ended.stderr, row.either, told);
}

for (const [name, rows] of [
  ["tini", TINI],
  ["dumb-init", DUMB_INIT],
] as const)
  test(`called ${name} it takes its options and variables`, (t) => {
    for (const { who, path } of bearers(t, name))
      for (const row of rows)
        check(
          who,
          row,
          runToEnd([path, ...row.args], { env: { PATH: process.env["PATH"], ...row.env } }),
        );
  });

/** Process group and session of the child, as facts about the init: "own group, own session". */
function place(path: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): string {
  const script =
    'read -r line </proc/$$/stat; set -- $line; read -r above </proc/$4/stat; echo "$1 $5 $6"; set -- $above; echo "$5 $6"';
  const { stdout } = runToEnd([path, ...args, "sh", "-c", script], {
    env: { PATH: process.env["PATH"], ...env },
  });
  const [pid, group, session, , initSession] = stdout.split(/\s/);
  return `${group === pid ? "own" : "same"} group, ${session === pid ? "own" : session === initSession ? "same" : "odd"} session`;
}

test("called dumb-init it gives the child a session, unless told not to", (t) => {
  for (const { who, path } of bearers(t, "dumb-init")) {
    equal(place(path, []), "own group, own session", who);
    match(place(path, ["-c"]), /same session/, who);
    match(place(path, [], { DUMB_INIT_SETSID: "0" }), /same session/, who);
  }
});

test("called tini it gives the child a process group", (t) => {
  for (const { who, path } of bearers(t, "tini"))
    equal(place(path, ["-s", "--"]), "own group, same session", who);
});

const MEMBERS =
  "trap 'echo parent' USR1; trap 'exit 9' USR2; sh -c 'trap \"echo member\" USR1; echo ready; while :; do sleep 0.1; done' & while :; do wait; done";

for (const [name, args, env] of [
  ["tini", ["-s", "-g", "--"], {}],
  ["tini", ["-s", "--"], { TINI_KILL_PROCESS_GROUP: "1" }],
  ["dumb-init", [], {}],
] as const)
  test(`${[name, ...args, ...Object.keys(env)].join(" ")}: it signals the whole group`, async (t) => {
    for (const { path } of bearers(t, name)) {
      const started = start(t, path, [...args, "sh", "-c", MEMBERS], {
        env: { PATH: process.env["PATH"], ...env },
      });
      await started.stdout.match(/^ready$/);
      process.kill(started.pid, "SIGUSR1");
      const seen = [await started.stdout.next(), await started.stdout.next()];
      deepEqual(new Set(seen), new Set(["member", "parent"]));
      const all = childrenOf(started.pid);
      process.kill(started.pid, "SIGUSR2");
      equal((await started.exit()).code, 9);
      await until(() => all.every((pid) => childrenOf(pid).length === 0), {
        what: "the end of the group",
      });
    }
  });

test("called dumb-init it rewrites signals", (t) => {
  for (const { who, path } of bearers(t, "dumb-init")) {
    const { stdout } = runToEnd([
      path,
      "-r",
      "15:3",
      "-r",
      "10:0",
      program("echo-signals"),
      "kill",
      "15",
      "10,12",
    ]);
    deepEqual(
      stdout
        .trimEnd()
        .split("\n")
        .slice(1)
        .map((line) => line.replace(/ code.*/, "")),
      ["15: signal 3", "10,12: signal 12"],
      who,
    );
  }
});
