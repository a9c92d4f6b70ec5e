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
export function configurationOptions(context: Asked): LoadOptions {
  const files = filesHere(context);
  if (files.length === 0) {
    throw new NoConfigurationError(context.io.workingDirectory);
  }
  return optionsOf(context, files);
}

/**
 * The files of a supervisor that starts, which it reads again at each reload. One that takes another's place has its configuration already: where no file is here any more, it has
 * the name that is looked for first, and a reload says that it is gone.
 */
export function filesToReload(context: Asked): readonly string[] {
  const files = filesHere(context);
  return files.length > 0 ? files : ["supervise.yaml"];
}

function filesHere({ io, options }: Asked): readonly string[] {
  const named = optionList(options, "file");
  return named.length > 0 ? named : defaultFiles(io.workingDirectory, existsSync);
}

function optionsOf({ io, options }: Asked, files: readonly string[]): LoadOptions {
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

/** Loads these files with what a running supervisor was asked for. */
export function loadAsked(
  context: Asked & Pick<VerbContext, "version">,
  files: readonly string[],
  { scales, texts }: LoadAsked,
): Promise<LoadedConfiguration> {
  const options = optionsOf(context, files);
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
