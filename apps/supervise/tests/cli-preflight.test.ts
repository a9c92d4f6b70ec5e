import { deepEqual, equal } from "node:assert/strict";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { loadConfiguration } from "@supervise/config";
import { SystemCallError } from "@supervise/sys";
import { temporaryDirectory } from "@supervise/testkit";
import type { TestScope } from "@supervise/testkit";
import { preflight } from "#supervise/preflight.js";
import type { Accounts } from "#supervise/preflight.js";
import { run } from "./cli-run.js";

const ACCOUNTS: Accounts = {
  lookupUser: (name) =>
    name === "known" ? { name, uid: 7, gid: 7, home: "/", shell: "/bin/sh" } : null,
  lookupGroup: (name) => (name === "people" ? { name, gid: 8 } : null),
};

/** A directory with programs and what is none; `DIR` in a configuration stands for it. */
function place(t: TestScope): string {
  const directory = temporaryDirectory(t);
  mkdirSync(join(directory, "bin"));
  for (const name of ["good", "plain"]) writeFileSync(join(directory, "bin", name), "#!/bin/sh\n");
  chmodSync(join(directory, "bin/good"), 0o755);
  chmodSync(join(directory, "bin/plain"), 0o644);
  return directory;
}

async function look(directory: string, text: string, accounts = ACCOUNTS): Promise<string[]> {
  const environment = { PATH: join(directory, "bin") };
  const result = await loadConfiguration({
    files: ["supervise.yaml"],
    workingDirectory: directory,
    profiles: [],
    environment,
    readFile: (path) => {
      if (path.endsWith("supervise.yaml")) return text.replaceAll("DIR", directory);
      throw Object.assign(new Error("absent"), { code: "ENOENT" });
    },
  });
  deepEqual(result.diagnostics, []);
  if (result.configuration === null) throw new Error("no configuration");
  return preflight(accounts, result.configuration, result, environment).map(
    ({ severity, file, line, column, message, hint }) =>
      `${severity} ${file}:${line}:${column} ${message}${hint ?? ""}`.replaceAll(directory, "DIR"),
  );
}

const CASES: readonly (readonly [what: string, text: string, found: readonly string[]])[] = [
  [
    "nothing is wrong",
    "services:\n  web:\n    command: [good]\n    user: known:people\n    group_add: [people, '99']\n",
    [],
  ],
  ["ids need no entry", "services:\n  web: { command: [good], user: '4711:4712' }\n", []],
  [
    "an unknown user",
    "services:\n  web:\n    command: [good]\n    user: stranger\n",
    ['error supervise.yaml:4:5 service "web": no such user "stranger"'],
  ],
  [
    "an unknown group of a user",
    "services:\n  web:\n    user: known:strangers\n    command: [good]\n",
    ['error supervise.yaml:3:5 service "web": no such group "strangers"'],
  ],
  [
    "unknown supplementary groups",
    "services:\n  web:\n    command: [good]\n    group_add: [people, a, b]\n",
    [
      'error supervise.yaml:4:5 service "web": no such group "a"',
      'error supervise.yaml:4:5 service "web": no such group "b"',
    ],
  ],
  [
    "a missing directory, and nothing of what only follows from it",
    "services:\n  web:\n    command: [./good]\n    working_dir: nowhere\n",
    ['error supervise.yaml:4:5 service "web": no such directory "DIR/nowhere" (ENOENT)'],
  ],
  [
    "a file where a directory should be",
    "services:\n  web:\n    command: [good]\n    working_dir: bin/good\n",
    ['error supervise.yaml:4:5 service "web": no such directory "DIR/bin/good" (ENOENT)'],
  ],
  [
    "a missing root",
    "services:\n  web:\n    command: [/nothing/that/is/looked/at]\n    root: DIR/jail\n",
    ['error supervise.yaml:4:5 service "web": no such directory "DIR/jail" (ENOENT)'],
  ],
  [
    "a command that PATH does not have",
    "services:\n  web:\n    command: [absent, x]\n",
    [
      'error supervise.yaml:3:5 service "web": command "absent" was not found in PATH "DIR/bin" (ENOENT)',
    ],
  ],
  [
    "a command that can't be executed",
    "services:\n  web: { command: [plain] }\n",
    ['error supervise.yaml:2:10 service "web": command "plain" is not executable (EACCES)'],
  ],
  [
    "a file that is not there",
    "services:\n  web:\n    command: [bin/absent]\n",
    [
      'error supervise.yaml:3:5 service "web": cannot execute "DIR/bin/absent": no such file (ENOENT)',
    ],
  ],
  [
    "a file that can't be executed",
    "services:\n  web:\n    command: [DIR/bin/plain]\n",
    [
      'error supervise.yaml:3:5 service "web": cannot execute "DIR/bin/plain": not executable (EACCES)',
    ],
  ],
  [
    "a directory in place of a file",
    "services:\n  web:\n    command: [DIR/bin]\n",
    ['error supervise.yaml:3:5 service "web": cannot execute "DIR/bin": not executable (EACCES)'],
  ],
  [
    "PATH of the service counts",
    "services:\n  web:\n    command: [good]\n    environment: { PATH: '/nowhere:bin' }\n",
    [],
  ],
  [
    "one mistake of replicas is one",
    "services:\n  web:\n    scale: 3\n    user: stranger\n    command: [good]\n",
    ['error supervise.yaml:4:5 service "web": no such user "stranger"'],
  ],
  [
    "commands beside the main one, each at its place",
    `services:
  web:
    command: [good]
    ready:
      command: [no-ready]
    healthcheck:
      test: [CMD, no-health]
    stop_command: [no-stop]
    reload_command: [no-reload]
`,
    [
      'error supervise.yaml:5:7 service "web": command "no-ready" was not found in PATH "DIR/bin" (ENOENT)',
      'error supervise.yaml:7:7 service "web": command "no-health" was not found in PATH "DIR/bin" (ENOENT)',
      'error supervise.yaml:8:5 service "web": command "no-stop" was not found in PATH "DIR/bin" (ENOENT)',
      'error supervise.yaml:9:5 service "web": command "no-reload" was not found in PATH "DIR/bin" (ENOENT)',
    ],
  ],
];

