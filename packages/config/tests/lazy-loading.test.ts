import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, readdir } from "node:fs/promises";
import { test } from "node:test";
import { promisify } from "node:util";
import { temporaryDirectory } from "@supervise/testkit";

/** Scripts that a program of its own loaded from files, as V8 counts them when it ends. */
async function scriptsOf(program: string, directory: string): Promise<string[]> {
  const env = { ...process.env, NODE_V8_COVERAGE: directory };
  await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program], {
    cwd: import.meta.dirname,
    env,
  });
  const reports = await Promise.all(
    (await readdir(directory)).map((name) => readFile(`${directory}/${name}`, "utf8")),
  );
  const results = reports.flatMap(
    (text) => (JSON.parse(text) as { result: { url: string }[] }).result,
  );
  return results.map(({ url }) => url).filter((url) => url.startsWith("file:"));
}

const PARSER = /\/(?:yaml|zod)\/|\/config\/dist\/(?:load|schema)\.js$/;

test("to read a compiled configuration, neither parser nor schema is loaded", async (t) => {
  const program = `import { readCompiled, defaultFiles, describeDiagnostic, validateNames } from "@supervise/config";
    if (readCompiled("x", {}) !== null) process.exit(1);`;
  const scripts = await scriptsOf(program, temporaryDirectory(t));
  assert.ok(
    scripts.some((url) => url.endsWith("/config/dist/compiled.js")),
    "the reader itself is in the report",
  );
  assert.deepEqual(
    scripts.filter((url) => PARSER.test(url)),
    [],
  );
});

test("to load a configuration, both are, so that the test above means something", async (t) => {
  const program = `import { loadConfiguration } from "@supervise/config";
    await loadConfiguration({ files: [], workingDirectory: "/", environment: {}, profiles: [], readFile: () => "" });`;
  const scripts = await scriptsOf(program, temporaryDirectory(t));
  for (const name of ["/yaml/", "/zod/", "/config/dist/load.js"])
    assert.ok(
      scripts.some((url) => url.includes(name)),
      name,
    );
});
