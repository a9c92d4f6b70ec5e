import { resolve } from "node:path";
import type { AssignedPorts } from "./assigned-ports.js";
import type { DiagnosticList } from "./diagnostics.js";
import type { Draft } from "./draft.js";
import type { Sources } from "./sources.js";
import { valueAt } from "./tree.js";

/** Variables of one service: a Procfile's .env and PORT, env_file in its order, `port`, then `environment`. */
export function serviceEnvironment(
  draft: Draft,
  ports: AssignedPorts,
  sources: Sources,
  diagnostics: DiagnosticList,
): Map<string, string> {
  const result = new Map(ports.variables(draft.name));
  const { env_file: files, environment } = draft.fields;
  for (const [index, { path, required }] of files.entries()) {
    const read = sources.variablesOf(resolve(sources.directory, path));
    if (read.ok) for (const [name, value] of read.variables) result.set(name, value);
    else if (required || !read.missing) {
      diagnostics.error(
        valueAt(draft.tree, ["env_file", index]).at,
        `env_file "${path}" cannot be read: ${read.cause}`,
        read.missing ? "{ path: …, required: false } lets it be absent" : null,
      );
    }
  }
  const port = ports.asked(draft);
  if (port !== null) result.set("PORT", port);
  for (const [name, value] of Object.entries(environment)) {
    // A name alone that is not set anywhere leaves what an env_file said, as in Compose.
    const taken = value ?? sources.lookUp(name);
    if (taken !== undefined) result.set(name, taken);
  }
  return result;
}
