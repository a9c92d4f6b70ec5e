import type { Configuration, Diagnostic, Scales } from "@supervise/model";
import type { Position } from "./tree.js";

/** Returns the text of a file; throws an error with a `code` such as "ENOENT", or `UnreadableText`. */
export type ReadFile = (path: string) => string;

/** What decides the result of a load, besides the contents of files and variables. */
export interface LoadOptions {
  /** Merged in this order; relative ones are relative to `workingDirectory`. */
  readonly files: readonly string[];
  /** Absolute. */
  readonly workingDirectory: string;
  readonly profiles: readonly string[];
  /** Wins over `name:` and over the directory's name. */
  readonly projectName?: string;
  /** First PORT of a Procfile's process types and of services with `port: auto`. Default: PORT of .env, else of the environment, else 5000. */
  readonly portBase?: number;
  /** Numbers of replicas that an operator asked for. */
  readonly scales?: Scales;
}

export interface LoadRequest extends LoadOptions {
  /** For interpolation and for variables that are taken over; wins over .env. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly readFile: ReadFile;
}

/** A file that was read, or looked for and not found (or not readable). */
export interface Input {
  /** Absolute. */
  readonly path: string;
  /** Null: it could not be read. */
  readonly text: string | null;
}

/** Places of services and their fields: by service and by dotted field ("healthcheck.interval", "" for the service itself). */
export interface Locations {
  readonly files: readonly string[];
  readonly services: Readonly<
    Record<string, Readonly<Record<string, readonly [file: number, line: number, column: number]>>>
  >;
}

export interface LoadResult {
  /** Null where there was an error. */
  readonly configuration: Configuration | null;
  /** Every mistake, in the order of files and lines. Warnings alone leave a configuration. */
  readonly diagnostics: readonly Diagnostic[];
  /**
   * Where a field stands ("command", "environment.PORT"); where it is not written, the nearest one around it. `name` is a
   * service or a replica of one. Null: no such service.
   */
  locate(name: string, field: string): Position | null;
  readonly locations: Locations;
  readonly inputs: readonly Input[];
  /** Every variable of the environment that was looked up, and its value; null: it was not set. */
  readonly environmentUsed: Readonly<Record<string, string | null>>;
  readonly options: LoadOptions;
}

/** The `locate` of a result. */
export function createLocate(
  locations: () => Locations,
  configuration: Configuration | null,
): LoadResult["locate"] {
  return (name, field) => {
    const { files, services } = locations();
    const service = Object.hasOwn(services, name)
      ? name
      : configuration?.services.find((spec) => spec.name === name)?.service;
    const fields = service === undefined ? undefined : services[service];
    if (fields === undefined) return null;
    let key = field;
    while (key !== "" && !Object.hasOwn(fields, key))
      key = key.slice(0, Math.max(0, key.lastIndexOf(".")));
    const place = fields[key];
    if (place === undefined) return null;
    return { file: files[place[0]] ?? "", line: place[1], column: place[2] };
  };
}