for (const [what, text, found] of CASES) {
  test(`what this machine lacks is said with its place: ${what}`, async (t) => {
    deepEqual(await look(place(t), text), found);
  });
}

test("accounts that can't be read are said as such", async (t) => {
  const broken: Accounts = {
    ...ACCOUNTS,
    lookupUser: () => {
      throw new SystemCallError("lookupUser", -5);
    },
  };
  const [first = "", ...more] = await look(
    place(t),
    "services:\n  web:\n    command: [good]\n    user: known\n",
    broken,
  );
  equal(
    /^error supervise\.yaml:4:5 service "web": cannot look up user "known": .*EIO/.test(first),
    true,
    first,
  );
  deepEqual(more, []);
});

test("check says every mistake with its place, of the text and of the machine, and ends with 78", async (t) => {
  const directory = place(t);
  const environment = { PATH: "/usr/bin:/bin" };
  const file = join(directory, "supervise.yaml");
  const check = (text: string, ...words: string[]): ReturnType<typeof run> => {
    writeFileSync(file, text);
    return run(["check", ...words], { workingDirectory: directory, environment });
  };
  const lacking = "services:\n  web:\n    command: [no-such-command-at-all]\n";
  deepEqual(await check(lacking), {
    code: 78,
    out: "",
    err: 'supervise: cannot read "supervise.yaml", line 3, column 5: service "web": command "no-such-command-at-all" was not found in PATH "/usr/bin:/bin" (ENOENT)\n',
  });
  const { code, out, err } = await check("services:\n  web:\n    comand: [sh]\n", "--json");
  deepEqual([code, err], [78, ""]);
  const { valid, services, diagnostics } = JSON.parse(out) as {
    valid: boolean;
    services: number;
    diagnostics: { line: number; column: number }[];
  };
  deepEqual([valid, services], [false, 0]);
  equal(
    diagnostics.some(({ line, column }) => line === 3 && column === 5),
    true,
    out,
  );
  const good = "services:\n  web:\n    command: [sh]\n";
  deepEqual(await check(good, "-q"), { code: 0, out: "", err: "" });
  const { code: fine, out: said } = await check(good);
  deepEqual([fine, said.endsWith("supervise.yaml: 1 service, no mistakes\n")], [0, true]);
});
