import { z } from "zod";
import type { RestartPolicy, SignalName } from "@supervise/model";
import { capabilityNames, parseCapability } from "./capability-names.js";
import type { CommandText, LimitFields } from "./fields.js";
import { parseByteSize, parseDuration } from "./quantity.js";
import { leaf, NUMBER_TEXT, refuse, text, whole } from "./schema-leaf.js";
import type { JsonFacts, LeafParams } from "./schema-leaf.js";
import { parseSignal, signalNames } from "./signal-names.js";
import { suggestion } from "./suggest.js";

/** Milliseconds. */
export function duration(allowed = "a duration such as 10s", minimumMs = 0): z.ZodType<number> {
  return leaf(
    allowed,
    ["string", "number"],
    { title: "duration", type: "string", examples: ["10s", "1m30s", "500ms"] },
    (value) => {
      const ms =
        typeof value === "number" && value !== 0
          ? null
          : value === 0
            ? 0
            : parseDuration(value as string);
      if (ms !== null) return ms < minimumMs ? refuse() : ms;
      return refuse(
        null,
        /^[0-9.]+$/.test(String(value)) ? `a duration needs a unit: ${value}s or ${value}ms` : null,
      );
    },
  );
}

/** Bytes. */
export function byteSize(): z.ZodType<number> {
  return leaf(
    "a size in bytes such as 10m",
    ["string", "number"],
    { title: "size", type: ["string", "integer"], examples: ["10m", "1gb"] },
    (value) => {
      const bytes = parseByteSize(String(value));
      return bytes === null || bytes === 0 ? refuse() : bytes;
    },
  );
}

export function signal(): z.ZodType<SignalName> {
  return leaf(
    "the name or number of a signal such as SIGTERM",
    ["string", "number"],
    { title: "signal", type: ["string", "integer"], examples: ["SIGTERM", "HUP", 15] },
    (value) => {
      return (
        parseSignal(String(value)) ??
        refuse(null, suggestion(signalLike(String(value)), signalNames))
      );
    },
  );
}

function signalLike(found: string): string {
  return found.toUpperCase().startsWith("SIG") ? found : `SIG${found}`;
}

/** `auto`, or a port. */
export function ownPort(): z.ZodType<"auto" | number> {
  return leaf(
    "auto or a port from 1 to 65535",
    ["string", "number"],
    { anyOf: [{ const: "auto" }, { type: "integer", minimum: 1, maximum: 65_535 }, NUMBER_TEXT] },
    (value) => {
      if (value === "auto") return value;
      const found = /^[0-9]+$/.test(String(value)) ? Number(value) : 0;
      return found >= 1 && found <= 65_535 ? found : refuse();
    },
  );
}

export function capability(): z.ZodType<string> {
  return leaf(
    "a capability such as NET_BIND_SERVICE, or ALL",
    ["string"],
    { title: "capability", type: "string", examples: ["NET_BIND_SERVICE"] },
    (value) => {
      return (
        parseCapability(value as string) ??
        refuse(null, suggestion((value as string).replace(/^CAP_/i, ""), capabilityNames))
      );
    },
  );
}

/** Octal digits, as umask(1) takes them: `022`, `"022"` and `0o22` are one. */
export function umask(): z.ZodType<number> {
  const json = { anyOf: [{ type: "string", pattern: "^(0o)?[0-7]{1,4}$" }, { type: "integer" }] };
  return leaf('octal digits such as "022"', ["string", "number"], json, (value) => {
    const digits = /^(?:0o)?([0-7]{1,4})$/.exec(String(value))?.[1];
    const mask = digits === undefined ? Number.NaN : Number.parseInt(digits, 8);
    return mask <= 0o777 ? mask : refuse();
  });
}

export function user(): z.ZodType<string> {
  return text("a user name or number, with an optional :group", (found) =>
    /^[^\s:]+(:[^\s:]+)?$/.test(found) ? found : refuse(),
  );
}

export function restartPolicy(): z.ZodType<RestartPolicy> {
  const words = ["no", "always", "on-failure", "unless-stopped"];
  const json = {
    type: "string",
    pattern: "^(no|always|unless-stopped|on-failure(:[0-9]+)?)$|\\$",
    examples: [...words, "on-failure:5"],
  };
  return leaf(
    "no, always, on-failure, on-failure:N or unless-stopped",
    ["string", "boolean"],
    json,
    (value): RestartPolicy | ReturnType<typeof refuse> => {
      if (value === "no" || value === "always" || value === "unless-stopped")
        return { kind: value };
      const failure = /^on-failure(?::([0-9]{1,9}))?$/.exec(String(value));
      if (failure !== null)
        return { kind: "on-failure", limit: failure[1] === undefined ? null : Number(failure[1]) };
      return refuse(
        null,
        value === false
          ? 'write "no" in quotes'
          : suggestion(String(value).replace(/:.*$/, ""), words),
      );
    },
  );
}

/** A path or name that is not empty and holds no NUL. */
export function path(what = "a path"): z.ZodType<string> {
  return text(what, (found) => (found === "" || found.includes("\0") ? refuse() : found));
}

