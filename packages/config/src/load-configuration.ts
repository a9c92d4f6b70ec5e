import type { LoadRequest, LoadResult } from "./request.js";

/**
 * Reads, merges and checks the files of a request. Bad input is never thrown: every mistake is a diagnostic, and
 * `configuration` is then null. The parsers are loaded at the first call only, so that a start from a compiled configuration
 * does not pay for them.
 */
export async function loadConfiguration(request: LoadRequest): Promise<LoadResult> {
  const { load } = await import("./load.js");
  return load(request);
}

/** JSON Schema (draft 2020-12) of a configuration file, made from the schema that validates. */
export async function jsonSchema(): Promise<object> {
  const { createJsonSchema } = await import("./json-schema.js");
  return createJsonSchema();
}
