import { z } from "zod";
import { word } from "./schema-leaf.js";
import { shapeError } from "./schema-values.js";
import { suggestion } from "./suggest.js";

export function choice<const T extends string>(fallback: T, words: readonly T[]): z.ZodType<T> {
  const allowed =
    words.length === 1 ? (words[0] ?? "") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
  return word(allowed, words, (found) => suggestion(found, words)).prefault(fallback);
}

export function object<T extends z.ZodRawShape>(shape: T, allowed: string): z.ZodObject<T> {
  return z.strictObject(shape, shapeError(Object.keys(shape), allowed));
}

export function list<T>(item: z.ZodType<T>, allowed: string): z.ZodType<readonly T[]> {
  return z.array(item, { error: allowed });
}

export function record<T>(
  key: z.ZodType<string>,
  value: z.ZodType<T>,
  allowed: string,
): z.ZodType<Readonly<Record<string, T>>> {
  return z.record(key as z.ZodType<string, string>, value, { error: allowed });
}
