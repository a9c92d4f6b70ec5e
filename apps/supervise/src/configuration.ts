import { existsSync } from "node:fs";
import { defaultFiles, describeDiagnostic, type LoadOptions } from "@supervise/config";
import type { Configuration, Diagnostic } from "@supervise/model";
import { optionList, optionText } from "./common-options.js";
import { loadWithCache, type LoadedConfiguration } from "./load.js";
import { CommandError, EXIT_CONFIGURATION, type VerbContext } from "./verb.js";

/** Which configuration the options name. Throws `CommandError` where there is none. */
export function configurationOptions(context: VerbContext): LoadOptions {
  const { options, io } = context;
  const named = optionList(options, "file");
  const files = named.length > 0 ? named : defaultFiles(io.workingDirectory, existsSync);
  if (files.length === 0) {
    throw new CommandError(`cannot find a configuration in "${io.workingDirectory}": neither supervise.yaml, supervise.yml nor Procfile is there`, {
      exitCode: EXIT_CONFIGURATION,
      hint: "name one with --file",
    });
  }
  const projectName = optionText(options, "project-name");
  return {
    files,
    workingDirectory: io.workingDirectory,
    profiles: optionList(options, "profile"),
    ...(projectName === null ? {} : { projectName }),
  };
}

export function loadFor(context: VerbContext): Promise<LoadedConfiguration> {
  return loadWithCache(configurationOptions(context), context.io.environment, context.version);
}

/** Loads and tells every mistake and warning on stderr. Null: there was a mistake. */
export async function loadOrTell(context: VerbContext): Promise<Configuration | null> {
  const { configuration, diagnostics } = await loadFor(context);
  tellDiagnostics(context, diagnostics);
  return configuration;
}

export function tellDiagnostics(context: VerbContext, diagnostics: readonly Diagnostic[]): void {
  for (const diagnostic of diagnostics) context.io.err(`supervise: ${describeDiagnostic(diagnostic)}\n`);
}
