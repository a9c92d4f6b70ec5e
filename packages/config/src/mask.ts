import type { z } from "zod";
import type { DiagnosticList } from "./diagnostics.js";
import { explain } from "./explain.js";
import { refuse, text } from "./schema-leaf.js";
import { list } from "./schema-shapes.js";
import { entry, plain } from "./tree.js";
import type { MapValue } from "./tree.js";

const ALLOWED = "a pattern of names of environment variables such as *_PASSWORD";

/** Patterns of names of environment variables. */
export const maskPatterns: z.ZodType<readonly string[]> = list(
  text(ALLOWED, (value) => (/^[A-Za-z0-9_*?]+$/.test(value) ? value : refuse())),
  "a list of patterns",
).meta({
  description:
    "Values of environment variables with such names are masked in the lines of services, and in what they say of their status.",
});

/** `mask` at the top level; nothing where it has mistakes, which are reported. */
export function readMask(tree: MapValue, diagnostics: DiagnosticList): readonly string[] {
  const value = entry(tree, "mask");
  if (value === undefined) return [];
  const result = maskPatterns.safeParse(plain(value));
  if (result.success) return result.data;
  explain(result.error.issues, "mask", value, diagnostics);
  return [];
}
