import type { Configuration, Diagnostic } from "@supervise/model";
import { packSpecs, unpackSpecs } from "./compiled-specs.js";
import type { PackedSpecs } from "./compiled-specs.js";
import { createLocate } from "./request.js";
import type { Input, Locations, LoadOptions, LoadResult, ReadFile } from "./request.js";

/** Grows with each change of the text's form. */
const FORM = 5;

/** First line of a compiled configuration: all that decides whether the rest still holds. */
interface Header {
  readonly form: number;
  readonly version: string;
  readonly options: LoadOptions;
  readonly inputs: readonly Input[];
  readonly environmentUsed: Readonly<Record<string, string | null>>;
}

/** Second line. */
type PackedConfiguration = Omit<Configuration, "services"> & { readonly services: PackedSpecs };

/** Third line: what is needed only when somebody asks. */
interface Details {
  readonly diagnostics: readonly Diagnostic[];
  readonly locations: Locations;
}

export interface CompiledRequest extends LoadOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly readFile: ReadFile;
  /** Of the program: another version compiles anew. */
  readonly version: string;
}

/**
 * The result of a load as text, for `readCompiled`: three lines of JSON. It holds the files themselves (comparing
 * them costs less than loading a digest) and the environment of services, and so whatever secrets stand there: the file must be readable by its owner alone. Null: the load had errors.
 */
export function writeCompiled(result: LoadResult, version: string): string | null {
  if (result.configuration === null) return null;
  const header: Header = {
    form: FORM,
    version,
    options: optionsOf(result.options),
    inputs: result.inputs,
    environmentUsed: result.environmentUsed,
  };
  const details: Details = { diagnostics: result.diagnostics, locations: result.locations };
  const packed: PackedConfiguration = {
    ...result.configuration,
    services: packSpecs(result.configuration.services),
  };
  return `${JSON.stringify(header)}\n${JSON.stringify(packed)}\n${JSON.stringify(details)}\n`;
}

/**
 * The result that `loadConfiguration` would give, from the text of `writeCompiled`; null where it must be loaded anew: another
 * version, other options, a file or variable that changed, or a text that is damaged. Loads no parser.
 */
export function readCompiled(text: string, request: CompiledRequest): LoadResult | null {
  try {
    return read(text, request);
  } catch {
    // Not JSON, or JSON of another form: as if it were not there.
    return null;
  }
}

function read(text: string, request: CompiledRequest): LoadResult | null {
  const [first = "", second = "", third = "", end] = text.split("\n", 5);
  // A text that was cut off lacks the last newline.
  if (end !== "") return null;
  const header = JSON.parse(first) as Header;
  if (header.form !== FORM || header.version !== request.version) return null;
  if (JSON.stringify(header.options) !== JSON.stringify(optionsOf(request))) return null;
  for (const [name, value] of Object.entries(header.environmentUsed)) {
    const now = Object.hasOwn(request.environment, name) ? request.environment[name] : undefined;
    if ((now ?? null) !== value) return null;
  }
  for (const { path, text: then } of header.inputs)
    if (textOf(path, request.readFile) !== then) return null;
  const packed = JSON.parse(second) as PackedConfiguration;
  const configuration: Configuration = { ...packed, services: unpackSpecs(packed.services) };
  let parsed: Details | null = null;
  const details = (): Details => (parsed ??= JSON.parse(third) as Details);
  return {
    configuration,
    get diagnostics() {
      return details().diagnostics;
    },
    locate: createLocate(() => details().locations, configuration),
    get locations() {
      return details().locations;
    },
    inputs: header.inputs,
    environmentUsed: header.environmentUsed,
    options: header.options,
  };
}

function textOf(path: string, readFile: ReadFile): string | null {
  try {
    return readFile(path);
  } catch {
    // Not readable, as `text: null` says of an input.
    return null;
  }
}

/** In one order of keys, without what is not an option. */
function optionsOf(options: LoadOptions): LoadOptions {
  const { files, workingDirectory, profiles, projectName, portBase, scales } = options;
  return {
    files,
    workingDirectory,
    profiles,
    ...(projectName === undefined ? {} : { projectName }),
    ...(portBase === undefined ? {} : { portBase }),
    ...(scales === undefined ? {} : { scales }),
  };
}
