import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { makeDirectories } from "@supervise/sys";
import {
  loadConfiguration,
  readCompiled,
  writeCompiled,
  type LoadOptions,
  type LoadResult,
} from "@supervise/config";
import type { Configuration, Diagnostic } from "@supervise/model";
import { readText } from "./read-text.js";

export interface LoadedConfiguration {
  /** Null where there was an error. */
  readonly configuration: Configuration | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** The same with the places of everything in the files. */
export type PlacedConfiguration = LoadedConfiguration &
  Pick<LoadResult, "locate" | "locations" | "inputs">;

/**
 * The configuration, compiled once and kept under the user's cache directory: reading it back costs a hundredth of parsing and checking it. It is
 * used only while every file and variable that it was made from is the same to the letter, and only from a directory that nobody else can write.
 */
export async function loadWithCache(
  options: LoadOptions,
  environment: NodeJS.ProcessEnv,
  version: string,
): Promise<PlacedConfiguration> {
  const path = compiledPath(options, environment);
  if (path !== null) {
    const text = readOwn(path);
    const compiled =
      text === null
        ? null
        : readCompiled(text, { ...options, environment, readFile: readText, version });
    if (compiled !== null) return compiled;
  }
  const result = await loadConfiguration({ ...options, environment, readFile: readText });
  if (path !== null && result.configuration !== null)
    keep(path, writeCompiled(result, version) ?? "");
  return result;
}

/** Without the cache, and with these texts in place of the files of these paths. */
export function loadWithTexts(
  options: LoadOptions,
  environment: NodeJS.ProcessEnv,
  texts: Readonly<Record<string, string>>,
): Promise<LoadedConfiguration> {
  return loadConfiguration({
    ...options,
    environment,
    readFile: (path) => {
      const text = Object.hasOwn(texts, path) ? texts[path] : undefined;
      return text ?? readText(path);
    },
  });
}

/** Without the cache, and with the places of everything in the files. */
export function loadFresh(
  options: LoadOptions,
  environment: NodeJS.ProcessEnv,
): Promise<LoadResult> {
  return loadConfiguration({
    ...options,
    environment,
    readFile: readText,
  });
}

/** One file for each set of options. The name need not be unique: what is in it is compared. */
function compiledPath(options: LoadOptions, environment: NodeJS.ProcessEnv): string | null {
  const base = environment["XDG_CACHE_HOME"] ?? homeCache();
  if (!base?.startsWith("/")) return null;
  let hash = 0x811c9dc5;
  for (const character of JSON.stringify(options))
    hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0;
  return join(base, "supervise", `compiled-${hash.toString(16)}.json`);
}

/** Null: in a container a user may have neither `HOME` nor an entry in /etc/passwd. */
function homeCache(): string | null {
  try {
    return join(homedir(), ".cache");
  } catch {
    // ENOENT: the configuration is read as if there were no cache.
    return null;
  }
}

/** Null: not there, or somebody else could have written it. */
function readOwn(path: string): string | null {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch {
    // Not there or not readable: the configuration is read as if there were no cache.
    return null;
  }
  try {
    const { uid, mode } = fstatSync(fd);
    return uid === process.geteuid?.() && (mode & 0o022) === 0 ? readFileSync(fd, "utf8") : null;
  } finally {
    closeSync(fd);
  }
}

function keep(path: string, text: string): void {
  const aside = `${path}.${process.pid}`;
  // The home of an account without one, /nonexistent say, is not made for it.
  if (!existsSync(dirname(dirname(dirname(path))))) return;
  try {
    makeDirectories(dirname(path), 0o700);
    writeFileSync(aside, text, { mode: 0o600 });
    renameSync(aside, path);
  } catch {
    // A read-only home is no reason to say anything: only the next start is slower.
  }
}
