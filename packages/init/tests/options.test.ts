import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { initProgram } from "@supervise/init";
import { assertNoLeaks } from "@supervise/testkit";

function run(words: readonly string[], argv0 = "supervise-init"): [number | null, string, string] {
  const { status, stdout, stderr } = spawnSync(initProgram, words, { argv0, encoding: "utf8" });
  return [status, stdout, stderr];
}

const exit = (code: number): string[] => ["sh", "-c", `exit ${code}`];

test("a call without a command is a wrong usage", (t) => {
  assertNoLeaks(t);
  for (const words of [[], ["--"], ["-g"], ["-g", "--"]])
    assert.deepEqual(run(words), [
      64,
      "",
      "supervise-init: cannot run: no command given (see -h)\n",
    ]);
});

test("an option that does not exist is refused by name, and nothing runs", (t) => {
  assertNoLeaks(t);
  for (const word of ["-x", "-gx", "--rewrit", "--rewrites", "--=", "-1", "---"])
    assert.deepEqual(run([word, "--", "echo", "ran"]), [
      64,
      "",
      `supervise-init: cannot use option "${word}": there is no such option (see -h)\n`,
    ]);
});

test("the command begins with the first word that is no option, or after --", (t) => {
  assertNoLeaks(t);
  for (const words of [
    ["echo", "-v", "--", "-h"],
    ["--", "echo", "-v", "--", "-h"],
    ["-g", "echo", "-v", "--", "-h"],
  ])
    assert.deepEqual(run(words), [0, "-v -- -h\n", ""]);
  assert.equal(run(["-"])[0], 127);
  assert.match(run(["--", "-g"])[2], /^supervise-init: cannot start "-g": no such file/);
});

test("letters may be joined, and a value may be, too", (t) => {
  assertNoLeaks(t);
  for (const words of [["-e", "7"], ["-e7"], ["-gse7"], ["-gs", "-e", "7"]])
    assert.equal(run([...words, "--", ...exit(7)])[0], 0);
  for (const words of [["--remap-exit", "7:9"], ["--remap-exit=7:9"]])
    assert.equal(run([...words, ...exit(7)])[0], 9);
});

test("exit codes are told anew one by one, the last word for each counting", (t) => {
  assertNoLeaks(t);
  const asked = ["--remap-exit", "143:0", "--remap-exit", "0:255", "-e", "3", "--remap-exit=3:4"];
  assert.equal(run([...asked, "sh", "-c", "kill -TERM $$"])[0], 0);
  assert.equal(run([...asked, ...exit(0)])[0], 255);
  assert.equal(run([...asked, ...exit(3)])[0], 4);
  assert.equal(run([...asked, ...exit(5)])[0], 5);
});

const WRONG: Record<string, readonly string[]> = {
  "-e": ["", "256", "-1", "1x", " 1", "0x1", "99999999999999999999"],
  "--remap-exit": ["", "1", "1:", ":1", "256:0", "0:256", "1:2:3", "a:b"],
  "--rewrite": [
    "",
    "15",
    "15:",
    ":3",
    "15:65",
    "65:15",
    "0:15",
    "FOO:TERM",
    "9:1",
    "STOP:1",
    "CHLD:1",
  ],
  "-p": ["", "0", "65", "KIL", "SIGRTMIN+31", "RTMIN-1", "SIG"],
  "--kill-after": ["", "0", "10", "s", "-1s", "1.5s", "1s1m", "1s ", "9999999999h", "1d"],
  "--grace": ["", "10", "ten", "1h1h", "8761h"],
};

for (const [option, values] of Object.entries(WRONG))
  test(`a value that ${option} cannot use is refused`, (t) => {
    assertNoLeaks(t);
    for (const value of values) {
      const [status, stdout, stderr] = run([option, value, "--", "echo", "ran"]);
      assert.deepEqual([status, stdout], [64, ""], `${option} ${value}`);
      assert.ok(stderr.startsWith(`supervise-init: cannot use option "${option}": it needs `));
      assert.ok(stderr.endsWith(`, found "${value}"\n`), stderr);
    }
    assert.match(run([option])[2], /: it needs .*\n$/);
  });

test("every way to write a signal and a duration is understood", (t) => {
  assertNoLeaks(t);
  for (const signal of [
    "TERM",
    "sigterm",
    "15",
    "SIGRTMIN",
    "RTMIN+3",
    "rtmax-2",
    "64",
    "SIGWINCH",
  ])
    assert.equal(run(["-p", signal, "--rewrite", `${signal}:0`, ...exit(6)])[0], 6, signal);
  for (const duration of ["0", "0s", "500ms", "10s", "1m30s", "2h", "1h2m3s4ms", "8760h"])
    assert.equal(run(["--grace", duration, ...exit(6)])[0], 6, duration);
});

test("help, version and license go to standard output", (t) => {
  assertNoLeaks(t);
  for (const word of ["-h", "--help"]) assert.match(run([word])[1], /^usage: supervise-init /);
  for (const word of ["-V", "--version"]) assert.match(run([word])[1], /^supervise-init \d+\.\d+/);
  for (const word of ["-l", "--license"]) assert.match(run([word])[1], /^MIT License\n/);
  assert.deepEqual(run(["-h", "nothing-runs"])[2], "");
});

test("a message shows no control character of what it quotes", (t) => {
  assertNoLeaks(t);
  assert.match(run(["\u001b[31m\n"])[2], /^supervise-init: cannot start "\?\[31m\?": /);
});

test("a very long name is cut off, and the cause still told", (t) => {
  assertNoLeaks(t);
  const [status, , stderr] = run(["n".repeat(5000)]);
  assert.equal(status, 126);
  assert.match(
    stderr,
    /^supervise-init: cannot start "n+": file name too long \(ENAMETOOLONG\)\n$/,
  );
});
