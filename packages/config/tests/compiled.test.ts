import assert from "node:assert/strict";
import { test } from "node:test";
import { readCompiled, writeCompiled } from "@supervise/config";
import type { CompiledRequest, LoadRequest } from "@supervise/config";
import { good, loadFiles, memoryReader } from "./support/load.js";

const files: Readonly<Record<string, string>> = {
  "/app/supervise.yaml": `services:
  web: { command: 'x $A $NO', scale: 3, env_file: e.env, environment: [B], depends_on: [db], logging: { driver: file, options: { path: l } } }
  db: { command: [y, z], restart: always, ready: { tcp: 1 }, ulimits: { core: 0 } }`,
  "/app/e.env": "C=1",
};
const environment = { A: "a", B: "b", UNUSED: "u" };
const load: LoadRequest = {
  files: ["supervise.yaml"],
  workingDirectory: "/app",
  environment,
  profiles: [],
  readFile: memoryReader(files),
};
const request: CompiledRequest = { ...load, version: "1.0" };

async function compiled(): Promise<string> {
  const text = writeCompiled(await loadFiles(files, load), "1.0");
  assert.ok(text !== null);
  return text;
}

test("a compiled configuration is what was loaded, with its warnings and places", async () => {
  const loaded = await loadFiles(files, load);
  const read = readCompiled(await compiled(), request);
  assert.ok(read !== null);
  assert.deepEqual(read.configuration, good(loaded));
  assert.deepEqual(read.diagnostics, loaded.diagnostics);
  assert.equal(read.diagnostics.length, 1);
  assert.deepEqual(read.inputs, loaded.inputs);
  assert.deepEqual(read.environmentUsed, loaded.environmentUsed);
  for (const [name, field] of [
    ["web-2", "command"],
    ["db", "ulimits.core"],
    ["web", ""],
  ] as const) {
    assert.ok(read.locate(name, field) !== null);
    assert.deepEqual(read.locate(name, field), loaded.locate(name, field));
  }
  assert.equal(read.locate("nope", ""), null);
});

test("a compiled configuration can be compiled again to the same text", async () => {
  const text = await compiled();
  const read = readCompiled(text, request);
  assert.ok(read !== null);
  assert.equal(writeCompiled(read, "1.0"), text);
});

test("equal parts of specs are one object", async () => {
  const services = readCompiled(await compiled(), request)?.configuration?.services ?? [];
  assert.equal(services[0]?.process.environment, services[1]?.process.environment);
  assert.equal(services[0]?.restartDelay, services[3]?.restartDelay);
});

test("a variable that nothing looked at may change", async () => {
  assert.ok(
    readCompiled(await compiled(), { ...request, environment: { A: "a", B: "b" } }) !== null,
  );
});

const changes: readonly (readonly [string, Partial<CompiledRequest>])[] = [
  [
    "the file",
    {
      readFile: memoryReader({
        ...files,
        "/app/supervise.yaml": `${files["/app/supervise.yaml"]} `,
      }),
    },
  ],
  ["the env_file", { readFile: memoryReader({ ...files, "/app/e.env": "C=2" }) }],
  [
    "a file that is gone",
    { readFile: memoryReader({ "/app/supervise.yaml": files["/app/supervise.yaml"] ?? "" }) },
  ],
  ["a .env that has come", { readFile: memoryReader({ ...files, "/app/.env": "" }) }],
  ["a variable", { environment: { ...environment, A: "other" } }],
  ["a variable taken over", { environment: { ...environment, B: "other" } }],
  ["a variable that is gone", { environment: { A: "a" } }],
  ["a variable that has come", { environment: { ...environment, NO: "" } }],
  ["the version", { version: "1.1" }],
  ["the files asked for", { files: ["./supervise.yaml"] }],
  ["the working directory", { workingDirectory: "/app/" }],
  ["the profiles", { profiles: ["dev"] }],
  ["the project name", { projectName: "other" }],
  ["the base of ports", { portBase: 1 }],
];

for (const [what, change] of changes) {
  test(`another load is needed after a change of ${what}`, async () => {
    assert.equal(readCompiled(await compiled(), { ...request, ...change }), null);
  });
}

test("a text that is damaged anywhere is another load, never an error or another configuration", async () => {
  const text = await compiled();
  const whole = good(await loadFiles(files, load));
  for (let end = 0; end < text.length; end += 7)
    assert.equal(readCompiled(text.slice(0, end), request), null);
  assert.equal(readCompiled(text + text, request), null);
  for (const bad of ["", "\n\n\n", "{}\n{}\n{}\n", "null\nnull\nnull\n", "[]\n[]\n[]\n"])
    assert.equal(readCompiled(bad, request), null);
  assert.deepEqual(readCompiled(text, request)?.configuration, whole);
});

test("a load with errors cannot be compiled", async () => {
  const result = await loadFiles({ "/app/supervise.yaml": "services: {}" });
  assert.equal(writeCompiled(result, "1.0"), null);
});

test("a configuration without services that run is compiled too", async () => {
  const own = { "/app/supervise.yaml": "services: { a: { command: x, profiles: [p] } }" };
  const text = writeCompiled(await loadFiles(own), "1.0");
  assert.ok(text !== null);
  const read = readCompiled(text, { ...request, environment: {}, readFile: memoryReader(own) });
  assert.deepEqual(read?.configuration?.services, []);
});
