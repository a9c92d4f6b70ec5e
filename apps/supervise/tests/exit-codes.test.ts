import { spawnSync } from "node:child_process";
import { equal, match, ok } from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { start } from "@supervise/testkit";
import type { TestScope } from "@supervise/testkit";
import { COMMAND, finish, project, type Finished } from "./harness.js";

const STAY = { command: ["sleep", "60"] };
const LIVE = [
  "status",
  "ps",
  "why",
  "wait",
  "logs",
  "events",
  "exec",
  "stop",
  "start",
  "restart",
  "signal",
  "reload",
  "down",
];

function supervise(t: TestScope, ...words: readonly string[]): Promise<Finished> {
  return finish(start(t, process.execPath, [COMMAND, ...words]));
}

test("wrong usage is 64, and says what is wrong", async (t) => {
  for (const words of [
    [],
    ["stat"],
    ["status", "--jsno"],
    ["up", "--file"],
    ["stop"],
    ["why"],
    ["exec"],
    ["logs", "-n", "x"],
    ["wait", "--timeout", "soon"],
    ["signal", "HUP"],
    ["status", "--json=yes"],
  ]) {
    const { code, stderr } = await supervise(t, ...words);
    equal(code, 64, `${words.join(" ")}: ${stderr}`);
    ok(stderr.length > 0);
  }
  match((await supervise(t, "stats")).stderr, /did you mean supervise status\?/);
  match((await supervise(t, "status", "--jsno")).stderr, /--json/);
});

test("help is 0 for every verb, and names its options", async (t) => {
  const { stdout } = await supervise(t, "--help");
  for (const verb of ["up", "check", "graph", "schema", "completion", ...LIVE]) {
    match(stdout, new RegExp(`^ +${verb}\\b`, "m"));
    const help = await supervise(t, verb, "--help");
    equal(help.code, 0);
    match(help.stdout, /--runtime-dir|--json|-h/);
  }
  match((await supervise(t, "--version")).stdout, /^supervise \d+\.\d+\.\d+\n$/);
});

test("every verb that needs a supervisor is 1 without one, and says where it looked", async (t) => {
  const it = project(t, { web: STAY });
  for (const verb of LIVE) {
    const words =
      {
        why: ["web"],
        exec: ["web", "--", "true"],
        stop: ["web"],
        start: ["web"],
        restart: ["web"],
        signal: ["HUP", "web"],
      }[verb] ?? [];
    const { code, stderr, stdout } = await it.run(verb, ...words);
    equal(code, 1, verb);
    equal(stdout, "", verb);
    match(
      stderr,
      /cannot connect to control socket ".*\/run\/control": no such socket \(ENOENT\)/,
      verb,
    );
  }
});

test("an unknown service is 1, and the known ones are named", async (t) => {
  const it = project(t, { web: STAY, worker: STAY });
  const { events } = await it.up();
  await events.state("worker", "up");
  for (const words of [
    ["status", "wep"],
    ["ps", "wep"],
    ["why", "wep"],
    ["stop", "wep"],
    ["start", "web", "wep"],
    ["logs", "wep"],
    ["exec", "wep", "--", "true"],
    ["wait", "wep"],
    ["signal", "HUP", "wep"],
    ["reload", "wep"],
    ["stop", "x*"],
    ["events", "wep"],
  ]) {
    const { code, stderr } = await it.run(...words);
    equal(code, 1, words.join(" "));
    match(stderr, /cannot find service "(wep|x\*)"/, words.join(" "));
    match(stderr, /web, worker/, words.join(" "));
  }
  equal((await it.client.service("web")).state, "up");
});

test("a bad configuration is 78 for up, up -d and check, with every mistake in one run", async (t) => {
  const it = project(t);
  writeFileSync(
    it.file,
    "name: test\nservices:\n  web:\n    comand: sleep 60\n    restart: sometimes\n  db: { command: sleep 60, depends_on: [webb] }\n",
  );
  for (const words of [["check"], ["up"], ["up", "-d"]]) {
    const { code, stderr } = await it.run(...words);
    equal(code, 78, stderr);
    match(stderr, /line 4, column 5: .*"?comand"?/);
    match(stderr, /line 5, column 14: .*sometimes/);
    match(stderr, /webb/);
    match(stderr, /command/);
  }
  const result = JSON.parse((await it.run("check", "--json")).stdout) as {
    valid: boolean;
    diagnostics: readonly unknown[];
  };
  equal(result.valid, false);
  ok(result.diagnostics.length >= 3);
});

test("check finds what the machine lacks, without running anything", async (t) => {
  const it = project(t, {
    command: { command: ["/no/such/command"] },
    directory: { ...STAY, working_dir: "/no/such/directory" },
    user: { ...STAY, user: "nosuchuser" },
  });
  const { code, stderr } = await it.run("check");
  equal(code, 78);
  for (const found of ["/no/such/command", "/no/such/directory", "nosuchuser"])
    match(stderr, new RegExp(found));
  equal(it.processes().length, 0);
  it.write({ web: STAY });
  const good = await it.run("check");
  equal(good.code, 0);
  match(good.stdout, /1 service, no mistakes/);
});

test("graph shows who needs whom, and a cycle is 78 with the cycle printed", async (t) => {
  const it = project(t, {
    web: { ...STAY, depends_on: { db: { condition: "service_healthy" } } },
    db: { ...STAY, healthcheck: { test: ["CMD", "true"] } },
  });
  const { code, stdout } = await it.run("graph");
  equal(code, 0);
  match(stdout, /web[\s\S]*db|db[\s\S]*web/);
  equal((await it.run("graph", "--json")).code, 0);
  it.write({
    a: { ...STAY, depends_on: ["b"] },
    b: { ...STAY, depends_on: ["c"] },
    c: { ...STAY, depends_on: ["a"] },
  });
  const cycle = await it.run("up");
  equal(cycle.code, 78);
  match(cycle.stderr, /a.*b.*c.*a/);
});

test("schema is a JSON schema that knows every word of a service", async (t) => {
  const { code, stdout } = await supervise(t, "schema");
  equal(code, 0);
  const schema = JSON.parse(stdout) as {
    $schema: string;
    $defs: { service: { properties: Record<string, unknown> } };
  };
  match(schema.$schema, /json-schema\.org/);
  for (const word of ["command", "ready", "depends_on", "healthcheck", "pidfile"])
    ok(word in schema.$defs.service.properties, word);
});

test(
  "the completion of bash offers verbs and options",
  { skip: spawnSync("bash", ["-c", "true"]).error === undefined ? false : "bash is not installed" },
  async (t) => {
    const { stdout } = await supervise(t, "completion", "bash");
    const ask = (line: string): string =>
      spawnSync(
        "bash",
        [
          "-c",
          `${stdout}\nline=(${line}); COMP_WORDS=("\${line[@]}"); COMP_CWORD=$((\${#line[@]} - 1)); COMP_LINE='${line}'; COMP_POINT=\${#COMP_LINE}; f=$(complete -p supervise | sed 's/.*-F \\([^ ]*\\).*/\\1/'); $f; printf '%s\\n' "\${COMPREPLY[@]}"`,
        ],
        { encoding: "utf8" },
      ).stdout;
    match(ask("supervise sta"), /^start ?$/m);
    match(ask("supervise sta"), /^status ?$/m);
    match(ask("supervise logs --fo"), /--follow/);
  },
);
