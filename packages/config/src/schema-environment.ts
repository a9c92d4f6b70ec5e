import { z } from "zod";
import { limitNames } from "./capability-names.js";
import type { DependencyFields, EnvFileFields, LimitFields } from "./fields.js";
import { flag, leaf, refuse, text } from "./schema-leaf.js";
import { choice, object, record } from "./schema-shapes.js";
import { limit, path } from "./schema-values.js";

export function environment(): z.ZodType<Readonly<Record<string, string | null>>> {
  const value = leaf<string | null>(
    "a string, a number or nothing",
    ["string", "number", "boolean"],
    { type: ["string", "number", "boolean", "null"] },
    (found) =>
      String(found).includes("\0")
        ? refuse("a NUL character cannot stand in the environment")
        : String(found),
  );
  const map = z.record(
    variableName() as z.ZodType<string, string>,
    z.union([z.null(), value], { error: "a string, a number or nothing" }),
    { error: "a map or a list of NAME=value" },
  );
  const pair = text(
    "NAME=value or NAME",
    (found) => (/^[^=\0]+(=[^\0]*)?$/s.test(found) ? found : refuse()),
    { type: "string" },
  );
  const pairs = z
    .array(pair, { error: "a list of NAME=value" })
    .transform((items) => Object.fromEntries(items.map(splitPair)));
  return z.union([map, pairs], { error: "a map of names to values, or a list of NAME=value" });
}

function splitPair(pair: string): [string, string | null] {
  const equals = pair.indexOf("=");
  return equals === -1 ? [pair, null] : [pair.slice(0, equals), pair.slice(equals + 1)];
}

function variableName(): z.ZodType<string> {
  return z.string().regex(/^[^=\0]+$/, { error: "a name without =" });
}

export function envFile(): z.ZodType<readonly EnvFileFields[]> {
  const one = path("a path or a map with path and required").transform((found): EnvFileFields => ({
    path: found,
    required: true,
  }));
  const long = object(
    {
      path: path(),
      required: flag().prefault(true).describe("false: a missing file is no error."),
    },
    "a map with path and required",
  );
  const item = z.union([one, long], { error: "a path, or a map with path and required" });
  return z.union([one.transform((found) => [found]), z.array(item, { error: "a list of paths" })], {
    error: "a path or a list of paths",
  });
}

export function dependsOn(): z.ZodType<Readonly<Record<string, DependencyFields>>> {
  const conditions = [
    "service_started",
    "service_healthy",
    "service_completed_successfully",
  ] as const;
  const dependency = object(
    {
      condition: choice("service_started", conditions).describe(
        "What has to be reached: started (and ready, where it says so), healthy, or ended with success.",
      ),
      required: flag()
        .prefault(true)
        .describe("false: go on without it where it is absent or has failed."),
      restart: flag()
        .prefault(false)
        .describe(
          "true: stop and restart this service when the other is stopped or restarted on command.",
        ),
    },
    "a map with condition, required and restart",
  );
  const names = z.array(text("the name of a service", undefined, { type: "string" }), {
    error: "a list of services",
  });
  const short = names.transform((items) =>
    Object.fromEntries(
      items.map((name) => [
        name,
        { condition: "service_started" as const, required: true, restart: false },
      ]),
    ),
  );
  return z.union([short, z.record(z.string(), dependency, { error: "a map of services" })], {
    error: "a list of services, or a map from services to conditions",
  });
}

export function ulimits(): z.ZodType<Readonly<Record<string, LimitFields>>> {
  return record(limitName(), limit(), "a map from limits to numbers");
}

function limitName(): z.ZodType<string> {
  return z
    .string()
    .refine((found) => limitNames.includes(found), { error: `one of ${limitNames.join(", ")}` })
    .meta({ enum: [...limitNames] });
}
