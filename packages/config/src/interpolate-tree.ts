import type { DiagnosticList } from "./diagnostics.js";
import { interpolate } from "./interpolate.js";
import type { LookUp } from "./interpolate.js";
import type { MapEntry, Value } from "./tree.js";

/** Replaces the variables in every string of the tree; keys stay as they are. Extensions (`x-…`) may be merged in, so they count. */
export function interpolateTree(value: Value, lookUp: LookUp, diagnostics: DiagnosticList): Value {
  if (value.kind === "list")
    return {
      ...value,
      items: value.items.map((item) => interpolateTree(item, lookUp, diagnostics)),
    };
  if (value.kind === "map") {
    const entries = new Map<string, MapEntry>();
    for (const [key, { keyAt, value: inner }] of value.entries)
      entries.set(key, { keyAt, value: interpolateTree(inner, lookUp, diagnostics) });
    return { ...value, entries };
  }
  if (typeof value.value !== "string" || !value.value.includes("$")) return value;
  const { text, problems } = interpolate(value.value, lookUp);
  for (const { severity, offset, message, hint } of problems)
    diagnostics[severity](value.positionOf(offset), message, hint);
  // Offsets into the new text say nothing about the file.
  return { ...value, value: text, positionOf: () => value.at };
}
