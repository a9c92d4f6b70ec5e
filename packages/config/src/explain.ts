import type { z } from "zod";
import type { DiagnosticList } from "./diagnostics.js";
import type { LeafParams } from "./schema-leaf.js";
import { suggestion } from "./suggest.js";
import { keyPosition, valueAt } from "./tree.js";
import type { Value } from "./tree.js";

type Issue = z.core.$ZodIssue;

/**
 * Says what the schema found, in our words and with places: `name` is how the message calls the value, `root` the value itself.
 */
export function explain(
  issues: readonly Issue[],
  name: string,
  root: Value,
  diagnostics: DiagnosticList,
): void {
  for (const issue of issues) explainOne(issue, name, root, issue.path, diagnostics);
}

const NOTHING_MORE = { because: null, hint: null };

function explainOne(
  issue: Issue,
  name: string,
  root: Value,
  path: readonly PropertyKey[],
  diagnostics: DiagnosticList,
): void {
  if (issue.code === "unrecognized_keys") {
    for (const key of issue.keys) {
      const known = issue.message.split(" ");
      diagnostics.error(
        keyPosition(root, path, key),
        `unknown key "${key}" in ${pathText(name, path)}`,
        suggestion(key, known) ?? `its keys are ${known.join(", ")}`,
      );
    }
    return;
  }
  if (issue.code === "invalid_key") {
    const key = String(path.at(-1));
    const allowed = issue.issues[0]?.message ?? "";
    const at = keyPosition(root, path.slice(0, -1), key);
    diagnostics.error(
      at,
      `a key of ${pathText(name, path.slice(0, -1))} must be ${allowed}, found ${quote(key)}`,
      suggestion(key, allowed.replace(/^one of /, "").split(", ")),
    );
    return;
  }
  if (issue.code === "invalid_union") {
    const branch = issue.errors.find((errors) => errors.length > 0 && !errors.some(isWrongKind));
    if (branch !== undefined) {
      for (const inner of branch)
        explainOne(inner, name, root, [...path, ...inner.path], diagnostics);
      return;
    }
  }
  const { because, hint } = issue.code === "custom" ? (issue.params as LeafParams) : NOTHING_MORE;
  if (isMissing(root, path)) {
    const parent = path.slice(0, -1);
    diagnostics.error(
      valueAt(root, parent).at,
      `${pathText(name, parent)} needs ${String(path.at(-1))}, which must be ${issue.message}`,
      hint,
    );
    return;
  }
  const value = valueAt(root, path);
  diagnostics.error(
    value.at,
    `${pathText(name, path)} must be ${issue.message}, found ${found(value)}${because === null ? "" : `: ${because}`}`,
    hint,
  );
}

/** The value is not even of the kind that this branch of a union takes. */
function isWrongKind(issue: Issue): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === "custom") return (issue.params as LeafParams).wrongKind;
  if (issue.code === "invalid_union")
    return issue.errors.every((errors) => errors.some(isWrongKind));
  return issue.code === "invalid_type";
}

function isMissing(root: Value, path: readonly PropertyKey[]): boolean {
  const parent = valueAt(root, path.slice(0, -1));
  return path.length > 0 && parent.kind === "map" && !parent.entries.has(String(path.at(-1)));
}

/** `healthcheck.test[1]`. */
export function pathText(name: string, path: readonly PropertyKey[]): string {
  return (
    name +
    path.map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`)).join("")
  );
}

/** The value as a message shows it. */
export function found(value: Value): string {
  if (value.kind === "list") return value.items.length === 0 ? "an empty list" : "a list";
  if (value.kind === "map") return value.entries.size === 0 ? "an empty map" : "a map";
  if (value.value === null) return "nothing";
  return typeof value.value === "string" ? quote(value.value) : String(value.value);
}

const LONGEST = 60;

/** In double quotes, and not too long. */
export function quote(text: string): string {
  return `"${text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text}"`;
}
