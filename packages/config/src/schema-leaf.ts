import { z } from "zod";

/** Why a leaf refuses a value. */
export interface Refusal {
  readonly refused: true;
  /** True: not even the right kind of value (a map where a word is wanted, say); another form of a union may fit better. */
  readonly wrongKind: boolean;
  /** Added to the message behind a colon. */
  readonly because: string | null;
  readonly hint: string | null;
}

/** What the issue of a leaf carries besides its message, which is the text of what is allowed. */
export type LeafParams = Pick<Refusal, "wrongKind" | "because" | "hint">;

export function refuse(because: string | null = null, hint: string | null = null): Refusal {
  return { refused: true, wrongKind: false, because, hint };
}

const WRONG_KIND: Refusal = { refused: true, wrongKind: true, because: null, hint: null };

/** Facts for the JSON schema: keywords of JSON Schema 2020-12. */
export type JsonFacts = Readonly<Record<string, unknown>>;

/**
 * One value of the configuration: what is allowed, in words; the same for the JSON schema; and the conversion. `read` gets a
 * string, number or boolean (where `kinds` has it) and returns the converted value or a refusal.
 */
export function leaf<T extends string | number | boolean | object | null>(
  allowed: string,
  kinds: readonly ("string" | "number" | "boolean")[],
  json: JsonFacts,
  read: (value: string | number | boolean) => T | Refusal,
): z.ZodType<T> {
  return z
    .unknown()
    .meta({ ...json })
    .transform((value, context): T => {
      const fits = (kinds as readonly string[]).includes(typeof value);
      const result = fits ? read(value as string | number | boolean) : WRONG_KIND;
      if (!isRefusal(result)) return result;
      const params: LeafParams = {
        wrongKind: result.wrongKind,
        because: result.because,
        hint: result.hint,
      };
      context.addIssue({ code: "custom", message: allowed, params: { ...params }, input: value });
      return z.NEVER;
    });
}

/** A string. Numbers and booleans count as they are written. */
export function text(
  allowed: string,
  read?: (value: string) => string | Refusal,
  json: JsonFacts = {},
): z.ZodType<string> {
  return leaf(
    allowed,
    ["string", "number", "boolean"],
    { type: ["string", "number", "boolean"], ...json },
    (value) => read?.(String(value)) ?? String(value),
  );
}

/** One of a few words. */
export function word<const T extends string>(
  allowed: string,
  words: readonly T[],
  suggest: (found: string) => string | null,
): z.ZodType<T> {
  return leaf(
    allowed,
    ["string", "number", "boolean"],
    { anyOf: [{ enum: [...words] }, VARIABLE] },
    (value) => {
      return words.find((candidate) => candidate === value) ?? refuse(null, suggest(String(value)));
    },
  );
}

/** A whole number within bounds; also as a string, because a variable may stand for it. */
export function whole(allowed: string, minimum: number, maximum: number): z.ZodType<number> {
  const json = { anyOf: [{ type: "integer", minimum, maximum }, NUMBER_TEXT] };
  return leaf(allowed, ["string", "number"], json, (value) => {
    const found =
      typeof value === "number"
        ? value
        : /^[+-]?[0-9]+$/.test(value as string)
          ? Number(value)
          : Number.NaN;
    return Number.isInteger(found) && found >= minimum && found <= maximum ? found : refuse();
  });
}

/** A number within bounds, fractions included. */
export function decimal(allowed: string, minimum: number, maximum: number): z.ZodType<number> {
  const json = { anyOf: [{ type: "number", minimum, maximum }, NUMBER_TEXT] };
  return leaf(allowed, ["string", "number"], json, (value) => {
    const found =
      typeof value === "number"
        ? value
        : /^[+-]?[0-9]+(\.[0-9]+)?$/.test(value as string)
          ? Number(value)
          : Number.NaN;
    return found >= minimum && found <= maximum ? found : refuse();
  });
}

/** True or false; also as a string, because a variable may stand for it. */
export function flag(): z.ZodType<boolean> {
  return leaf(
    "true or false",
    ["string", "boolean"],
    { anyOf: [{ type: "boolean" }, FLAG_TEXT] },
    (value) => {
      const found = String(value).toLowerCase();
      if (found === "true" || found === "false") return found === "true";
      return refuse(
        null,
        /^(yes|on|y|no|off|n)$/.test(found)
          ? `write ${/^(y|on)/.test(found) ? "true" : "false"}`
          : null,
      );
    },
  );
}

/** In the JSON schema, forms that a variable may stand in, or has stood in. */
export const NUMBER_TEXT = { type: "string", pattern: "^[+-]?[0-9.]+$|\\$" };
const FLAG_TEXT = { type: "string", pattern: "^([Tt]rue|TRUE|[Ff]alse|FALSE)$|\\$" };
const VARIABLE = { type: "string", pattern: "\\$" };

function isRefusal(result: unknown): result is Refusal {
  return typeof result === "object" && result !== null && "refused" in result;
}