export function command(): z.ZodType<CommandText> {
  const item = text("a string", (found) =>
    found.includes("\0") ? refuse("a NUL character cannot be passed to a program") : found,
  );
  const line = text(
    "a command",
    (found) => (found.trim() === "" || found.includes("\0") ? refuse() : found),
    { type: "string" },
  );
  const list = z
    .array(item, { error: "a list of words" })
    .min(1, { error: "a list with at least one word" });
  return z.union([line, list], { error: "a string or a list of words" });
}

const TEST_KINDS = ["CMD", "CMD-SHELL", "NONE"];

/** The test of a healthcheck: a string for the shell, or a list that says what it is. */
export function healthTest(): z.ZodType<string | readonly string[]> {
  const line = text("a command", (found) => (found.trim() === "" ? refuse() : found), {
    type: "string",
  });
  const words = z
    .array(text("a string"), { error: "a list of words" })
    .superRefine((list, context) => {
      const issue = (message: string, place: number[], hint: string | null): void => {
        const params: LeafParams = { wrongKind: false, because: null, hint };
        context.addIssue({ code: "custom", message, path: place, params: { ...params } });
      };
      const [kind, ...rest] = list;
      if (kind === undefined) issue("a list that begins with CMD, CMD-SHELL or NONE", [], null);
      else if (!TEST_KINDS.includes(kind)) {
        issue(
          "CMD, CMD-SHELL or NONE",
          [0],
          suggestion(kind, TEST_KINDS) ?? `put CMD first: [CMD, ${list.join(", ")}]`,
        );
      } else if (kind === "CMD" && rest.length === 0)
        issue("a list with at least one word after CMD", [], null);
      else if (kind === "CMD-SHELL" && rest.length !== 1)
        issue("a list with exactly one string after CMD-SHELL", [], null);
      else if (kind === "NONE" && rest.length > 0)
        issue("a list with nothing after NONE", [], null);
    });
  return z.union([line, words], {
    error: "a string, or a list that begins with CMD, CMD-SHELL or NONE",
  });
}

/** One limit of setrlimit(2); null is "unlimited". */
export function limit(): z.ZodType<LimitFields> {
  const value = limitValue();
  const both = value.transform((one): LimitFields => ({ soft: one, hard: one }));
  const pair = z
    .strictObject(
      { soft: limitValue(), hard: limitValue() },
      shapeError(["soft", "hard"], "a map with soft and hard"),
    )
    .superRefine(({ soft, hard }, context) => {
      if ((soft ?? Infinity) <= (hard ?? Infinity)) return;
      const params: LeafParams = {
        wrongKind: false,
        because: `${soft ?? "unlimited"} is over ${hard}`,
        hint: null,
      };
      context.addIssue({
        code: "custom",
        message: "a map with soft not over hard",
        params: { ...params },
      });
    });
  return z.union([both, pair], { error: 'a number, "unlimited", or a map with soft and hard' });
}

function limitValue(): z.ZodType<number | null> {
  const json: JsonFacts = {
    title: "number or `unlimited`",
    type: ["integer", "string"],
    examples: [4096, "unlimited"],
  };
  return leaf<number | null>(
    'a whole number, or "unlimited"',
    ["string", "number"],
    json,
    (value) => {
      if (value === "unlimited" || String(value) === "-1") return null;
      const found = /^[0-9]+$/.test(String(value)) ? Number(value) : Number.NaN;
      return Number.isSafeInteger(found) ? found : refuse();
    },
  );
}

export function port(): z.ZodType<{ readonly host: string; readonly port: number }> {
  const json = {
    title: "`host:port` or port",
    type: ["string", "integer"],
    examples: ["127.0.0.1:8080", 8080],
  };
  return leaf('"host:port" or a port number', ["string", "number"], json, (value) => {
    const match = /^(?:(\[[0-9A-Fa-f:.%]+\]|[^\s:[\]]+):)?([0-9]{1,5})$/.exec(String(value));
    const number = Number(match?.[2]);
    if (match === null || number < 1 || number > 65_535) return refuse();
    return { host: (match[1] ?? "127.0.0.1").replace(/^\[|\]$/g, ""), port: number };
  });
}

export function httpUrl(): z.ZodType<string> {
  return text("a URL that begins with http:// or https://", (found) =>
    /^https?:\/\//i.test(found) && URL.canParse(found) ? found : refuse(),
  );
}

export function regularExpression(): z.ZodType<string> {
  return text("a regular expression", (found) => {
    try {
      RegExp(found, "u");
      return found;
    } catch (error) {
      return refuse(
        (error instanceof Error ? error.message : String(error))
          .replace(/^Invalid regular expression: /, "")
          .replace(/^.*: ([^:]+)$/s, "$1"),
      );
    }
  });
}

export function descriptor(): z.ZodType<number> {
  return whole("a descriptor from 3 to 1023 (0 to 2 are standard input and output)", 3, 1023);
}

/**
 * The `error` option of a strict object: what is allowed, and for unknown keys the keys it has, which the diagnostic needs to
 * suggest one.
 */
export function shapeError(
  keys: readonly string[],
  allowed: string,
): { readonly error: (issue: { readonly code?: string }) => string } {
  return { error: (issue) => (issue.code === "unrecognized_keys" ? keys.join(" ") : allowed) };
}
