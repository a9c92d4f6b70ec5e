import { existsSync } from "node:fs";
import { defaultFiles, describeDiagnostic } from "@supervise/config";
import type { LoadOptions } from "@supervise/config";
import type { Configuration, Diagnostic } from "@supervise/model";
import type { LoadAsked } from "@supervise/supervisor";
import { optionList, optionText } from "./common-options.js";
import { loadWithCache, loadWithTexts } from "./load.js";
import type { LoadedConfiguration } from "./load.js";
import { CommandError, EXIT_CONFIGURATION } from "./verb.js";
import type { VerbContext } from "./verb.js";

type Asked = Pick<VerbContext, "io" | "options">;

/** None is named, and none is here. */
export class NoConfigurationError extends CommandError {
  constructor(directory: string) {
    super(
      `cannot find a configuration in "${directory}": neither supervise.yaml, supervise.yml nor Procfile is there`,
      {
        exitCode: EXIT_CONFIGURATION,
        hint: "name one with --file, or have one made with supervise new",
      },
    );
  }
}

/** Which configuration the options name. Throws `CommandError` where there is none. */
export function configurationOptions({ io, options }: Asked): LoadOptions {
  const named = optionList(options, "file");
  const files = named.length > 0 ? named : defaultFiles(io.workingDirectory, existsSync);
  if (files.length === 0) {
    throw new NoConfigurationError(io.workingDirectory);
  }
  const projectName = optionText(options, "project-name");
  return {
    files,
    workingDirectory: io.workingDirectory,
    profiles: optionList(options, "profile"),
    ...(projectName === null ? {} : { projectName }),
  };
}

/** Loads what the options name. Throws `CommandError` where there is none; mistakes in it are diagnostics. */
export function loadFor(
  context: Asked & Pick<VerbContext, "version">,
): Promise<LoadedConfiguration> {
  return loadWithCache(configurationOptions(context), context.io.environment, context.version);
}

/** The same with what a running supervisor was asked for. */
export function loadAsked(
  context: Asked & Pick<VerbContext, "version">,
  { scales, texts }: LoadAsked,
): Promise<LoadedConfiguration> {
  const options = configurationOptions(context);
  const asked = Object.keys(scales).length === 0 ? options : { ...options, scales };
  const { environment } = context.io;
  return texts === null
    ? loadWithCache(asked, environment, context.version)
    : loadWithTexts(asked, environment, texts);
}

/** Loads and tells every mistake and warning on stderr. Null: there was a mistake. */
export async function loadOrTell(context: VerbContext): Promise<Configuration | null> {
  const { configuration, diagnostics } = await loadFor(context);
  tellDiagnostics(context, diagnostics);
  return configuration;
}

/** One sentence for each on stderr, and its hint below it. */
export function tellDiagnostics({ io }: Asked, diagnostics: readonly Diagnostic[]): void {
  for (const diagnostic of diagnostics) io.err(`supervise: ${describeDiagnostic(diagnostic)}\n`);
}
