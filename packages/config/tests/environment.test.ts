import assert from "node:assert/strict";
import { test } from "node:test";
import { good, loadFiles, messages } from "./support/load.js";
import type { LoadRequest } from "@supervise/config";

async function environmentOf(
  keys: string,
  files: Record<string, string | null> = {},
  options: Partial<LoadRequest> = {},
): Promise<Readonly<Record<string, string>>> {
  const result = await loadFiles(
    { "/app/supervise.yaml": `services: { a: { command: x, ${keys} } }`, ...files },
    options,
  );
  return good(result).services[0]?.process.environment ?? {};
}

test("a map and a list of variables are one", async () => {
  const expected = { A: "1", B: "", C: "x=y" };
  assert.deepEqual(await environmentOf("environment: { A: 1, B: '', C: 'x=y' }"), expected);
  assert.deepEqual(await environmentOf("environment: [A=1, B=, C=x=y]"), expected);
});

test("a name without a value takes it from the environment, else from .env, else leaves it out", async () => {
  const files = { "/app/.env": "B=dot\nA=dot" };
  const environment = { A: "outer" };
  assert.deepEqual(await environmentOf("environment: { A: , B: , C: }", files, { environment }), {
    A: "outer",
    B: "dot",
  });
  assert.deepEqual(await environmentOf("environment: [A, B, C]", files, { environment }), {
    A: "outer",
    B: "dot",
  });
});

test("a later env_file wins over an earlier one, and environment over them all", async () => {
  const files = { "/app/a.env": "A=1\nB=1\nC=1", "/app/sub/b.env": "B=2\nC=2" };
  assert.deepEqual(await environmentOf("env_file: [a.env, sub/b.env], environment: [C=3]", files), {
    A: "1",
    B: "2",
    C: "3",
  });
  assert.deepEqual(await environmentOf("env_file: a.env", files), { A: "1", B: "1", C: "1" });
});

test(".env fills in variables of the file but is not the environment of a service", async () => {
  const files = { "/app/.env": "A=dot" };
  assert.deepEqual(await environmentOf("environment: { X: $A }", files), { X: "dot" });
  assert.deepEqual(
    await environmentOf("environment: { X: $A }", files, { environment: { A: "outer" } }),
    { X: "outer" },
  );
});

test(".env is the one beside the first file", async () => {
  const files = {
    "/app/.env": "A=wrong",
    "/etc/shop/.env": "A=right",
    "/etc/shop/s.yaml": "services: { a: { command: x $A, working_dir: w } }",
  };
  const spec = good(await loadFiles(files, { files: ["/etc/shop/s.yaml"] })).services[0];
  assert.deepEqual(spec?.process.command.words, ["x", "right"]);
  assert.equal(spec?.process.workingDirectory, "/etc/shop/w");
});

test("an env_file may be absent where it is not required, but not unreadable", async () => {
  assert.deepEqual(await environmentOf("env_file: [{ path: no.env, required: false }]"), {});
  const result = await loadFiles({
    "/app/supervise.yaml":
      "services: { a: { command: x, env_file: [{ path: secret.env, required: false }] } }",
    "/app/secret.env": null,
  });
  assert.deepEqual(messages(result), [
    'cannot read "supervise.yaml", line 1, column 41: env_file "secret.env" cannot be read: permission denied (EACCES)',
  ]);
});

test("a mistake inside an env_file names that file, once for all who use it", async () => {
  const files = {
    "/app/supervise.yaml":
      "services: { a: { command: x, env_file: e.env }, b: { command: x, env_file: e.env } }",
    "/app/e.env": "A=1\n?",
  };
  const result = await loadFiles(files);
  assert.deepEqual(messages(result), [
    'cannot read "e.env", line 2, column 1: a line must be NAME=value, found "?"',
  ]);
  assert.equal(result.configuration, null);
});

for (const [files, asked, message] of [
  [{}, ["supervise.yaml"], 'cannot read "supervise.yaml": no such file (ENOENT)'],
  [
    { "/app/supervise.yaml": null },
    ["supervise.yaml"],
    'cannot read "supervise.yaml": permission denied (EACCES)',
  ],
  [
    { "/app/.env": null, "/app/supervise.yaml": "services: { a: { command: x } }" },
    ["supervise.yaml"],
    'cannot read ".env": permission denied (EACCES)',
  ],
  [{}, [], 'cannot read "/app": no configuration file is named'],
] as const) {
  test(message, async () => {
    const result = await loadFiles(files, { files: asked });
    assert.deepEqual(messages(result), [message]);
    assert.equal(result.configuration, null);
  });
}

test("every file that was missing is said, not the first alone", async () => {
  const result = await loadFiles({}, { files: ["a.yaml", "b.yaml"] });
  assert.deepEqual(messages(result), [
    'cannot read "a.yaml": no such file (ENOENT)',
    'cannot read "b.yaml": no such file (ENOENT)',
  ]);
});

test("files that were read or looked for, and variables that were looked up, are all accounted for", async () => {
  const files = {
    "/app/supervise.yaml":
      "services: { a: { command: 'x $A ${B:-b}', env_file: [e.env, { path: no.env, required: false }], environment: [C] } }",
    "/app/e.env": "D=$E\nF=${D}",
  };
  const result = await loadFiles(files, { environment: { A: "a", D: "outer", UNUSED: "x" } });
  assert.deepEqual(
    result.inputs.map(({ path, text }) => [path, text !== null]),
    [
      ["/app/.env", false],
      ["/app/supervise.yaml", true],
      ["/app/e.env", true],
      ["/app/no.env", false],
    ],
  );
  assert.deepEqual(result.environmentUsed, { A: "a", B: null, C: null, D: "outer", E: null });
});
