import { existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { createClient } from "@supervise/control";
import type { ControlClient } from "@supervise/control";
import type { LogSource } from "@supervise/log";
import type { Configuration, ServiceSpec } from "@supervise/model";
import { matchNames, sinksOf, UnknownServiceError } from "@supervise/model";
import { optionList, optionText } from "../common-options.js";
import { configurationOptions, loadFor } from "../configuration.js";
import { loadWithCache } from "../load.js";
import type { PlacedConfiguration } from "../load.js";
import { findSocket } from "../locate.js";
import { CommandError, EXIT_CONFIGURATION } from "../verb.js";
import type { VerbContext } from "../verb.js";

/** A service whose lines are wanted, and where they are. */
export interface LogPlace {
  readonly name: string;
  /** Its place among all services, from 1: its colour. */
  readonly number: number;
  /** Its files; null: its lines are in the supervisor's memory only. */
  readonly source: LogSource | null;
  /** Its other log files, which say the same. */
  readonly others: readonly LogSource[];
}

export interface LogPlaces {
  readonly places: readonly LogPlace[];
  readonly client: ControlClient;
  readonly socketPath: string;
  /** Null: a supervisor answers. Else why none does. */
  readonly silence: Error | null;
}

/**
 * Which services the words name, and where their lines are. A supervisor that answers says which services there are; the configuration says which files they have, also where no supervisor
 * lives. Throws `ControlError` where neither can tell, `CommandError` where a name is unknown.
 */
export async function findPlaces(context: VerbContext): Promise<LogPlaces> {
  const named = optionText(context.options, "socket") !== null;
  const own = named ? null : await ownConfiguration(context);
  const socketPath = await findSocket(context);
  const client = createClient({ socketPath });
  const { words } = context;
  let names: readonly string[];
  let silence: Error | null = null;
  try {
    // Without the socket there is nobody to ask: where files have everything, the client need not even be loaded.
    if (own !== null && !existsSync(socketPath) && haveFiles(own, words)) throw new NobodyError();
    names = (await client.services(words)).map(({ name }) => name);
  } catch (error) {
    if (own === null || !(error instanceof Error) || !isSilence(error)) throw error;
    silence = error;
    names = namesIn(own, words);
  }
  const known = own ?? (await askedConfiguration(context, client));
  const specs = known?.services ?? [];
  const places = names.map((name, index) => {
    const at = specs.findIndex((spec) => spec.name === name);
    const [source = null, ...others] = sourcesOf(specs[at]);
    return { name, number: (at < 0 ? index : at) + 1, source, others };
  });
  return { places, client, socketPath, silence };
}

/** The files of these services, as the supervisor's own configuration has them; those without any are left out. */
export async function logSources(
  context: VerbContext,
  client: ControlClient,
  names: readonly string[],
): Promise<readonly LogSource[]> {
  const known = await askedConfiguration(context, client);
  const specs = new Map(known?.services.map((spec) => [spec.name, spec]));
  return names.flatMap((name) => sourcesOf(specs.get(name)).slice(0, 1));
}

/** No control socket is there. */
class NobodyError extends Error {
  readonly code = "not-running";
}

function haveFiles(own: Configuration, words: readonly string[]): boolean {
  const names = new Set(namesIn(own, words));
  return own.services.every((spec) => !names.has(spec.name) || sourcesOf(spec).length > 0);
}

function isSilence(error: Error): boolean {
  return (
    "code" in error &&
    ["not-running", "not-allowed", "connection-lost"].includes(String(error.code))
  );
}

/** Null: there is none here, and none was named; or it has mistakes, and the supervisor is asked which files it has. */
async function ownConfiguration(context: VerbContext): Promise<Configuration | null> {
  try {
    configurationOptions(context);
  } catch (error) {
    const absent = error instanceof CommandError && error.exitCode === EXIT_CONFIGURATION;
    if (absent && optionList(context.options, "file").length === 0) return null;
    throw error;
  }
  return (await loadFor(context)).configuration;
}

/** What the supervisor was started with. Null: it cannot be read from here, and only the supervisor's memory is left. */
async function askedConfiguration(
  context: VerbContext,
  client: ControlClient,
): Promise<Configuration | null> {
  return (await askedFiles(context, client))?.loaded.configuration ?? null;
}

/** The files that the supervisor was started with, and what is in them. Null: it is gone again, or they are not ours to read. */
export async function askedFiles(
  { io, version, options }: VerbContext,
  client: ControlClient,
): Promise<{ readonly files: readonly string[]; readonly loaded: PlacedConfiguration } | null> {
  try {
    const { configurationFiles: files, name, scales } = await client.project();
    const [first] = files;
    if (first === undefined) return null;
    const request = {
      files,
      workingDirectory: dirname(first),
      profiles: optionList(options, "profile"),
      projectName: name,
      ...(scales === undefined ? {} : { scales }),
    };
    return { files, loaded: await loadWithCache(request, io.environment, version) };
  } catch {
    // It is gone again, or its files are not ours to read: what it has in memory is shown.
    return null;
  }
}

function namesIn({ services }: Configuration, words: readonly string[]): readonly string[] {
  try {
    return matchNames(words, services);
  } catch (error) {
    if (!(error instanceof UnknownServiceError)) throw error;
    throw new CommandError(error.message, { hint: error.hint });
  }
}

/** The files of a service that can be read again, its first sink before the others. */
function sourcesOf(spec: ServiceSpec | undefined): readonly LogSource[] {
  if (spec === undefined) return [];
  return sinksOf(spec.logging).flatMap((sink) => {
    // What is written to /dev/stdout or a pipe cannot be read again.
    if ((sink.driver !== "file" && sink.driver !== "direct") || isStream(sink.path)) return [];
    const raw = sink.driver === "direct" || sink.format === "raw";
    return { service: spec.name, path: sink.path, form: raw ? "raw" : "auto" };
  });
}

function isStream(path: string): boolean {
  try {
    const found = statSync(path);
    return found.isFIFO() || found.isCharacterDevice() || found.isSocket();
  } catch {
    // Not there yet, or not ours to see: reading it tells.
    return false;
  }
}
