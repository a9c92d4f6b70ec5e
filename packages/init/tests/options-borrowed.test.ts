import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { initProgram } from "@supervise/init";
import { assertNoLeaks } from "@supervise/testkit";

const NAMES = {
  tini: ["tini", "/sbin/tini", "tini-static", "/sbin/docker-init"],
  "dumb-init": ["dumb-init", "/usr/bin/dumb-init"],
} as const;

function run(
  argv0: string,
  words: readonly string[],
  env: NodeJS.ProcessEnv = {},
): [number | null, string, string] {
  const { status, stdout, stderr } = spawnSync(initProgram, words, {
    argv0,
    env: { PATH: process.env["PATH"], ...env },
    encoding: "utf8",
  });
  return [status, stdout, stderr];
}

for (const [personality, names] of Object.entries(NAMES))
  for (const name of names)
    test(`called as ${name} it speaks as ${personality}`, (t) => {
      assertNoLeaks(t);
      assert.match(run(name, ["--version"])[1], new RegExp(`^${personality} v`));
      assert.match(run(name, ["-h"])[1], new RegExp(`^usage: ${personality} `));
      const [status, , stderr] = run(name, ["-y", "true"]);
      assert.equal(status, 1);
      assert.ok(stderr.startsWith(`${personality}: cannot use option "-y"`), stderr);
    });

test("a borrowed name has the options of the original and no others", (t) => {
  assertNoLeaks(t);
  const exit7 = ["sh", "-c", "exit 7"];
  assert.equal(
    run("tini", ["-s", "-w", "-g", "-v", "-p", "SIGTERM", "-e", "7", "--", ...exit7])[0],
    0,
  );
  for (const words of [["-r", "15:3"], ["-c"], ["-V"], ["--rewrite", "15:3"], ["--grace", "1s"]])
    assert.equal(run("tini", [...words, ...exit7])[0], 1, words.join(" "));
  for (const words of [
    ["-c", "-r", "15:3", "-v"],
    ["--single-child", "--rewrite=15:3", "--verbose"],
  ])
    assert.equal(run("dumb-init", [...words, ...exit7])[0], 7, words.join(" "));
  for (const words of [["-g"], ["-e", "7"], ["-w"], ["--kill-after", "1s"], ["-p", "SIGTERM"]])
    assert.equal(run("dumb-init", [...words, ...exit7])[0], 1, words.join(" "));
});

test("up is a command like any other under a borrowed name, and after --", (t) => {
  assertNoLeaks(t);
  for (const [name, words] of [
    ["tini", ["up"]],
    ["dumb-init", ["up"]],
    ["supervise-init", ["--", "up"]],
  ] as const)
    assert.deepEqual(run(name, words, { PATH: "/nowhere" }), [
      127,
      "",
      `${name}: cannot start "up": no such file or directory (ENOENT)\n`,
    ]);
});

test("the variables of tini say how much is told", (t) => {
  assertNoLeaks(t);
  const told = (level: string): string => run("tini", ["true"], { TINI_VERBOSITY: level })[2];
  assert.equal(told("1"), "");
  assert.equal(told("words"), "");
  assert.match(told("2"), /^tini: child \d+ exited with code 0\n$/);
});

test("the variables reach the child as they are", (t) => {
  assertNoLeaks(t);
  const env = { TINI_SUBREAPER: "", TINI_KILL_PROCESS_GROUP: "1", DUMB_INIT_SETSID: "0" };
  const [, stdout] = run("tini", ["env"], env);
  for (const [name, value] of Object.entries(env))
    assert.ok(stdout.split("\n").includes(`${name}=${value}`), stdout);
});

test("dumb-init gives the child a session of its own, unless told otherwise", (t) => {
  assertNoLeaks(t);
  const sessionIsOwn = (words: readonly string[], env?: NodeJS.ProcessEnv): boolean => {
    const [, stdout] = run("dumb-init", [...words, "sh", "-c", "echo $$; cat /proc/$$/stat"], env);
    const [pid, stat = ""] = stdout.split("\n");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[3] === pid;
  };
  assert.equal(sessionIsOwn([]), true);
  assert.equal(sessionIsOwn(["-c"]), false);
  assert.equal(sessionIsOwn([], { DUMB_INIT_SETSID: "0" }), false);
  assert.equal(sessionIsOwn([], { DUMB_INIT_SETSID: "1" }), true);
});
