import { deepEqual, equal, ok } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryDirectory } from "@supervise/testkit";
import type { TestScope } from "@supervise/testkit";
import { optionsOf } from "#supervise/common-options.js";
import { VERBS } from "#supervise/verbs.js";
import { COMMAND } from "./harness.js";
import { run } from "./cli-run.js";

const SHELLS = ["bash", "zsh", "fish"] as const;

for (const shell of SHELLS) {
  test(`${shell} can read its script`, async (t) => {
    const { code, out } = await run(["completion", shell]);
    equal(code, 0);
    // Not from standard input: that would be a socket, which fish does not read a script from.
    const script = join(temporaryDirectory(t), "script");
    writeFileSync(script, out);
    const checked = spawnSync(shell, ["-n", script], { encoding: "utf8" });
    if (checked.error !== undefined) return t.skip(`${shell} is not installed`);
    deepEqual([checked.status, checked.stderr], [0, ""]);
  });

  test(`the script for ${shell} knows every verb and every option`, async () => {
    const { out } = await run(["completion", shell]);
    for (const { name, load } of VERBS) {
      ok(out.includes(name), name);
      for (const { long } of optionsOf(await load())) ok(out.includes(long), `${name} ${long}`);
    }
  });
}

test("no line of the script for fish both asks for files and refuses them", async () => {
  const { out } = await run(["completion", "fish"]);
  const lines = out.split("\n").filter((line) => line.startsWith("complete "));
  deepEqual(
    lines.filter((line) => / -f /.test(line) && / -F /.test(line)),
    [],
  );
  ok(lines.some((line) => / -l file -s f -r -F -d /.test(line)));
});

/** What bash offers for the last of the words, in a directory with a configuration of "web" and "worker". */
async function offered(t: TestScope, ...words: string[]): Promise<string[]> {
  const directory = temporaryDirectory(t);
  mkdirSync(join(directory, "bin"));
  mkdirSync(join(directory, "wide"));
  writeFileSync(
    join(directory, "bin/supervise"),
    `#!/bin/sh\nexec ${process.execPath} ${COMMAND} "$@"\n`,
    { mode: 0o755 },
  );
  writeFileSync(
    join(directory, "supervise.yaml"),
    "services:\n  web: { command: [sleep, '1'] }\n  worker: { command: [sleep, '1'] }\n",
  );
  writeFileSync(
    join(directory, "other.yaml"),
    "services:\n  elsewhere: { command: [sleep, '1'] }\n",
  );
  const { out } = await run(["completion", "bash"]);
  const script = `${out}\nCOMP_WORDS=(supervise "$@")\nCOMP_CWORD=$#\n_supervise\nprintf '%s\\n' "\${COMPREPLY[@]}"\n`;
  const { PATH = "" } = process.env;
  const result = spawnSync("bash", ["--norc", "-c", script, "bash", ...words], {
    cwd: directory,
    encoding: "utf8",
    env: {
      PATH: `${directory}/bin:${PATH}`,
      XDG_CACHE_HOME: join(directory, "cache"),
      XDG_RUNTIME_DIR: directory,
      TMPDIR: directory,
    },
  });
  equal(result.stderr, "");
  return result.stdout
    .split("\n")
    .filter((word) => word !== "")
    .toSorted();
}

const OFFERED: readonly (readonly [words: string[], offered: string[]])[] = [
  [["st"], ["start", "status", "stop"]],
  [["he"], ["help"]],
  [
    ["help", "re"],
    ["reload", "restart"],
  ],
  [
    ["logs", "--f"],
    ["--file", "--fold", "--follow"],
  ],
  [["down", "--n"], ["--now"]],
  [
    ["stop", "w"],
    ["web", "worker"],
  ],
  [["exec", "wo"], ["worker"]],
  [
    ["logs", "-f", "w"],
    ["web", "worker"],
  ],
  [["stop", "-f", "other.yaml", ""], ["elsewhere"]],
  [["-f", "other.yaml", "stop", ""], ["elsewhere"]],
  [
    ["-f", "other.yaml", "st"],
    ["start", "status", "stop"],
  ],
  [["stop", "--file", "o"], ["other.yaml"]],
  [["-f", "o"], ["other.yaml"]],
  [["stop", "--runtime-dir", "w"], ["wide"]],
  [
    ["wait", "--for", "do"],
    ["done", "down"],
  ],
  [["wait", "--timeout", "w"], []],
  [
    ["completion", ""],
    ["bash", "fish", "zsh"],
  ],
  [["down", ""], []],
  [["up", "--exit-with", "f"], ["first-failure"]],
  [["up", "--exit-with", "S"], []],
  [["upg"], ["upgrade"]],
];

for (const [words, expected] of OFFERED) {
  test(`bash offers for "supervise ${words.join(" ")}" what may stand there`, async (t) => {
    deepEqual(await offered(t, ...words), expected);
  });
}
