import assert from "node:assert/strict";
import { test } from "node:test";
import type { LoadResult } from "@supervise/config";
import { good, loadFiles, messages } from "./support/load.js";

/** Merges services "web" of two files, each given as the inside of a flow map. */
function merged(base: string, over: string): Promise<LoadResult> {
  const file = (keys: string): string => `services: { web: { ${keys} } }`;
  return loadFiles(
    { "/app/a.yaml": file(base), "/app/b.yaml": file(over) },
    { files: ["a.yaml", "b.yaml"] },
  );
}

async function spec(
  base: string,
  over: string,
): Promise<NonNullable<ReturnType<typeof good>["services"][number]>> {
  const [first] = good(await merged(base, over)).services;
  assert.ok(first);
  return first;
}

test("a later file replaces scalars and commands, and leaves the rest", async () => {
  const web = await spec(
    "command: [a, b], nice: 1, umask: '022', stop_command: [x]",
    "command: [c], nice: 2, stop_command: [y]",
  );
  assert.deepEqual(web.process.command.words, ["c"]);
  assert.equal(web.process.nice, 2);
  assert.equal(web.process.umask, 0o22);
  assert.deepEqual(web.stop.command?.words, ["y"]);
});

test("environment and depends_on are merged by name, whichever form they have", async () => {
  const environment = (
    await spec("command: x, environment: [A=1, B=1]", "environment: { B: 2, C: 3 }")
  ).process.environment;
  assert.deepEqual(environment, { A: "1", B: "2", C: "3" });
  const result = await loadFiles(
    {
      "/app/a.yaml":
        "services: { web: { command: x, depends_on: [db] }, db: { command: x }, job: { command: x, type: oneshot } }",
      "/app/b.yaml":
        "services: { web: { depends_on: { job: { condition: service_completed_successfully } } } }",
    },
    { files: ["a.yaml", "b.yaml"] },
  );
  assert.deepEqual(
    good(result).services[0]?.dependencies.map(({ name, condition }) => [name, condition]),
    [
      ["db", "service_started"],
      ["job", "service_completed_successfully"],
    ],
  );
});

test("lists are appended without repeating", async () => {
  assert.deepEqual(
    (await spec("command: x, cap_add: [KILL, CHOWN]", "cap_add: [CHOWN, FOWNER]")).process.capAdd,
    ["KILL", "CHOWN", "FOWNER"],
  );
  const result = await loadFiles(
    {
      "/app/a.yaml": "services: { w: { command: x, env_file: 1.env } }",
      "/app/b.yaml": "services: { w: { env_file: [2.env] } }",
      "/app/1.env": "A=1\nB=1",
      "/app/2.env": "B=2",
    },
    { files: ["a.yaml", "b.yaml"] },
  );
  assert.deepEqual(good(result).services[0]?.process.environment, { A: "1", B: "2" });
});

test("maps are merged by key, but a test is replaced", async () => {
  const { health } = await spec(
    "command: x, healthcheck: { test: [CMD, a, b], retries: 7 }",
    "healthcheck: { test: [CMD, c], interval: 1s }",
  );
  assert.deepEqual([health?.test.words, health?.retries, health?.intervalMs], [["c"], 7, 1000]);
});

test("another kind of readiness takes the place of the first, and keeps its timeout", async () => {
  const { ready } = await spec(
    "command: x, ready: { tcp: 80, timeout: 7s }",
    "ready: { notify: true }",
  );
  assert.deepEqual(ready, { check: { kind: "notify" }, timeoutMs: 7000 });
  const kept = await spec("command: x, ready: { tcp: 80, timeout: 7s }", "ready: { timeout: 9s }");
  assert.deepEqual(kept.ready, {
    check: { kind: "tcp", host: "127.0.0.1", port: 80, intervalMs: 50 },
    timeoutMs: 9000,
  });
});

test("options of another logging driver are not taken over", async () => {
  const file = "logging: { driver: file, options: { path: a, max-size: 1m } }";
  assert.deepEqual((await spec(`command: x, ${file}`, "logging: { driver: none }")).logging, {
    driver: "none",
  });
  assert.deepEqual(
    (await spec(`command: x, ${file}`, "logging: { options: { path: b } }")).logging,
    {
      driver: "file",
      path: "/app/b",
      maxSizeBytes: 1_048_576,
      maxAgeMs: null,
      maxFiles: 5,
      maxTotalBytes: null,
      compression: null,
      format: "plain",
      timestamps: "utc",
    },
  );
});

test("!override replaces and !reset takes away", async () => {
  const web = await spec(
    "command: x, environment: { A: 1 }, cap_add: [KILL], nice: 3",
    "environment: !override { B: 2 }, cap_add: !reset [], nice: !reset null",
  );
  assert.deepEqual(web.process.environment, { B: "2" });
  assert.deepEqual(web.process.capAdd, []);
  assert.equal(web.process.nice, null);
});

test("services of both files are there, the first file's first", async () => {
  const result = await loadFiles(
    {
      "/app/a.yaml": "name: one\nservices: { b: { command: x } }",
      "/app/b.yaml": "name: two\nservices: { a: { command: x }, b: { nice: 1 } }",
    },
    { files: ["a.yaml", "b.yaml"] },
  );
  assert.deepEqual(
    good(result).services.map(({ name }) => name),
    ["b", "a"],
  );
  assert.equal(good(result).name, "two");
});

test("paths of every file are relative to the directory of the first", async () => {
  const result = await loadFiles(
    {
      "/app/a.yaml": "services: { w: { command: x } }",
      "/etc/b.yaml": "services: { w: { working_dir: w } }",
    },
    { files: ["a.yaml", "/etc/b.yaml"] },
  );
  assert.equal(good(result).services[0]?.process.workingDirectory, "/app/w");
});

test("a mistake is told of the file in which it stands, in the order of the files", async () => {
  const result = await merged(
    "command: x, nice: 99, environment: [=]",
    "umask: 9, environment: [A=1], cap_add: [NOPE]",
  );
  assert.deepEqual(messages(result), [
    'cannot read "a.yaml", line 1, column 38: nice must be a whole number from -20 to 19, found 99',
    'cannot read "a.yaml", line 1, column 56: a key of environment must be a name without =, found ""',
    'cannot read "b.yaml", line 1, column 27: umask must be octal digits such as "022", found 9',
    'cannot read "b.yaml", line 1, column 60: cap_add[0] must be a capability such as NET_BIND_SERVICE, or ALL, found "NOPE"',
  ]);
});

test("the place of a field is the place where it was written last", async () => {
  const result = await merged("command: x,\n nice: 1, environment: { A: 1 }", "nice: 2");
  assert.deepEqual(result.locate("web", "nice"), { file: "b.yaml", line: 1, column: 20 });
  assert.deepEqual(result.locate("web", "environment.A"), { file: "a.yaml", line: 2, column: 26 });
  assert.deepEqual(result.locate("web", "environment.B"), { file: "a.yaml", line: 2, column: 11 });
  assert.deepEqual(result.locate("web", "umask"), { file: "b.yaml", line: 1, column: 13 });
  assert.equal(result.locate("nope", "nice"), null);
});

test("a replica stands where its service stands", async () => {
  const result = await merged("command: x", "scale: 2");
  assert.deepEqual(result.locate("web-2", "scale"), { file: "b.yaml", line: 1, column: 20 });
  assert.equal(result.locate("web-3", "scale"), null);
});
