import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { promisify } from "node:util";
import { jsonSchema } from "@supervise/config";
import { serviceShape } from "#config/schema.js";

interface Node {
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly patternProperties?: Readonly<Record<string, unknown>>;
  readonly additionalProperties?: unknown;
  readonly required?: readonly string[];
  readonly anyOf?: readonly Node[];
}

const schema = (await jsonSchema()) as Node & {
  readonly $schema: string;
  readonly $defs: { readonly service: Node };
};

test("the JSON schema has every key that validation has, each with its meaning", () => {
  const { service } = schema.$defs;
  assert.deepEqual(Object.keys(service.properties ?? {}), Object.keys(serviceShape));
  for (const [key, { description }] of Object.entries(service.properties ?? {}))
    assert.ok((description ?? "").length > 10, key);
  assert.equal(schema.$schema, "https://json-schema.org/draft/2020-12/schema");
});

test("it refuses unknown keys and lets x- keys pass, at the top and in a service", () => {
  for (const node of [schema, schema.$defs.service]) {
    assert.equal(node.additionalProperties, false);
    assert.deepEqual(node.patternProperties, { "^x-": {} });
  }
  assert.deepEqual(schema.required, ["services"]);
  assert.equal(schema.$defs.service.required, undefined);
});

test("it tells defaults as they are written in a file", () => {
  const { service } = schema.$defs;
  assert.equal(service.properties?.["stop_grace_period"]?.default, "10s");
  assert.equal(service.properties?.["healthcheck"]?.properties?.["interval"]?.default, "30s");
  assert.equal(service.properties?.["restart"]?.default, "no");
});

test("it can be printed: it is plain JSON", () => {
  assert.deepEqual(JSON.parse(JSON.stringify(schema)), schema);
});

const script = new URL("../../scripts/option-table.mjs", import.meta.url);

test("the tables of options in the documentation are what the schema says", async () => {
  await promisify(execFile)(process.execPath, [script.pathname, "--check"]);
});

test("every key of a service is in the documentation", async () => {
  const page = await readFile(
    new URL("../../../../docs/configuration.md", import.meta.url),
    "utf8",
  );
  for (const key of Object.keys(serviceShape)) assert.ok(page.includes(`| \`${key}\` `), key);
});
